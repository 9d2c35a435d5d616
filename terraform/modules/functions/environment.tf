locals {
  descriptions = {
    validator  = "Receives a webhook: verify, store, start, answer 202"
    processor  = "Processes a webhook in durable steps"
    status     = "Answers the status of a webhook"
    reconciler = "Ends webhooks that the others cannot end: sweep, failed executions, redrive"
  }

  telemetry = merge({ LOG_LEVEL = var.logs.level }, var.telemetry)

  # What the user's own handler reads, beside what the processor itself does. The value of a secret is never here.
  handler_environment = merge(var.processor.environment, { for name, secret in var.processor.secrets : name => secret.arn })
  telemetry_names     = concat(["LOG_LEVEL"], keys(var.telemetry), [for name in var.telemetry_variables : name])

  # Exactly the variables that each function reads beside those of telemetry; a null is not set. tests/infrastructure
  # compares this map with the code.
  environment = {
    validator = {
      ALLOW_UNSIGNED            = tostring(var.allow_unsigned)
      ANSWER_BUDGET_MS          = tostring(var.answer_budget_ms)
      CONFIGURATION_SHA256      = local.configuration_sha256
      CORS_ALLOW_ORIGIN         = var.cors_allow_origin
      DEDUPLICATION_DAYS        = tostring(var.deduplication_days)
      EXECUTION_NAME_PREFIX     = var.name_prefix
      EXECUTION_TIMEOUT_SECONDS = tostring(var.durable.execution_timeout_seconds)
      MAX_BODY_BYTES            = tostring(var.max_body_bytes)
      MAX_REDELIVERIES          = tostring(var.max_redeliveries)
      PROCESSOR_FUNCTION        = local.processor_alias_arn
      PUBLIC_BASE_URL           = var.links.public_base_url
      RETENTION_DAYS            = tostring(var.retention_days)
      SECRET_ID                 = var.secret_arn
      INLINE_PAYLOAD_BYTES      = tostring(var.inline_payload_bytes)
      PAYLOAD_BUCKET            = local.payload_bucket
      TABLE_NAME                = var.table.name
      TRACE_URL_TEMPLATE        = var.links.trace_url_template
    }

    processor = {
      PAYLOAD_BUCKET             = local.payload_bucket
      STEP_INITIAL_DELAY_SECONDS = tostring(var.step_retry.initial_delay_seconds)
      STEP_MARK_AFTER_SECONDS    = tostring(var.step_retry.mark_after_seconds)
      STEP_MAX_INTERRUPTED_TRIES = tostring(var.step_retry.max_interrupted_tries)
      STEP_MAX_TRIES             = tostring(var.step_retry.max_tries)
      STEP_RETRY_SECONDS         = tostring(var.step_retry.retry_seconds)
      STEP_MAX_DELAY_SECONDS     = tostring(var.step_retry.max_delay_seconds)
      TABLE_NAME                 = var.table.name
    }

    status = {
      CORS_ALLOW_ORIGIN  = var.cors_allow_origin
      LOGS_URL_TEMPLATE  = coalesce(var.links.logs_url_template, "cloudwatch:${join(",", [for name in values(local.names) : "/aws/lambda/${name}"])}")
      TABLE_NAME         = var.table.name
      TRACE_URL_TEMPLATE = var.links.trace_url_template
    }

    reconciler = {
      DEDUPLICATION_DAYS        = tostring(var.deduplication_days)
      ENGINE_CALLS_PER_SECOND   = tostring(var.reconciler.engine_calls_per_second)
      EXECUTION_NAME_PREFIX     = var.name_prefix
      EXECUTION_TIMEOUT_SECONDS = tostring(var.durable.execution_timeout_seconds)
      MAX_ATTEMPTS              = tostring(var.reconciler.max_attempts)
      PROCESSOR_FUNCTION        = local.processor_alias_arn
      RECEIVED_AGE_SECONDS      = tostring(var.reconciler.received_age_seconds)
      RETENTION_DAYS            = tostring(var.retention_days)
      STARTS_PER_SECOND         = tostring(var.reconciler.starts_per_second)
      STARTED_AGE_SECONDS       = tostring(var.reconciler.started_age_seconds)
      # An execution has ended after its timeout.
      STUCK_AGE_SECONDS = tostring(min(var.durable.execution_timeout_seconds + 3600, 31622400))
      PAYLOAD_BUCKET    = local.payload_bucket
      SWEEP_MAX_RECORDS = tostring(var.reconciler.sweep_max_records)
      TABLE_NAME        = var.table.name
    }
  }
}
