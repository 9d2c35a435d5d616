output "web_acl" {
  description = "Name and ARN of the web ACL."
  value = {
    name = aws_wafv2_web_acl.this.name
    arn  = aws_wafv2_web_acl.this.arn
  }
}

output "log_group" {
  description = "Name of the log group."
  value       = aws_cloudwatch_log_group.this.name
}
