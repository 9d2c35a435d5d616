# What API Gateway answers itself has the form of the functions' own errors: {"error", "code", "requestId"}.
locals {
  gateway_responses = {
    ACCESS_DENIED                  = { status = "403", code = "forbidden", error = "Forbidden" }
    API_CONFIGURATION_ERROR        = { status = "500", code = "internal_error", error = "Internal error" }
    AUTHORIZER_CONFIGURATION_ERROR = { status = "500", code = "internal_error", error = "Internal error" }
    AUTHORIZER_FAILURE             = { status = "500", code = "internal_error", error = "Internal error" }
    BAD_REQUEST_BODY               = { status = "400", code = "bad_request", error = "Bad request" }
    BAD_REQUEST_PARAMETERS         = { status = "400", code = "bad_request", error = "Bad request" }
    DEFAULT_4XX                    = { status = null, code = "bad_request", error = "Bad request" }
    DEFAULT_5XX                    = { status = null, code = "internal_error", error = "Internal error" }
    EXPIRED_TOKEN                  = { status = "403", code = "forbidden", error = "Forbidden" }
    INTEGRATION_FAILURE            = { status = "502", code = "bad_gateway", error = "Bad gateway" }
    INTEGRATION_TIMEOUT            = { status = "504", code = "gateway_timeout", error = "Gateway timeout" }
    INVALID_API_KEY                = { status = "403", code = "forbidden", error = "Forbidden" }
    INVALID_SIGNATURE              = { status = "403", code = "forbidden", error = "Forbidden" }
    # API Gateway's name for an unknown path.
    MISSING_AUTHENTICATION_TOKEN = { status = "404", code = "not_found", error = "Not found" }
    QUOTA_EXCEEDED               = { status = "429", code = "throttled", error = "Too many requests" }
    REQUEST_TOO_LARGE            = { status = "413", code = "payload_too_large", error = "Payload too large" }
    RESOURCE_NOT_FOUND           = { status = "404", code = "not_found", error = "Not found" }
    THROTTLED                    = { status = "429", code = "throttled", error = "Too many requests" }
    UNAUTHORIZED                 = { status = "403", code = "forbidden", error = "Forbidden" }
    UNSUPPORTED_MEDIA_TYPE       = { status = "415", code = "unsupported_media_type", error = "Unsupported media type" }
    WAF_FILTERED                 = { status = "403", code = "forbidden", error = "Forbidden" }
  }

  response_headers = merge(
    {
      "gatewayresponse.header.Cache-Control"             = "'no-store'"
      "gatewayresponse.header.Strict-Transport-Security" = "'max-age=31536000'"
      "gatewayresponse.header.X-Content-Type-Options"    = "'nosniff'"
    },
    var.cors_allow_origin == null ? {} : {
      "gatewayresponse.header.Access-Control-Allow-Origin" = "'${var.cors_allow_origin}'"
    },
  )
}

resource "aws_api_gateway_gateway_response" "this" {
  for_each = local.gateway_responses

  rest_api_id   = aws_api_gateway_rest_api.this.id
  response_type = each.key
  status_code   = each.value.status

  response_templates = {
    "application/json" = "{\"error\":\"${each.value.error}\",\"code\":\"${each.value.code}\",\"requestId\":\"$context.requestId\"}"
  }

  response_parameters = merge(
    local.response_headers,
    { for header, value in { "gatewayresponse.header.Retry-After" = "'1'" } : header => value if each.value.status == "429" },
  )
}
