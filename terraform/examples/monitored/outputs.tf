output "topic_arns" {
  description = "Topics to which the watching account subscribes, by severity."
  value       = module.tracehook.topic_arns
}

output "alarm_names" {
  description = "Names of the alarms."
  value       = module.tracehook.alarm_names
}

output "dashboard_urls" {
  description = "Dashboards, by name."
  value       = module.tracehook.dashboard_urls
}

output "log_group_names" {
  description = "Log groups, for a link of CloudWatch's observability access manager."
  value       = module.tracehook.log_group_names
}
