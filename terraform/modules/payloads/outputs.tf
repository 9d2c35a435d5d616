output "bucket" {
  description = "Name and ARN of the bucket."
  value = {
    name = aws_s3_bucket.this.bucket
    arn  = aws_s3_bucket.this.arn
  }

  # Functions are deployed when the bucket is closed and encrypted.
  depends_on = [
    aws_s3_bucket_ownership_controls.this,
    aws_s3_bucket_policy.this,
    aws_s3_bucket_server_side_encryption_configuration.this,
  ]
}

output "expire_after_days" {
  description = "The age in days from which objects are deleted."
  value       = aws_s3_bucket_lifecycle_configuration.this.rule[0].expiration[0].days
}
