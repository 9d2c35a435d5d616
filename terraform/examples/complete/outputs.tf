output "webhook_endpoint" {
  description = "Where producers send webhooks."
  value       = module.tracehook.webhook_endpoint
}

output "status_endpoint" {
  description = "Where statuses are read."
  value       = module.tracehook.status_endpoint
}

output "usage_plan_id" {
  description = "Id of the usage plan to which readers' API keys are added."
  value       = module.tracehook.usage_plan_id
}

output "topic_arns" {
  description = "ARNs of the topics that alarms publish to."
  value       = module.tracehook.topic_arns
}

output "put_secret_command" {
  description = "Puts the secret's value from the file secret.json."
  value       = module.tracehook.put_secret_command
}
