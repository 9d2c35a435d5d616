output "url" {
  description = "Where the API is reached, without a slash at its end."
  value       = var.custom_domain == null ? aws_api_gateway_stage.this.invoke_url : "https://${var.custom_domain.domain_name}"

  # Nothing is reached before the records and the mapping are there.
  depends_on = [aws_api_gateway_base_path_mapping.this, aws_route53_record.this]
}

output "api" {
  description = "Name, id and stage of the API."
  value = {
    name  = aws_api_gateway_rest_api.this.name
    id    = aws_api_gateway_rest_api.this.id
    stage = aws_api_gateway_stage.this.stage_name
  }
}

output "log_groups" {
  description = "Names of the log groups of access and execution."
  value       = [aws_cloudwatch_log_group.access.name, aws_cloudwatch_log_group.execution.name]
}

output "stage_arn" {
  description = "ARN of the stage, for the web ACL."
  value       = aws_api_gateway_stage.this.arn
}

output "deployment_digest" {
  description = "Digest of what is deployed; it changes when and only when the API has to be deployed again."
  value       = aws_api_gateway_deployment.this.triggers.redeployment
}

output "usage_plan_id" {
  description = "Id of the usage plan for readers of statuses; null where no API key is needed."
  value       = one(aws_api_gateway_usage_plan.status[*].id)
}

output "domain_target" {
  description = "What the custom domain's record must point to where Terraform does not make it; null without a custom domain."
  value       = one(aws_api_gateway_domain_name.this[*].regional_domain_name)
}
