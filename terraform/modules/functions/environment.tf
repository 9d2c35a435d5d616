locals {
  descriptions = {
    validator  = "Receives a webhook: verify, store, start, answer 202"
    processor  = "Processes a webhook in durable steps: validate, process, finalize"
    status     = "Answers how a webhook stands"
    reconciler = "Ends what others could not: stuck starts, dead executions, redrive"
  }

  # Exactly the variables that each function reads; a null is not set. tests/infrastructure compares this map with the
  # code.
  environment = {
    validator = {
      ALLOW_UNSIGNED        = tostring(var.allow_unsigned)
      CORS_ALLOW_ORIGIN     = var.cors_allow_origin
      EXECUTION_NAME_PREFIX = var.name_prefix
      LOG_LEVEL             = var.logs.level
      MAX_BODY_BYTES        = tostring(var.max_body_bytes)
      PROCESSOR_FUNCTION    = local.processor_alias_arn
      PUBLIC_BASE_URL       = var.links.public_base_url
      RETENTION_DAYS        = tostring(var.retention_days)
      SECRET_ID             = var.secret_arn
      SOURCES = jsonencode({
        for name, source in var.sources : name => {
          for key, value in { scheme = source.scheme, deliveryIdHeader = source.delivery_id_header } :
          key => value if value != null
        }
      })
      TABLE_NAME         = var.table.name
      TRACE_URL_TEMPLATE = var.links.trace_url_template
    }

    processor = {
      LOG_LEVEL                  = var.logs.level
      STEP_INITIAL_DELAY_SECONDS = tostring(var.step_retry.initial_delay_seconds)
      STEP_MAX_ATTEMPTS          = tostring(var.step_retry.max_attempts)
      STEP_MAX_DELAY_SECONDS     = tostring(var.step_retry.max_delay_seconds)
      TABLE_NAME                 = var.table.name
    }

    status = {
      CORS_ALLOW_ORIGIN  = var.cors_allow_origin
      LOGS_URL_TEMPLATE  = local.logs_url_template
      LOG_LEVEL          = var.logs.level
      TABLE_NAME         = var.table.name
      TRACE_URL_TEMPLATE = var.links.trace_url_template
    }

    reconciler = {
      EXECUTION_NAME_PREFIX = var.name_prefix
      LOG_LEVEL             = var.logs.level
      PROCESSOR_FUNCTION    = local.processor_alias_arn
      TABLE_NAME            = var.table.name
    }
  }

  # Logs Insights over the functions' log groups, for the lines of one token in the last seven days. The console's form
  # of such a link is its own: `*` before two hex digits stands for a character.
  logs_url_template = coalesce(var.links.logs_url_template, join("", [
    "https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#logsV2:logs-insights?queryDetail=",
    "~(end~0~start~-604800~timeType~'RELATIVE~unit~'seconds",
    "~editorString~'fields*20*40timestamp*2c*20*40message*20*7c*20filter*20*40message*20like*20*22{token}*22*20*7c*20sort*20*40timestamp",
    "~source~(", join("", [for name in values(local.names) : "~'*2faws*2flambda*2f${name}"]), "))",
  ]))
}
