output "arn" {
  description = "ARN of the secret."
  value       = aws_secretsmanager_secret.this.arn
}

output "first_version_id" {
  description = "Id of the version with the first value; null where it was put."
  value       = one(aws_secretsmanager_secret_version.first[*].version_id)
}
