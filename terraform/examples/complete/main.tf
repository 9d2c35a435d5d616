# Every setting: a custom domain, API keys for readers, an allow-list, alarms by mail and pager.

provider "aws" {
  region = var.region

  default_tags {
    tags = { team = "integrations" }
  }
}

module "tracehook" {
  source = "../.."

  name_prefix  = "hooks-prod"
  package_dir  = var.package_dir
  architecture = "arm64"
  tags         = { cost-centre = "4711" }

  sources = {
    default = { preset = "hmac-sha256" }
    github  = { preset = "github" }
    shop    = { preset = "hmac-sha256", id = ["header:X-Order-Id"] }
  }

  max_body_bytes       = 1048576
  payload_bucket       = true
  inline_payload_bytes = 8192
  retention_days       = 30
  step_retry           = { retry_seconds = 3600, max_delay_seconds = 300 }
  durable              = { execution_timeout_seconds = 10800, retention_days = 30 }
  functions = {
    validator = { memory_mb = 1024 }
    processor = { memory_mb = 1024, timeout_seconds = 120, reserved_concurrency = 50 }
  }

  custom_domain = {
    domain_name     = var.domain_name
    certificate_arn = var.certificate_arn
    hosted_zone     = { id = var.hosted_zone_id }
  }

  status_access      = "api_key"
  status_api_key_ids = var.status_api_key_ids
  cors_allow_origin  = "https://status.example.com"
  allowed_cidrs      = var.allowed_cidrs
  throttling         = { webhook = { rate = 100, burst = 200 } }

  waf = {
    rate_limit        = { requests = 2000 }
    rules             = { oversize_webhooks = "count" }
    blocked_countries = ["KP"]
  }

  logs                        = { level = "info", retention_days = 90 }
  manage_account_logging_role = false
  kms_key                     = var.kms_key
  secret_recovery_window_days = 7
  accepted_warnings           = ["secrets"]
  runbooks_url                = "https://git.example.com/tracehook/alarms/runbooks"

  subscriptions = {
    pager = { severity = "page", protocol = "https", endpoint = "https://pager.example.com/sns", endpoint_auto_confirms = true }
    team  = { severity = "ticket", protocol = "email", endpoint = "integrations@example.com" }
  }
}
