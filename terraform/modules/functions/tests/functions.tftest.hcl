mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name_prefix  = "hooks"
  region       = "eu-west-1"
  package_dir  = "../../tests/packages"
  architecture = "arm64"
  functions = {
    validator = { memory_mb = 512, timeout_seconds = 15, reserved_concurrency = -1 }
    processor = { memory_mb = 768, timeout_seconds = 60, reserved_concurrency = 20 }
    status    = { memory_mb = 256, timeout_seconds = 10, reserved_concurrency = -1 }
  }
  kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-4333-8444-555555555555"
  table = {
    name           = "hooks-webhooks"
    arn            = "arn:aws:dynamodb:eu-west-1:123456789012:table/hooks-webhooks"
    open_index_arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/hooks-webhooks/index/open"
  }
  payloads = {
    name = "hooks-payloads-123456789012-eu-west-1"
    arn  = "arn:aws:s3:::hooks-payloads-123456789012-eu-west-1"
  }
  secret_arn            = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:hooks-secrets-AbCdEf"
  dead_letter_queue_arn = "arn:aws:sqs:eu-west-1:123456789012:hooks-dead-letters"
  sources               = { github = { preset = "github" }, shop = { preset = "hmac-sha256", id = ["header:X-Order-Id", "hash"], on_conflict = "duplicate" } }
}

run "the_processor_alone_is_durable" {
  assert {
    condition = [for c in aws_lambda_function.this["processor"].durable_config : [c.execution_timeout, c.retention_period]] == [
      [93600, 7]
    ]
    error_message = "an execution may take 26 hours and is kept for seven days"
  }

  assert {
    condition     = alltrue([for name, f in aws_lambda_function.this : length(f.durable_config) == 0 if name != "processor"])
    error_message = "no other function is durable"
  }

  assert {
    condition     = aws_lambda_function.this["processor"].timeouts.delete == "1575m"
    error_message = "deleting waits as long as an execution may run"
  }
}

run "every_function_is_built_for_the_platform" {
  assert {
    condition = alltrue([for f in aws_lambda_function.this :
      f.runtime == "provided.al2023" && f.handler == "bootstrap" && f.architectures == tolist(["arm64"]) && f.publish
    ])
    error_message = "runtime, architecture, published version"
  }

  assert {
    condition = { for name, f in aws_lambda_function.this : name => [f.memory_size, f.timeout, f.reserved_concurrent_executions] } == {
      validator = [512, 15, -1], processor = [768, 60, 20], status = [256, 10, -1]
    }
    error_message = "memory, timeout and concurrency of each function"
  }

  assert {
    condition     = alltrue([for name, f in aws_lambda_function.this : endswith(f.filename, "/${name}/bootstrap.zip") && f.source_code_hash == filebase64sha256(f.filename)])
    error_message = "a new package is deployed"
  }
}

run "packages_may_be_in_a_bucket_and_are_known_by_the_sums_of_their_release" {
  variables {
    package_dir = "no-directory"
    package_bucket = {
      name   = "artifacts"
      prefix = "tracehook/1.0.0/"
      sha256sums = join("\n", flatten([
        for function in ["validator", "processor", "status"] : [
          "${filesha256("../../tests/packages/${function}/bootstrap.zip")}  arm64/${function}/bootstrap.zip",
          "${sha256(function)}  x86_64/${function}/bootstrap.zip",
        ]
      ]))
    }
  }

  assert {
    condition = alltrue([for name, f in aws_lambda_function.this :
      f.filename == null && f.s3_bucket == "artifacts" && f.s3_key == "tracehook/1.0.0/arm64/${name}/bootstrap.zip"
    ])
    error_message = "objects of the architecture"
  }

  assert {
    condition = alltrue([for name, f in aws_lambda_function.this :
      f.source_code_hash == filebase64sha256("../../tests/packages/${name}/bootstrap.zip") && output.functions[name].package_sha256 == f.source_code_hash
    ])
    error_message = "the digest in Lambda's form: ${jsonencode({ for name, f in aws_lambda_function.this : name => f.source_code_hash })}"
  }
}

run "callers_reach_a_published_version_through_live" {
  assert {
    condition = alltrue([for name, a in aws_lambda_alias.live :
      a.name == "live" && a.function_name == "hooks-${name}" && a.function_version == aws_lambda_function.this[name].version
    ])
    error_message = "every function has the alias on its published version"
  }

  assert {
    condition     = output.functions["processor"].alias_arn == "arn:aws:lambda:eu-west-1:123456789012:function:hooks-processor:live"
    error_message = "ARN of the processor's alias"
  }

  assert {
    condition     = aws_lambda_function.this["validator"].environment[0].variables["PROCESSOR_FUNCTION"] == output.functions["processor"].alias_arn
    error_message = "the validator starts the alias"
  }
}

run "what_cannot_be_started_is_kept" {
  assert {
    condition = (
      aws_lambda_function_event_invoke_config.processor.function_name == "hooks-processor" &&
      aws_lambda_function_event_invoke_config.processor.qualifier == "live" &&
      aws_lambda_function_event_invoke_config.processor.maximum_event_age_in_seconds == 21600 &&
      aws_lambda_function_event_invoke_config.processor.maximum_retry_attempts == 2 &&
      length(aws_lambda_function_event_invoke_config.processor.destination_config) == 0
    )
    error_message = "asynchronous starts wait 6 hours and have no destination, which durable functions do not support"
  }

  assert {
    condition = { for name, f in aws_lambda_function.this : name => f.dead_letter_config[0].target_arn if length(f.dead_letter_config) > 0 } == {
      processor = var.dead_letter_queue_arn
    }
    error_message = "the processor's dead-letter queue takes what was dropped or ended badly"
  }

  assert {
    condition     = length(aws_lambda_function_event_invoke_config.reconciler) == 0
    error_message = "no destination without a reconciler"
  }
}

run "what_the_reconciler_cannot_handle_is_kept" {
  variables {
    functions = {
      validator  = { memory_mb = 512, timeout_seconds = 15, reserved_concurrency = -1 }
      processor  = { memory_mb = 768, timeout_seconds = 60, reserved_concurrency = 20 }
      status     = { memory_mb = 256, timeout_seconds = 10, reserved_concurrency = -1 }
      reconciler = { memory_mb = 256, timeout_seconds = 75, reserved_concurrency = -1 }
    }
  }

  assert {
    condition = (
      aws_lambda_function_event_invoke_config.reconciler[0].function_name == "hooks-reconciler" &&
      aws_lambda_function_event_invoke_config.reconciler[0].qualifier == "live" &&
      aws_lambda_function_event_invoke_config.reconciler[0].destination_config[0].on_failure[0].destination == var.dead_letter_queue_arn
    )
    error_message = "events that the reconciler failed to handle are kept"
  }
}

run "everything_is_encrypted_and_every_function_has_a_log" {
  assert {
    condition     = alltrue([for f in aws_lambda_function.this : f.kms_key_arn == var.kms_key_arn])
    error_message = "variables are encrypted with the key"
  }

  assert {
    condition = { for name, g in aws_cloudwatch_log_group.this : name => [g.name, g.retention_in_days, g.kms_key_id] } == {
      for name, _ in var.functions : name => ["/aws/lambda/hooks-${name}", 30, var.kms_key_arn]
    }
    error_message = "one encrypted log group for each function, kept for 30 days"
  }

  assert {
    condition = alltrue([for name, f in aws_lambda_function.this :
      f.logging_config[0].log_format == "JSON" && f.logging_config[0].log_group == "/aws/lambda/hooks-${name}" && f.logging_config[0].application_log_level == "TRACE"
    ])
    error_message = "JSON lines to the function's own log group"
  }
}

run "the_sources_are_one_item_of_the_table_under_their_hash" {
  assert {
    condition = jsondecode(aws_dynamodb_table_item.configuration.item) == {
      executionToken = { S = "configuration" }
      item           = { S = "deployed#85de0423af12f7cff08fb6f9cd1c78c096ed8ada751312a6869ad30c2e2d5fd1" }
      document       = { S = "{\"sources\":{\"github\":{\"preset\":\"github\"},\"shop\":{\"id\":[\"header:X-Order-Id\",\"hash\"],\"on_conflict\":\"duplicate\",\"preset\":\"hmac-sha256\"}}}" }
    }
    error_message = "the document and its key"
  }

  assert {
    condition     = aws_dynamodb_table_item.configuration.table_name == "hooks-webhooks"
    error_message = "in the table of the webhooks"
  }
}

run "two_hundred_sources_with_schemes_of_their_own_are_one_document" {
  variables {
    sources = {
      for number in range(200) : "producer-${number}" => {
        verify = [{
          kind      = "hmac"
          hash      = "sha256"
          signed    = "{timestamp}.{body}"
          signature = { from = ["header:X-Producer-${number}-Signature"], split = [","], items = ["t={timestamp}", "v1={sig}"], encoding = "hex" }
          timestamp = { from = "field:timestamp", format = "s", tolerance = 300 }
        }]
        id     = ["header:X-Producer-${number}-Delivery", "json:/id", "hash"]
        event  = ["json:/type"]
        labels = { order = "json:/data/order/id" }
      }
    }
  }

  assert {
    condition = alltrue([
      length(jsondecode(jsondecode(aws_dynamodb_table_item.configuration.item).document.S).sources) == 200,
      jsondecode(aws_dynamodb_table_item.configuration.item).item.S == "deployed#${sha256(jsondecode(aws_dynamodb_table_item.configuration.item).document.S)}",
      length(jsonencode(aws_lambda_function.this["validator"].environment[0].variables)) < 4096,
    ])
    error_message = "the document has all of them, and the environment its hash"
  }
}

run "each_function_is_told_what_it_reads" {
  assert {
    condition = aws_lambda_function.this["validator"].environment[0].variables == tomap({
      ALLOW_UNSIGNED            = "false"
      ANSWER_BUDGET_MS          = "2500"
      CONFIGURATION_SHA256      = "85de0423af12f7cff08fb6f9cd1c78c096ed8ada751312a6869ad30c2e2d5fd1"
      EXECUTION_NAME_PREFIX     = "hooks"
      LOG_LEVEL                 = "info"
      MAX_BODY_BYTES            = "4669440"
      PROCESSOR_FUNCTION        = "arn:aws:lambda:eu-west-1:123456789012:function:hooks-processor:live"
      RETENTION_DAYS            = "7"
      DEDUPLICATION_DAYS        = "35"
      EXECUTION_TIMEOUT_SECONDS = "93600"
      MAX_REDELIVERIES          = "3"
      SECRET_ID                 = var.secret_arn
      TABLE_NAME                = "hooks-webhooks"
      INLINE_PAYLOAD_BYTES      = "32768"
      PAYLOAD_BUCKET            = "hooks-payloads-123456789012-eu-west-1"
    })
    error_message = "the validator's variables"
  }

  assert {
    condition = aws_lambda_function.this["processor"].environment[0].variables == tomap({
      LOG_LEVEL                  = "info"
      PAYLOAD_BUCKET             = "hooks-payloads-123456789012-eu-west-1"
      STEP_INITIAL_DELAY_SECONDS = "2"
      STEP_MARK_AFTER_SECONDS    = "15"
      STEP_MAX_INTERRUPTED_TRIES = "5"
      STEP_MAX_TRIES             = "1000"
      STEP_RETRY_SECONDS         = "86400"
      STEP_MAX_DELAY_SECONDS     = "900"
      TABLE_NAME                 = "hooks-webhooks"
    })
    error_message = "the processor's variables"
  }

  assert {
    condition     = keys(aws_lambda_function.this["status"].environment[0].variables) == tolist(["LOGS_URL_TEMPLATE", "LOG_LEVEL", "TABLE_NAME"])
    error_message = "the status function's variables"
  }

  assert {
    condition     = aws_lambda_function.this["status"].environment[0].variables["LOGS_URL_TEMPLATE"] == "cloudwatch:/aws/lambda/hooks-processor,/aws/lambda/hooks-status,/aws/lambda/hooks-validator"
    error_message = "the link to the logs asks every function's log group for the token"
  }
}

run "without_a_bucket_no_function_is_told_of_one_or_may_use_one" {
  variables {
    payloads = null
  }

  assert {
    condition     = alltrue([for f in aws_lambda_function.this : !contains(keys(f.environment[0].variables), "PAYLOAD_BUCKET")])
    error_message = "no bucket"
  }

  assert {
    condition     = alltrue([for p in aws_iam_role_policy.this : !strcontains(p.policy, "s3:")])
    error_message = "no right to any bucket"
  }

  assert {
    condition     = !strcontains(aws_iam_role_policy.this["validator"].policy, "kms:GenerateDataKey")
    error_message = "nothing to encrypt"
  }
}

run "every_function_is_told_how_to_export" {
  variables {
    telemetry = { OTEL_TRACES_EXPORTER = "otlp", OTEL_EXPORTER_OTLP_ENDPOINT = "https://otlp.example.com" }
  }

  assert {
    condition = alltrue([for f in aws_lambda_function.this :
      f.environment[0].variables["OTEL_TRACES_EXPORTER"] == "otlp" && f.environment[0].variables["OTEL_EXPORTER_OTLP_ENDPOINT"] == "https://otlp.example.com"
    ])
    error_message = "the variables of telemetry"
  }

  assert {
    condition     = alltrue([for p in aws_iam_role_policy.this : !strcontains(p.policy, "xray:")])
    error_message = "no right to write to X-Ray where spans go elsewhere"
  }
}

run "optional_variables_are_set_when_they_are_given" {
  variables {
    cors_allow_origin = "https://status.example.com"
    links = {
      public_base_url    = "https://hooks.example.com"
      trace_url_template = "https://traces.example.com/{trace_id}"
      logs_url_template  = "https://logs.example.com/{token}"
    }
  }

  assert {
    condition = (
      aws_lambda_function.this["validator"].environment[0].variables["PUBLIC_BASE_URL"] == "https://hooks.example.com" &&
      aws_lambda_function.this["validator"].environment[0].variables["TRACE_URL_TEMPLATE"] == "https://traces.example.com/{trace_id}" &&
      aws_lambda_function.this["validator"].environment[0].variables["CORS_ALLOW_ORIGIN"] == "https://status.example.com" &&
      aws_lambda_function.this["status"].environment[0].variables["TRACE_URL_TEMPLATE"] == "https://traces.example.com/{trace_id}" &&
      aws_lambda_function.this["status"].environment[0].variables["LOGS_URL_TEMPLATE"] == "https://logs.example.com/{token}" &&
      aws_lambda_function.this["status"].environment[0].variables["CORS_ALLOW_ORIGIN"] == "https://status.example.com"
    )
    error_message = "links and CORS"
  }
}

run "a_document_that_no_item_holds_is_refused" {
  command = plan

  variables {
    sources = { for number in range(1000) : "producer-${number}" => { preset = "hmac-sha256", id = [for n in range(15) : "header:X-Producer-${number}-${n}"] } }
  }

  expect_failures = [aws_dynamodb_table_item.configuration]
}
