output "webhook_endpoint" {
  description = "Where producers send webhooks: /NAME of the source follows."
  value       = module.tracehook.webhook_endpoint
}

output "secrets_to_put" {
  description = "The sources whose secrets are put by hand."
  value       = module.tracehook.secrets_to_put
}
