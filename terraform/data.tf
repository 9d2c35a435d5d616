# Alarms and dashboards are data: templates that get the names of this deployment, so that whatever is watched and its
# alarm come from the same map.

locals {
  alarms_dir     = var.alarms_dir == null ? "${path.module}/../alarms" : var.alarms_dir
  dashboards_dir = var.dashboards_dir == null ? "${path.module}/../dashboards" : var.dashboards_dir

  deployment = {
    prefix            = var.name_prefix
    region            = data.aws_region.current.region
    functions         = { for name, _ in local.functions : name => "${var.name_prefix}-${name}" }
    timeouts_ms       = { for name, f in local.functions : name => f.timeout_seconds * 1000 }
    table             = "${var.name_prefix}-webhooks"
    api               = var.name_prefix
    stage             = var.stage_name
    dead_letter_queue = "${var.name_prefix}-dead-letters"
    web_acl           = var.waf.enabled ? var.name_prefix : ""
  }

  alarm_files = [
    for file in sort(fileset(local.alarms_dir, "*.yaml")) : yamldecode(templatefile("${local.alarms_dir}/${file}", local.deployment))
  ]
  metric_alarms    = merge([for file in local.alarm_files : try(file.metric_alarms, {})]...)
  composite_alarms = merge([for file in local.alarm_files : try(file.composite_alarms, {})]...)

  dashboards = {
    for file in fileset(local.dashboards_dir, "*.json.tftpl") :
    trimsuffix(file, ".json.tftpl") => templatefile("${local.dashboards_dir}/${file}", local.deployment)
  }
}

data "aws_region" "current" {}
