output "topic_arns" {
  description = "ARNs of the topics, by severity."
  value       = local.topic_arns
}

output "unconfirmed_subscriptions" {
  description = "The subscriptions that nobody has confirmed yet, by their names."
  value       = [for name, subscription in aws_sns_topic_subscription.this : name if subscription.pending_confirmation]
}

output "alarm_names" {
  description = "Names of all alarms."
  value       = sort([for name, _ in local.all_named : "${var.deployment.prefix}-${name}"])

  precondition {
    condition     = alltrue([for definition, _ in local.divided : !can(regex("[^A-Z_(]\\(|AND|NOT|OK\\(|INSUFFICIENT_DATA", local.rules_written[definition]))])
    error_message = "A rule with tiers_by must be ALARM(…) OR ALARM(…)."
  }
}

output "alarms" {
  description = "For each alarm, by its name without the prefix: its kind (metric or composite), definition, title, runbook, and unit and threshold, which are null for alarms on alarms."
  value = {
    for name, alarm in local.all_alarms : name => {
      kind       = can(local.named.metric[name]) ? "metric" : "composite"
      definition = local.all_named[name].definition
      title      = alarm.title
      runbook    = alarm.runbook
      unit       = try(alarm.unit, null)
      threshold  = try(tonumber(alarm.threshold), null)
    }
  }
}

output "cost" {
  description = "What watching has a month: the number of alarms on metrics, of the metrics in them, of alarms on alarms and of the functions' own metrics, and their list price in USD. costs.json has the prices, from memory, and their date."
  value = merge(local.counts, {
    usd_a_month = tonumber(format("%.2f", sum([
      local.counts.alarm_metrics * local.prices.alarm_metric,
      local.counts.composite_alarms * local.prices.composite_alarm,
      local.counts.custom_metrics * local.prices.custom_metric,
    ])))
  })
}
