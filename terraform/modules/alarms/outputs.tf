output "topic_arns" {
  description = "ARNs of the topics, by severity."
  value       = { for severity, topic in aws_sns_topic.this : severity => topic.arn }
}

output "alarm_names" {
  description = "Names of all alarms."
  value       = sort([for name, _ in local.all_alarms : "${var.deployment.prefix}-${name}"])
}

output "alarms" {
  description = "For each alarm, by its name without the prefix: its definition, title, runbook, and unit and threshold, which are null for alarms on alarms."
  value = {
    for name, alarm in local.all_alarms : name => {
      definition = alarm.definition
      title      = alarm.title
      runbook    = alarm.runbook
      unit       = try(alarm.unit, null)
      threshold  = try(tonumber(alarm.threshold), null)
    }
  }
}
