mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name        = "hooks"
  region      = "eu-west-1"
  partition   = "aws"
  kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-4333-8444-555555555555"
  functions = {
    validator = {
      name       = "hooks-validator", alias = "live", timeout_seconds = 15
      alias_arn  = "arn:aws:lambda:eu-west-1:123456789012:function:hooks-validator:live"
      invoke_arn = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:hooks-validator:live/invocations"
    }
    status = {
      name       = "hooks-status", alias = "live", timeout_seconds = 10
      alias_arn  = "arn:aws:lambda:eu-west-1:123456789012:function:hooks-status:live"
      invoke_arn = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:hooks-status:live/invocations"
    }
  }
}

run "every_method_is_throttled" {
  assert {
    condition = { for path, s in aws_api_gateway_method_settings.method : path => [s.method_path, s.settings[0].throttling_rate_limit, s.settings[0].throttling_burst_limit] } == {
      "~1webhook/POST"                  = ["~1webhook/POST", 200, 400]
      "~1webhook~1{source}/POST"        = ["~1webhook~1{source}/POST", 200, 400]
      "~1webhook~1{source}/GET"         = ["~1webhook~1{source}/GET", 5, 10]
      "~1status~1{executionToken}/GET"  = ["~1status~1{executionToken}/GET", 50, 100]
      "~1status~1{executionToken}/HEAD" = ["~1status~1{executionToken}/HEAD", 50, 100]
    }
    error_message = "each method has its own throttle"
  }

  assert {
    condition = (
      aws_api_gateway_method_settings.all.method_path == "*/*" &&
      aws_api_gateway_method_settings.all.settings[0].throttling_rate_limit == 5 &&
      aws_api_gateway_method_settings.all.settings[0].throttling_burst_limit == 10
    )
    error_message = "everything else has a low one"
  }
}

run "no_body_is_logged_and_every_metric_is_there" {
  assert {
    condition = alltrue([for s in concat([aws_api_gateway_method_settings.all], values(aws_api_gateway_method_settings.method)) :
      !s.settings[0].data_trace_enabled && s.settings[0].logging_level == "ERROR" && s.settings[0].metrics_enabled && !s.settings[0].caching_enabled
    ])
    error_message = "errors and metrics, no data trace, no cache"
  }
}

run "access_is_logged_with_request_trace_and_waf" {
  assert {
    condition = alltrue([for field in [
      "$context.requestId", "$context.status", "$context.identity.sourceIp", "$context.integration.error",
      "$context.httpMethod", "$context.resourcePath", "$context.responseLatency",
      "$context.xrayTraceId", "$context.wafResponseCode", "$context.webaclArn",
    ] : contains(values(jsondecode(aws_api_gateway_stage.this.access_log_settings[0].format)), field)])
    error_message = "fields of the access log"
  }

  assert {
    condition     = !contains(values(jsondecode(aws_api_gateway_stage.this.access_log_settings[0].format)), "$context.path")
    error_message = "a status's path has the token, which may not be logged"
  }

  assert {
    condition     = aws_api_gateway_stage.this.access_log_settings[0].destination_arn == aws_cloudwatch_log_group.access.arn
    error_message = "the access log is on"
  }

  assert {
    condition     = aws_api_gateway_stage.this.xray_tracing_enabled == false
    error_message = "segments of X-Ray hold the URL of a status, in which its token is"
  }

  assert {
    condition = [for g in [aws_cloudwatch_log_group.access, aws_cloudwatch_log_group.execution] : [g.name, g.retention_in_days, g.kms_key_id]] == [
      ["/aws/apigateway/hooks", 30, var.kms_key_arn],
      ["API-Gateway-Execution-Logs_api0000000/v1", 30, var.kms_key_arn],
    ]
    error_message = "both logs are encrypted and kept for 30 days"
  }
}

run "the_account_logging_role_is_made" {
  assert {
    condition = (
      aws_api_gateway_account.this[0].cloudwatch_role_arn == aws_iam_role.logging[0].arn &&
      jsondecode(aws_iam_role.logging[0].assume_role_policy).Statement[0].Principal == { Service = "apigateway.amazonaws.com" } &&
      aws_iam_role_policy_attachment.logging[0].policy_arn == "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
    )
    error_message = "logging role"
  }
}

run "the_account_logging_role_is_optional" {
  variables {
    manage_account_logging_role = false
  }

  assert {
    condition     = length(aws_api_gateway_account.this) == 0 && length(aws_iam_role.logging) == 0
    error_message = "no role is set"
  }
}
