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

run "bodies_arrive_byte_for_byte_over_new_tls" {
  assert {
    condition     = aws_api_gateway_rest_api.this.binary_media_types == tolist(["*/*"])
    error_message = "every body is binary"
  }

  assert {
    condition     = aws_api_gateway_rest_api.this.endpoint_configuration[0].types == tolist(["REGIONAL"])
    error_message = "a Regional API, which a web ACL can protect"
  }

  assert {
    condition     = aws_api_gateway_rest_api.this.security_policy == "SecurityPolicy_TLS13_1_2_2021_06" && aws_api_gateway_rest_api.this.endpoint_access_mode == "BASIC"
    error_message = "TLS 1.2 is the oldest"
  }

  # AWS takes a quarter of an hour for another security policy.
  assert {
    condition     = aws_api_gateway_rest_api.this.timeouts.update == "60m" && aws_api_gateway_rest_api.this.timeouts.create == "60m"
    error_message = "how long the provider waits"
  }
}

run "every_route_has_its_methods" {
  assert {
    condition = { for key, m in aws_api_gateway_method.this : key => [m.http_method, m.authorization, m.api_key_required] } == {
      "ANY /status/{executionToken}"  = ["ANY", "NONE", false]
      "ANY /webhook"                  = ["ANY", "NONE", false]
      "ANY /webhook/{source}"         = ["ANY", "NONE", false]
      "GET /status/{executionToken}"  = ["GET", "NONE", false]
      "GET /webhook/{source}"         = ["GET", "NONE", false]
      "HEAD /status/{executionToken}" = ["HEAD", "NONE", false]
      "POST /webhook"                 = ["POST", "NONE", false]
      "POST /webhook/{source}"        = ["POST", "NONE", false]
    }
    error_message = "methods and who may call them"
  }

  assert {
    condition = (
      aws_api_gateway_resource.top["webhook"].path_part == "webhook" &&
      aws_api_gateway_resource.item["webhook/{source}"].path_part == "{source}" &&
      aws_api_gateway_resource.item["webhook/{source}"].parent_id == aws_api_gateway_resource.top["webhook"].id &&
      aws_api_gateway_resource.top["status"].path_part == "status" &&
      aws_api_gateway_resource.item["status/{executionToken}"].path_part == "{executionToken}" &&
      aws_api_gateway_resource.item["status/{executionToken}"].parent_id == aws_api_gateway_resource.top["status"].id
    )
    error_message = "paths"
  }

  assert {
    condition = alltrue([for key, m in aws_api_gateway_method.this : m.resource_id == (
      endswith(key, "/webhook") ? aws_api_gateway_resource.top["webhook"].id :
      aws_api_gateway_resource.item[trimprefix(split(" ", key)[1], "/")].id
    )])
    error_message = "each method is of its path"
  }
}

run "the_alias_answers_as_a_proxy" {
  assert {
    condition = alltrue([for key, i in aws_api_gateway_integration.this :
      i.type == "AWS_PROXY" && i.integration_http_method == "POST" &&
      i.uri == var.functions[strcontains(key, "/status") ? "status" : "validator"].invoke_arn
    ])
    error_message = "Lambda proxy integrations with the right function"
  }

  assert {
    condition     = alltrue([for key, i in aws_api_gateway_integration.this : i.timeout_milliseconds == (strcontains(key, "/status") ? 11000 : 16000)])
    error_message = "the gateway waits a second longer than the function"
  }

  assert {
    condition = { for key, p in aws_lambda_permission.this : key => [p.function_name, p.qualifier, p.action, p.principal, p.source_arn] } == {
      webhook = ["hooks-validator", "live", "lambda:InvokeFunction", "apigateway.amazonaws.com", "arn:aws:execute-api:eu-west-1:123456789012:api0000000/v1/*/webhook"]
      source  = ["hooks-validator", "live", "lambda:InvokeFunction", "apigateway.amazonaws.com", "arn:aws:execute-api:eu-west-1:123456789012:api0000000/v1/*/webhook/*"]
      status  = ["hooks-status", "live", "lambda:InvokeFunction", "apigateway.amazonaws.com", "arn:aws:execute-api:eu-west-1:123456789012:api0000000/v1/*/status/*"]
    }
    error_message = "this API alone may call the functions, each on its own path"
  }
}

run "errors_of_the_gateway_have_the_form_of_the_functions" {
  assert {
    condition = { for type, r in aws_api_gateway_gateway_response.this : type => [r.status_code == null ? "" : r.status_code, jsondecode(r.response_templates["application/json"]).code] } == {
      ACCESS_DENIED                  = ["403", "forbidden"]
      API_CONFIGURATION_ERROR        = ["500", "internal_error"]
      AUTHORIZER_CONFIGURATION_ERROR = ["500", "internal_error"]
      AUTHORIZER_FAILURE             = ["500", "internal_error"]
      BAD_REQUEST_BODY               = ["400", "bad_request"]
      BAD_REQUEST_PARAMETERS         = ["400", "bad_request"]
      DEFAULT_4XX                    = ["", "bad_request"]
      DEFAULT_5XX                    = ["", "internal_error"]
      EXPIRED_TOKEN                  = ["403", "forbidden"]
      INTEGRATION_FAILURE            = ["502", "bad_gateway"]
      INTEGRATION_TIMEOUT            = ["504", "gateway_timeout"]
      INVALID_API_KEY                = ["403", "forbidden"]
      INVALID_SIGNATURE              = ["403", "forbidden"]
      MISSING_AUTHENTICATION_TOKEN   = ["404", "not_found"]
      QUOTA_EXCEEDED                 = ["429", "throttled"]
      REQUEST_TOO_LARGE              = ["413", "payload_too_large"]
      RESOURCE_NOT_FOUND             = ["404", "not_found"]
      THROTTLED                      = ["429", "throttled"]
      UNAUTHORIZED                   = ["403", "forbidden"]
      UNSUPPORTED_MEDIA_TYPE         = ["415", "unsupported_media_type"]
      WAF_FILTERED                   = ["403", "forbidden"]
    }
    error_message = "status and code of every response"
  }

  assert {
    condition = alltrue([for r in aws_api_gateway_gateway_response.this :
      join(" ", keys(jsondecode(r.response_templates["application/json"]))) == "code error requestId" &&
      jsondecode(r.response_templates["application/json"]).requestId == "$context.requestId" &&
      jsondecode(r.response_templates["application/json"]).error != ""
    ])
    error_message = "error, code, requestId"
  }

  assert {
    condition = (
      aws_api_gateway_gateway_response.this["THROTTLED"].response_parameters["gatewayresponse.header.Retry-After"] == "'1'" &&
      alltrue([for r in aws_api_gateway_gateway_response.this : r.response_parameters["gatewayresponse.header.Cache-Control"] == "'no-store'"]) &&
      alltrue([for r in aws_api_gateway_gateway_response.this : r.response_parameters["gatewayresponse.header.X-Content-Type-Options"] == "'nosniff'"]) &&
      alltrue([for r in aws_api_gateway_gateway_response.this : r.response_parameters["gatewayresponse.header.Strict-Transport-Security"] == "'max-age=31536000'"]) &&
      alltrue([for r in aws_api_gateway_gateway_response.this : !contains(keys(r.response_parameters), "gatewayresponse.header.Access-Control-Allow-Origin")])
    )
    error_message = "headers of responses"
  }
}

run "pages_of_the_cors_origin_may_read_errors" {
  variables {
    cors_allow_origin = "https://status.example.com"
  }

  assert {
    condition     = alltrue([for r in aws_api_gateway_gateway_response.this : r.response_parameters["gatewayresponse.header.Access-Control-Allow-Origin"] == "'https://status.example.com'"])
    error_message = "CORS header on every response"
  }
}
