# The whole deployment, with the project's own mock values: nothing is created anywhere.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name_prefix       = "hooks"
  package_dir       = "./tests/packages"
  accepted_warnings = ["custom_domain", "runbooks", "secrets", "subscriptions"]
  # A web ACL's type is so large that every plan with one takes seconds; modules/waf has its tests.
  waf = { enabled = false }
}

run "defaults_deploy_a_service" {
  assert {
    condition = (
      output.webhook_endpoint == "https://api0000000.execute-api.eu-west-1.amazonaws.com/v1/webhook" &&
      output.status_endpoint == "https://api0000000.execute-api.eu-west-1.amazonaws.com/v1/status"
    )
    error_message = "endpoints"
  }

  assert {
    condition     = output.function_names == { for name in ["processor", "reconciler", "status", "validator"] : name => "hooks-${name}" }
    error_message = "four functions"
  }

  assert {
    condition     = output.processor_arn == "arn:aws:lambda:eu-west-1:123456789012:function:hooks-processor:live"
    error_message = "the processor's alias"
  }

  assert {
    condition     = output.table_name == "hooks-webhooks"
    error_message = "table"
  }

  assert {
    condition     = output.payload_bucket_name == "hooks-payloads-123456789012-eu-west-1"
    error_message = "a name that no other account has"
  }

  assert {
    condition     = output.put_secret_command == "aws secretsmanager put-secret-value --region eu-west-1 --secret-id ${output.secret_arn} --secret-string file://secret.json"
    error_message = "the secret's value is put by the operator"
  }

  assert {
    condition     = strcontains(output.read_secret_command, "--secret-id ${output.secret_arn} --query SecretString") && strcontains(output.read_secret_command, "[\"sources\"][\"default\"]")
    error_message = "the example's secret is read: ${output.read_secret_command}"
  }

  assert {
    condition     = length(output.secrets_to_put) == 0 && length(module.secrets.first_version_id) > 0
    error_message = "the service works after the first apply"
  }

  assert {
    condition = (
      strcontains(output.example_curl, "/v1/webhook/default -H ") && strcontains(output.example_curl, "X-Webhook-Signature: sha256=") &&
      strcontains(output.example_curl, "| SECRET=\"$SECRET\" python3 -c '")
    )
    error_message = "example: ${output.example_curl}"
  }
}

run "every_function_has_its_log_group_and_its_alarm" {
  assert {
    condition     = { for part, f in module.functions.functions : part => f.log_group } == { for part, name in output.function_names : part => "/aws/lambda/${name}" }
    error_message = "log groups"
  }

  assert {
    condition     = [for name in output.alarm_names : name if startswith(name, "hooks-function-errors-")] == [for part, _ in output.function_names : "hooks-function-errors-${part}"]
    error_message = "alarms follow the map of functions"
  }

  assert {
    condition     = output.dashboard_url == "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#dashboards/dashboard/hooks-service-eu-west-1"
    error_message = "dashboard"
  }
}

run "a_source_has_its_alarms_and_may_be_watched_for_silence" {
  command = plan

  variables {
    sources         = { default = { preset = "hmac-sha256" }, shop = { preset = "hmac-sha256" } }
    silence_seconds = { shop = 7200 }
  }

  assert {
    condition = (
      contains(output.alarm_names, "hooks-signature-mismatch-default") && contains(output.alarm_names, "hooks-signature-mismatch-shop") &&
      [for name in output.alarm_names : name if startswith(name, "hooks-silence-")] == ["hooks-silence-shop"] && contains(output.alarm_names, "hooks-source-silent-shop")
    )
    error_message = "alarms follow the map of sources: ${jsonencode(output.alarm_names)}"
  }
}

run "fewer_alarms_cost_less" {
  command = plan

  variables {
    alarms  = { detail = "pages" }
    sources = { default = { preset = "hmac-sha256" } }
  }

  assert {
    condition     = output.alarms_cost == jsondecode(file("../tests/alarms/golden/costs.json")).pages["1"] && !contains(output.alarm_names, "hooks-signature-mismatch-default")
    error_message = "cost: ${jsonencode(output.alarms_cost)}"
  }

  assert {
    condition     = length(module.dashboards.urls) > 0
    error_message = "dashboards do without them"
  }
}

run "one_key_encrypts_everything" {
  assert {
    condition     = length(module.key) == 1 && output.kms_key_arn == module.key[0].arn
    error_message = "a key is made"
  }
}

run "a_given_key_is_used_instead" {
  variables {
    kms_key = { arn = "arn:aws:kms:eu-west-1:123456789012:key/99999999-2222-4333-8444-555555555555" }
  }

  assert {
    condition     = length(module.key) == 0 && output.kms_key_arn == var.kms_key.arn
    error_message = "no key is made"
  }
}

run "the_web_acl_is_on_unless_switched_off" {
  command = plan

  variables {
    waf = {}
  }

  assert {
    condition     = length(module.waf) == 1 && run.defaults_deploy_a_service.web_acl_arn == null
    error_message = "web ACL"
  }
}

run "a_web_acl_of_ones_own_protects_the_stage" {
  variables {
    waf = { web_acl = { arn = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/central/11111111-2222-4333-8444-555555555555", metric_name = "central-acl" } }
  }

  assert {
    condition = (
      length(module.waf) == 0 && output.web_acl_arn == var.waf.web_acl.arn && keys(aws_wafv2_web_acl_association.this) == ["v1"] &&
      aws_wafv2_web_acl_association.this["v1"].resource_arn == output.api.stage_arn && aws_wafv2_web_acl_association.this["v1"].web_acl_arn == var.waf.web_acl.arn
    )
    error_message = "it is the stage's, and no other is made"
  }

  assert {
    condition     = local.deployment.web_acl == "central-acl"
    error_message = "alarms and dashboards read its metric"
  }
}

run "the_api_is_deployed_again_when_a_route_changes" {
  variables {
    status_access = "iam"
  }

  assert {
    condition     = output.deployment_digest != run.defaults_deploy_a_service.deployment_digest
    error_message = "a changed route is deployed"
  }
}

run "the_api_is_not_deployed_again_for_other_changes" {
  variables {
    logs           = { retention_days = 90 }
    throttling     = { webhook = { rate = 1, burst = 2 } }
    retention_days = 30
  }

  assert {
    condition     = output.deployment_digest == run.defaults_deploy_a_service.deployment_digest
    error_message = "nothing of the API changed"
  }
}
