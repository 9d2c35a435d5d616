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

run "by_default_the_token_is_enough_and_anyone_may_call" {
  assert {
    condition     = length(aws_api_gateway_usage_plan.status) == 0 && length(aws_api_gateway_domain_name.this) == 0
    error_message = "no plan, no domain"
  }

  assert {
    condition = jsondecode(aws_api_gateway_rest_api_policy.this.policy).Statement == [
      { Sid = "Invoke", Effect = "Allow", Principal = "*", Action = "execute-api:Invoke", Resource = ["${aws_api_gateway_rest_api.this.execution_arn}/*/*"] },
    ]
    error_message = "the policy is there and lets everybody in: ${aws_api_gateway_rest_api_policy.this.policy}"
  }

  assert {
    condition     = output.url == "https://api0000000.execute-api.eu-west-1.amazonaws.com/v1" && !aws_api_gateway_rest_api.this.disable_execute_api_endpoint
    error_message = "API Gateway's own domain"
  }
}

run "a_status_may_need_an_api_key" {
  variables {
    status_access      = "api_key"
    status_api_key_ids = { reader = "key0000001" }
  }

  assert {
    condition = [for key, m in aws_api_gateway_method.this : key if m.api_key_required || m.authorization != "NONE"] == [
      "GET /status/{executionToken}",
      "HEAD /status/{executionToken}",
    ]
    error_message = "the status alone needs a key; producers cannot send one"
  }

  assert {
    condition = (
      one(aws_api_gateway_usage_plan.status[0].api_stages).stage == "v1" &&
      aws_api_gateway_usage_plan.status[0].quota_settings[0].limit == 100000 &&
      aws_api_gateway_usage_plan.status[0].throttle_settings[0].rate_limit == 50 &&
      aws_api_gateway_usage_plan_key.status["reader"].usage_plan_id == aws_api_gateway_usage_plan.status[0].id
    )
    error_message = "a plan with a throttle, a quota and the key"
  }

  assert {
    condition     = output.deployment_digest != run.by_default_the_token_is_enough_and_anyone_may_call.deployment_digest
    error_message = "a changed route is deployed"
  }
}

run "a_status_may_need_iam" {
  variables {
    status_access = "iam"
  }

  assert {
    condition = [for key, m in aws_api_gateway_method.this : key if m.authorization == "AWS_IAM"] == [
      "GET /status/{executionToken}",
      "HEAD /status/{executionToken}",
    ]
    error_message = "the status alone needs IAM"
  }

  # An Allow for everybody would let every identity of every account read a status.
  assert {
    condition = jsondecode(aws_api_gateway_rest_api_policy.this.policy).Statement[0].Resource == [
      for path in ["*/webhook", "*/webhook/*", "DELETE/status/*", "OPTIONS/status/*", "PATCH/status/*", "POST/status/*", "PUT/status/*"] :
      "${aws_api_gateway_rest_api.this.execution_arn}/*/${path}"
    ]
    error_message = "IAM alone allows to read a status: ${aws_api_gateway_rest_api_policy.this.policy}"
  }

  assert {
    condition     = output.deployment_digest != run.by_default_the_token_is_enough_and_anyone_may_call.deployment_digest
    error_message = "a changed route is deployed"
  }
}

run "addresses_may_be_limited" {
  variables {
    allowed_cidrs = ["192.0.2.0/24", "2001:db8::/32"]
  }

  assert {
    condition = jsondecode(aws_api_gateway_rest_api_policy.this.policy).Statement == [
      { Sid = "Invoke", Effect = "Allow", Principal = "*", Action = "execute-api:Invoke", Resource = ["${aws_api_gateway_rest_api.this.execution_arn}/*/*"] },
      {
        Sid       = "FromTheseAddressesOnly", Effect = "Deny", Principal = "*", Action = "execute-api:Invoke", Resource = ["${aws_api_gateway_rest_api.this.execution_arn}/*/*"]
        Condition = { NotIpAddress = { "aws:SourceIp" = ["192.0.2.0/24", "2001:db8::/32"] } }
      },
    ]
    error_message = "resource policy"
  }

  assert {
    condition     = output.deployment_digest != run.by_default_the_token_is_enough_and_anyone_may_call.deployment_digest
    error_message = "a changed policy is deployed"
  }
}

run "more_addresses_than_a_policy_holds" {
  command = plan

  variables {
    allowed_cidrs = [for i in range(500) : "10.${floor(i / 256)}.${i % 256}.0/24"]
  }

  expect_failures = [aws_api_gateway_rest_api_policy.this]
}

run "an_api_that_nobody_reaches" {
  command = plan

  variables {
    default_endpoint = false
  }

  expect_failures = [aws_api_gateway_rest_api.this]
}

run "a_record_of_another_zone" {
  variables {
    custom_domain = {
      domain_name     = "hooks.example.com"
      certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-4000-8000-000000000000"
      hosted_zone     = { id = "Z999" }
    }
  }

  override_resource {
    target = aws_route53_record.this
    values = { fqdn = "hooks.example.com.other.org" }
  }

  expect_failures = [aws_route53_record.this]
}

run "clients_may_need_a_certificate" {
  variables {
    default_endpoint = false
    tls_policy       = "TLS_1_2"
    custom_domain = {
      domain_name     = "hooks.example.com"
      certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-4000-8000-000000000000"
      truststore_uri  = "s3://trust/authorities.pem"
    }
  }

  assert {
    condition     = one(aws_api_gateway_domain_name.this[0].mutual_tls_authentication).truststore_uri == "s3://trust/authorities.pem"
    error_message = "mutual TLS"
  }
}

run "a_custom_domain_beside_the_default" {
  override_resource {
    target = aws_route53_record.this
    values = { fqdn = "hooks.example.com" }
  }

  variables {
    custom_domain = {
      domain_name     = "hooks.example.com"
      certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-4000-8000-000000000000"
      hosted_zone     = { id = "Z123" }
    }
  }

  assert {
    condition = (
      output.url == "https://hooks.example.com" && !aws_api_gateway_rest_api.this.disable_execute_api_endpoint &&
      aws_api_gateway_domain_name.this[0].security_policy == "SecurityPolicy_TLS13_1_2_2021_06" &&
      aws_api_gateway_domain_name.this[0].regional_certificate_arn == var.custom_domain.certificate_arn &&
      aws_api_gateway_base_path_mapping.this[0].stage_name == "v1" &&
      aws_route53_record.this[0].alias[0].name == aws_api_gateway_domain_name.this[0].regional_domain_name
    )
    error_message = "domain, certificate, mapping, record; producers move while API Gateway's own domain still answers"
  }
}

run "other_timeouts_are_deployed" {
  variables {
    functions = {
      validator = {
        name       = "hooks-validator", alias = "live", timeout_seconds = 20
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

  assert {
    condition     = output.deployment_digest != run.by_default_the_token_is_enough_and_anyone_may_call.deployment_digest
    error_message = "a changed integration is deployed"
  }
}

run "other_responses_are_deployed" {
  variables {
    cors_allow_origin = "*"
  }

  assert {
    condition     = output.deployment_digest != run.by_default_the_token_is_enough_and_anyone_may_call.deployment_digest
    error_message = "changed responses are deployed"
  }
}

run "what_belongs_to_the_stage_is_not_deployed" {
  variables {
    throttling         = { webhook = { rate = 10, burst = 20 } }
    log_retention_days = 7
    xray_tracing       = true
    tags               = { a = "b" }
  }

  assert {
    condition     = output.deployment_digest == run.by_default_the_token_is_enough_and_anyone_may_call.deployment_digest
    error_message = "throttles, logs and tags deploy nothing"
  }
}
