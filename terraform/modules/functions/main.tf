locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region

  names = { for function, _ in var.functions : function => "${var.name_prefix}-${function}" }
  alias = "live"

  # Made from names, not from the functions: a role's policy is there before its function is, and the validator can name
  # the processor although both are of one resource.
  function_arns = {
    for function, name in local.names :
    function => "arn:${local.partition}:lambda:${local.region}:${local.account}:function:${name}"
  }
  log_group_arns = {
    for function, name in local.names :
    function => "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:/aws/lambda/${name}"
  }
  processor_alias_arn = "${local.function_arns.processor}:${local.alias}"

  payload_bucket  = try(var.payloads.name, null)
  payload_objects = var.payloads == null ? [] : ["${var.payloads.arn}/payloads/*"]
  # No bucket of another account that happens to have the name.
  own_bucket = { StringEquals = { "aws:ResourceAccount" = local.account } }

  packages = { for function, _ in var.functions : function => "${var.package_dir}/${function}/bootstrap.zip" }

  # Of the packages in a directory the digests are counted, of those in a bucket they are what SHA256SUMS says: in Lambda's
  # form, which is base64. Three digits of a hexadecimal number are two of base64, and the last of 64 is one.
  sums = var.package_bucket == null ? {} : {
    for sum in regexall("(?m)^([0-9a-f]{64}) [ *](?:\\./)?${var.architecture}/([a-z]+)/bootstrap\\.zip$", var.package_bucket.sha256sums) : sum[1] => sum[0]
  }
  base64 = split("", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  digests = var.package_bucket == null ? { for function, package in local.packages : function => try(filebase64sha256(package), null) } : {
    for function, sum in local.sums : function => format("%s=", join("", flatten([
      for at in range(0, 64, 3) : at == 63 ? [local.base64[4 * parseint(substr(sum, at, 1), 16)]] : [
        local.base64[floor(parseint(substr(sum, at, 3), 16) / 64)],
        local.base64[parseint(substr(sum, at, 3), 16) % 64],
      ]
    ])))
  }

  # A durable function is deleted only when its running executions have ended. `make stop-all` ends them before.
  drain_minutes = ceil(var.durable.execution_timeout_seconds / 60) + 15
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338: A month of logs is enough to investigate; who must keep them for a year sets the retention.
  for_each = var.functions

  name              = "/aws/lambda/${local.names[each.key]}"
  retention_in_days = var.logs.retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_50: The id of a webhook's trace follows from its token; the platform would begin another trace, and needs a permission on every resource.
  #checkov:skip=CKV_AWS_115: Reserved concurrency is a variable. A default would fail where the account's quota is small.
  #checkov:skip=CKV_AWS_116: Of the two that are invoked asynchronously the processor has it and the reconciler an on-failure destination.
  #checkov:skip=CKV_AWS_117: The functions reach AWS APIs only; a VPC would add endpoints to pay for and protect nothing. A handler may need one: processor.vpc.
  #checkov:skip=CKV_AWS_272: Code signing needs a signing profile of the operator's own.
  for_each = var.functions

  function_name                  = local.names[each.key]
  description                    = local.descriptions[each.key]
  role                           = aws_iam_role.this[each.key].arn
  filename                       = var.package_bucket == null ? local.packages[each.key] : null
  s3_bucket                      = var.package_bucket == null ? null : var.package_bucket.name
  s3_key                         = var.package_bucket == null ? null : "${var.package_bucket.prefix}${var.architecture}/${each.key}/bootstrap.zip"
  source_code_hash               = try(local.digests[each.key], null)
  runtime                        = "provided.al2023"
  handler                        = "bootstrap"
  architectures                  = [var.architecture]
  memory_size                    = each.value.memory_mb
  timeout                        = each.value.timeout_seconds
  reserved_concurrent_executions = each.value.reserved_concurrency
  kms_key_arn                    = var.kms_key_arn
  publish                        = true
  layers                         = each.key == "processor" ? var.processor.layers : []
  tags                           = var.tags

  environment {
    # Only the headers of telemetry are sensitive, not the whole environment.
    variables = merge(
      each.key == "processor" ? local.handler_environment : {},
      local.telemetry,
      { for name, value in local.environment[each.key] : name => value if value != null },
    )
  }

  ephemeral_storage {
    size = each.key == "processor" ? var.processor.ephemeral_storage_mb : 512
  }

  dynamic "vpc_config" {
    for_each = each.key == "processor" ? var.processor.vpc[*] : []

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.this[each.key].name
    # Lambda drops lines below this level, and a line of metrics has no level. The functions filter by LOG_LEVEL themselves.
    application_log_level = "TRACE"
    system_log_level      = "INFO"
  }

  tracing_config {
    mode = "PassThrough"
  }

  # To add or to remove this block replaces the function.
  dynamic "durable_config" {
    for_each = each.key == "processor" ? [var.durable] : []

    content {
      execution_timeout = durable_config.value.execution_timeout_seconds
      retention_period  = durable_config.value.retention_days
    }
  }

  # A durable function supports no destination. The queue gets the input of every start that was dropped and of every
  # execution that ended failed, stopped or timed out.
  dynamic "dead_letter_config" {
    for_each = each.key == "processor" ? [var.dead_letter_queue_arn] : []

    content {
      target_arn = dead_letter_config.value
    }
  }

  timeouts {
    delete = each.key == "processor" ? "${local.drain_minutes}m" : null
  }

  lifecycle {
    precondition {
      condition     = var.package_bucket != null || fileexists(local.packages[each.key])
      error_message = "${local.packages[each.key]} is missing: run `make package` first, or set package_dir or package_bucket."
    }

    precondition {
      condition     = var.package_bucket == null || contains(keys(local.sums), each.key)
      error_message = "package_bucket.sha256sums has no line for ${var.architecture}/${each.key}/bootstrap.zip."
    }

    # A package that was exchanged after it was built.
    precondition {
      condition     = try(strcontains(file("${var.package_dir}/SHA256SUMS"), "${filesha256(local.packages[each.key])}  ${each.key}/bootstrap.zip"), true)
      error_message = "${local.packages[each.key]} is another file than SHA256SUMS beside it says: run `make package` again."
    }

    precondition {
      condition     = each.key != "processor" ? true : length(setintersection(keys(local.handler_environment), concat(keys(local.environment.processor), local.telemetry_names))) == 0
      error_message = "processor.environment or processor.secrets names a variable that the processor has already: ${join(", ", setintersection(keys(local.handler_environment), concat(keys(local.environment.processor), local.telemetry_names)))}."
    }
  }

  depends_on = [aws_iam_role_policy.this, aws_iam_role_policy_attachment.handler, aws_dynamodb_table_item.configuration]
}

# Every caller names the alias, so that code and configuration change together and can be turned back together. An
# execution stays on the version that it began with.
resource "aws_lambda_alias" "live" {
  for_each = var.functions

  name             = local.alias
  description      = "The version that serves"
  function_name    = aws_lambda_function.this[each.key].function_name
  function_version = aws_lambda_function.this[each.key].version
}

# Starts above the rate of the service wait in the asynchronous queue, for at most 6 hours; what could not be started
# by then is in the dead-letter queue. The reconciler knows this age.
resource "aws_lambda_function_event_invoke_config" "processor" {
  function_name                = aws_lambda_function.this["processor"].function_name
  qualifier                    = aws_lambda_alias.live["processor"].name
  maximum_event_age_in_seconds = 21600
  maximum_retry_attempts       = 2
}

# Events of the engine that the reconciler failed to handle come to it again from the dead-letter queue.
resource "aws_lambda_function_event_invoke_config" "reconciler" {
  count = contains(keys(var.functions), "reconciler") ? 1 : 0

  function_name                = aws_lambda_function.this["reconciler"].function_name
  qualifier                    = aws_lambda_alias.live["reconciler"].name
  maximum_event_age_in_seconds = 21600
  maximum_retry_attempts       = 2

  destination_config {
    on_failure {
      destination = var.dead_letter_queue_arn
    }
  }
}
