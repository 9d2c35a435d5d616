locals {
  kms_key_arn = var.kms_key == null ? module.key[0].arn : var.kms_key.arn
  package_dir = var.package_dir == null ? "${path.module}/../target/lambda/${var.architecture}" : var.package_dir

  # IAM takes no two tags whose keys differ in case alone, and the provider adds those of its `default_tags`.
  tags = merge(
    {
      for key, value in { application = "tracehook", deployment = var.name_prefix } : key => value
      if !contains([for other in concat(keys(var.tags), keys(data.aws_default_tags.current.tags)) : lower(other)], key)
    },
    var.tags,
  )

  # A producer waits for the validator's calls: for the secret and the table 4.5 s at most each, for the start 3 s.
  function_defaults = {
    validator  = { memory_mb = 512, timeout_seconds = 15, reserved_concurrency = -1 }
    processor  = { memory_mb = 512, timeout_seconds = 60, reserved_concurrency = -1 }
    status     = { memory_mb = 256, timeout_seconds = 10, reserved_concurrency = -1 }
    reconciler = { memory_mb = 256, timeout_seconds = 75, reserved_concurrency = -1 }
  }

  # Of what the throttle lets through in a window, one address may send a third and one source get four fifths.
  throttled = var.throttling.webhook.rate * var.waf.rate_limit.window_seconds
  rate_limit = {
    requests        = var.waf.rate_limit.requests
    signed_requests = coalesce(var.waf.rate_limit.signed_requests, max(10, floor(local.throttled / 3)))
    source_requests = coalesce(var.waf.rate_limit.source_requests, max(10, floor(local.throttled * 4 / 5)))
    window_seconds  = var.waf.rate_limit.window_seconds
  }

  functions = {
    for name, defaults in local.function_defaults : name => {
      for key, value in defaults : key => (
        key == "reserved_concurrency" && name == "validator" && !var.intake_enabled ? 0 : try(coalesce(var.functions[name][key], value), value)
      )
    }
  }
}

# Names that a resource keeps as long as it lives. While something that the whole module waits for (`depends_on`) is about to
# change, the data sources are read late; a name made of them would be unknown then, and replace the bucket and the roles.
resource "terraform_data" "place" {
  input = {
    account   = data.aws_caller_identity.current.account_id
    partition = data.aws_partition.current.partition
    region    = data.aws_region.current.region
  }

  lifecycle {
    ignore_changes = [input]

    # Another region or account would be asked for resources that the state has somewhere else.
    postcondition {
      condition     = self.output.region == data.aws_region.current.region && self.output.account == data.aws_caller_identity.current.account_id
      error_message = "The state is of a deployment in account ${self.output.account} and region ${self.output.region}. Another account or region needs a state of its own."
    }
  }
}

module "key" {
  source = "./modules/key"
  count  = var.kms_key == null ? 1 : 0

  name_prefix = var.name_prefix
  tags        = local.tags
}

module "table" {
  source = "./modules/table"

  name                = "${var.name_prefix}-webhooks"
  kms_key_arn         = local.kms_key_arn
  deletion_protection = var.deletion_protection
  tags                = local.tags
}

module "payloads" {
  source = "./modules/payloads"
  count  = var.payload_bucket ? 1 : 0

  # No bucket of any account has the name of another.
  name        = "${var.name_prefix}-payloads-${terraform_data.place.output.account}-${terraform_data.place.output.region}"
  kms_key_arn = local.kms_key_arn
  # DynamoDB may take two days to delete the item that names an object.
  expire_after_days   = max(var.retention_days, [for source in values(local.sources) : try(tonumber(source.retention_days), 0)]...) + 2
  deletion_protection = var.deletion_protection
  tags                = local.tags
}

module "secrets" {
  source = "./modules/secrets"

  name                 = "${var.name_prefix}-secrets"
  kms_key_arn          = local.kms_key_arn
  recovery_window_days = var.secret_recovery_window_days
  bootstrap            = var.bootstrap_secret ? { sources = local.own_scheme } : null
  tags                 = local.tags
}

module "functions" {
  source = "./modules/functions"

  name_prefix    = var.name_prefix
  region         = terraform_data.place.output.region
  functions      = local.functions
  processor      = var.processor
  package_dir    = local.package_dir
  package_bucket = var.package_bucket
  architecture   = var.architecture
  durable = {
    execution_timeout_seconds = coalesce(var.durable.execution_timeout_seconds, var.step_retry.retry_seconds + 7200)
    retention_days            = var.durable.retention_days
  }
  kms_key_arn              = local.kms_key_arn
  retired_key_arns         = var.retired_key_arns
  table                    = module.table.table
  payloads                 = one(module.payloads[*].bucket)
  secret_arn               = module.secrets.arn
  dead_letter_queue_arn    = module.events.dead_letter_queue.arn
  permissions_boundary_arn = var.permissions_boundary_arn
  logs                     = var.logs
  sources                  = local.sources
  allow_unsigned           = var.allow_unsigned
  max_body_bytes           = var.max_body_bytes
  inline_payload_bytes     = var.inline_payload_bytes
  retention_days           = var.retention_days
  deduplication_days       = var.deduplication_days
  answer_budget_ms         = var.answer_budget_ms
  max_redeliveries         = var.max_redeliveries
  step_retry               = var.step_retry
  reconciler               = var.reconciler
  telemetry                = local.telemetry
  telemetry_variables      = local.telemetry_variables
  cors_allow_origin        = var.cors_allow_origin
  tags                     = local.tags

  links = {
    public_base_url    = var.custom_domain == null ? null : "https://${var.custom_domain.domain_name}"
    trace_url_template = var.trace_url_template
    # Whoever has a token reads a public status; the link names the log groups.
    logs_url_template = (
      var.logs_url_template == "cloudwatch" ? null :
      var.logs_url_template == null && var.status_access == "public" ? "none" : var.logs_url_template
    )
  }
}

module "api" {
  source = "./modules/api"

  name                        = var.name_prefix
  region                      = terraform_data.place.output.region
  partition                   = terraform_data.place.output.partition
  stage_name                  = var.stage_name
  functions                   = { for name in ["validator", "status"] : name => module.functions.functions[name] }
  kms_key_arn                 = local.kms_key_arn
  throttling                  = var.throttling
  status_access               = var.status_access
  status_api_key_ids          = var.status_api_key_ids
  allowed_cidrs               = var.allowed_cidrs
  cors_allow_origin           = var.cors_allow_origin
  tls_policy                  = var.tls_policy
  custom_domain               = var.custom_domain
  default_endpoint            = var.default_endpoint
  manage_account_logging_role = var.manage_account_logging_role
  permissions_boundary_arn    = var.permissions_boundary_arn
  log_retention_days          = var.logs.retention_days
  tags                        = local.tags
}

module "waf" {
  source = "./modules/waf"
  count  = var.waf.enabled && var.waf.web_acl == null ? 1 : 0

  name               = var.name_prefix
  kms_key_arn        = local.kms_key_arn
  log_retention_days = var.logs.retention_days
  rules              = var.waf.rules
  rate_limit         = local.rate_limit
  blocked_cidrs      = var.waf.blocked_cidrs
  signature_headers  = local.signature_headers
  credential_headers = local.credential_headers
  proofs_elsewhere   = local.proofs_elsewhere
  allowed_cidrs      = var.allowed_cidrs
  blocked_countries  = var.waf.blocked_countries
  redacted_headers   = var.waf.redacted_headers
  tags               = local.tags
}

# By the stage's name, and without create_before_destroy: the provider deletes an association by its stage alone, so that the
# deletion of the last one after the creation of the next would leave the stage without a web ACL.
resource "aws_wafv2_web_acl_association" "this" {
  for_each = toset(var.waf.enabled || var.waf.web_acl != null ? [var.stage_name] : [])

  resource_arn = module.api.stage_arn
  web_acl_arn  = var.waf.web_acl == null ? module.waf[0].web_acl.arn : var.waf.web_acl.arn
}

module "events" {
  source = "./modules/events"

  name_prefix = var.name_prefix
  # Lambda takes no less than the function's timeout, and AWS advises six times of it.
  visibility_timeout_seconds = max(480, min(6 * local.functions.reconciler.timeout_seconds, 43200))
  kms_key_arn                = local.kms_key_arn
  tags                       = local.tags

  reconciler = {
    name          = module.functions.functions["reconciler"].name
    alias         = module.functions.functions["reconciler"].alias
    alias_arn     = module.functions.functions["reconciler"].alias_arn
    processor_arn = module.functions.functions["processor"].arn
  }
}

module "alarms" {
  source = "./modules/alarms"

  definitions_dir = local.alarms_dir
  deployment      = local.deployment
  detail          = var.alarms.detail
  kms_key_arn     = local.kms_key_arn
  subscriptions   = var.subscriptions
  topics          = var.topics
  tags            = local.tags
}

module "dashboards" {
  source = "./modules/dashboards"

  definitions_dir = local.dashboards_dir
  deployment      = local.deployment
  region          = terraform_data.place.output.region
  alarms          = module.alarms.alarms
}
