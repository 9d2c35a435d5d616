locals {
  # A path as method settings name it: every slash is written `~1`. ANY cannot be named; the settings of `*/*` are its.
  method_paths = {
    for method, limits in {
      "POST /webhook"                 = var.throttling.webhook
      "POST /webhook/{source}"        = var.throttling.webhook
      "GET /webhook/{source}"         = var.throttling.challenge
      "GET /status/{executionToken}"  = var.throttling.status
      "HEAD /status/{executionToken}" = var.throttling.status
    } : "${replace(split(" ", method)[1], "/", "~1")}/${split(" ", method)[0]}" => limits
  }

  # The path itself is left out: that of a status has the token in it.
  access_log_format = {
    requestId          = "$context.requestId"
    extendedRequestId  = "$context.extendedRequestId"
    requestTime        = "$context.requestTime"
    requestTimeEpoch   = "$context.requestTimeEpoch"
    httpMethod         = "$context.httpMethod"
    resourcePath       = "$context.resourcePath"
    protocol           = "$context.protocol"
    tlsVersion         = "$context.tlsVersion"
    domainName         = "$context.domainName"
    stage              = "$context.stage"
    sourceIp           = "$context.identity.sourceIp"
    userAgent          = "$context.identity.userAgent"
    apiKeyId           = "$context.identity.apiKeyId"
    userArn            = "$context.identity.userArn"
    status             = "$context.status"
    responseLength     = "$context.responseLength"
    responseLatency    = "$context.responseLatency"
    integrationStatus  = "$context.integration.status"
    integrationLatency = "$context.integration.latency"
    integrationError   = "$context.integration.error"
    integrationId      = "$context.integration.requestId"
    errorMessage       = "$context.error.message"
    errorType          = "$context.error.responseType"
    xrayTraceId        = "$context.xrayTraceId"
    wafStatus          = "$context.waf.status"
    wafLatency         = "$context.waf.latency"
    wafError           = "$context.waf.error"
    wafResponseCode    = "$context.wafResponseCode"
    webAclArn          = "$context.webaclArn"
  }
}

resource "aws_api_gateway_stage" "this" {
  #checkov:skip=CKV_AWS_73: Segments of X-Ray hold whole URLs, and that of a status has the token. The functions export spans of their own.
  #checkov:skip=CKV_AWS_120: Nothing may be cached: an accepted webhook is new, and a status is as of now.
  #checkov:skip=CKV2_AWS_51: A client certificate shows API Gateway to an HTTP backend; the backends are Lambda functions.
  #checkov:skip=CKV2_AWS_29: The web ACL is associated by the waf module.
  #checkov:skip=CKV2_AWS_77: The web ACL is associated by the waf module, with the rules against known bad inputs.
  rest_api_id          = aws_api_gateway_rest_api.this.id
  deployment_id        = aws_api_gateway_deployment.this.id
  stage_name           = var.stage_name
  description          = "Serves webhooks"
  xray_tracing_enabled = var.xray_tracing

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format          = jsonencode(local.access_log_format)
  }

  tags = var.tags

  lifecycle {
    # A stage of another name is there before the custom domain leaves the last one, which AWS does not delete before that.
    create_before_destroy = true
  }

  # Without the account's role a stage with logs is refused.
  depends_on = [aws_api_gateway_account.this, aws_cloudwatch_log_group.execution]
}

resource "aws_api_gateway_method_settings" "all" {
  #checkov:skip=CKV_AWS_225: Nothing may be cached, as for the stage.
  #checkov:skip=CKV_AWS_308: Nothing is cached that could be encrypted.
  rest_api_id = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name
  method_path = "*/*"

  settings {
    metrics_enabled        = true
    logging_level          = "ERROR"
    data_trace_enabled     = false
    caching_enabled        = false
    throttling_burst_limit = var.throttling.other.burst
    throttling_rate_limit  = var.throttling.other.rate
  }
}

resource "aws_api_gateway_method_settings" "method" {
  #checkov:skip=CKV_AWS_225: Nothing may be cached, as for the stage.
  #checkov:skip=CKV_AWS_308: Nothing is cached that could be encrypted.
  for_each = local.method_paths

  rest_api_id = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name
  method_path = each.key

  settings {
    metrics_enabled        = true
    logging_level          = "ERROR"
    data_trace_enabled     = false
    caching_enabled        = false
    throttling_burst_limit = each.value.burst
    throttling_rate_limit  = each.value.rate
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [aws_api_gateway_method_settings.all]
}
