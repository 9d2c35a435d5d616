# Alarms and dashboards are data. Their definitions name what is here, so that whatever is watched and its alarm come from
# the same map.

locals {
  concurrency_quota = var.concurrency_quota == null ? data.aws_servicequotas_service_quota.concurrency[0].value : var.concurrency_quota

  alarms_dir     = var.alarms_dir == null ? "${path.module}/../alarms" : var.alarms_dir
  dashboards_dir = var.dashboards_dir == null ? "${path.module}/../dashboards" : var.dashboards_dir

  deployment = {
    prefix            = var.name_prefix
    namespace         = local.metrics_namespace
    region            = data.aws_region.current.region
    account           = data.aws_caller_identity.current.account_id
    runbooks_url      = var.runbooks_url
    api               = var.name_prefix
    stage             = var.stage_name
    table             = "${var.name_prefix}-webhooks"
    dead_letter_queue = "${var.name_prefix}-dead-letters"
    web_acl           = var.waf.web_acl == null ? var.name_prefix : var.waf.web_acl.metric_name
    concurrency_quota = local.concurrency_quota
    functions = {
      for name, f in local.functions :
      name => { name = "${var.name_prefix}-${name}", timeout_ms = f.timeout_seconds * 1000, memory_mb = f.memory_mb }
    }
    sources        = { for name, _ in local.sources : name => {} }
    silent_sources = { for name, seconds in var.silence_seconds : name => { silence_seconds = seconds } }
  }
}

data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_default_tags" "current" {}

# The quota of concurrent invocations that the account has now; a new account has fewer than the default of 1000.
data "aws_servicequotas_service_quota" "concurrency" {
  count = var.concurrency_quota == null ? 1 : 0

  service_code = "lambda"
  quota_code   = "L-B99A9384"
}
