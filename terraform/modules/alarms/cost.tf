# What the alarms cost. CloudWatch bills an alarm by the metrics that it reads, and one with a band by its bounds, too.

locals {
  prices = jsondecode(file("${path.module}/../../costs.json")).monthly

  counts = {
    metric_alarms    = length(local.named.metric)
    alarm_metrics    = sum(concat([0], [for of in values(local.named.metric) : local.metrics_read[of.definition]]))
    composite_alarms = length(local.composite_named)
    custom_metrics   = local.prices.custom_metrics.deployment + local.prices.custom_metrics.source * length(var.deployment.sources)
  }

  metrics_read = {
    for definition, entry in local.definitions.metric :
    definition => length(keys(merge(concat([for name in try(entry.metric_sets, []) : local.metric_sets[name]], [try(entry.metrics, {})])...))) + (can(entry.band) ? 2 : 0)
  }
}
