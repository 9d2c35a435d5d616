output "webhook_endpoint" {
  description = "The URL to enter at GitHub, with the content type application/json."
  value       = "${module.tracehook.webhook_endpoint}/github"
}

output "put_secret_command" {
  description = "Puts the secret's value from the file secret.json."
  value       = module.tracehook.put_secret_command
}
