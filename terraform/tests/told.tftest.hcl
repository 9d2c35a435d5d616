# What a plan tells and reads, and the brake.

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

run "a_producers_secret_is_put_by_hand" {
  command = plan

  variables {
    sources           = { default = { preset = "hmac-sha256" }, github = { preset = "github" }, shop = { preset = "hmac-sha256", verify = [{ kind = "token", from = ["header:x-shop"] }] } }
    accepted_warnings = ["custom_domain", "runbooks", "subscriptions"]
  }

  assert {
    condition     = output.secrets_to_put == toset(["github", "shop"])
    error_message = "the sources whose secrets Terraform does not make: ${jsonencode(output.secrets_to_put)}"
  }

  expect_failures = [check.secrets]
}

run "an_address_that_ends_with_the_api_links_that_lead_nowhere_and_nobody_who_is_paged" {
  command = plan

  variables {
    accepted_warnings = []
  }

  expect_failures = [check.custom_domain, check.runbooks, check.subscriptions]
}

run "a_stopped_intake_keeps_every_other_setting" {
  command = plan

  variables {
    intake_enabled = false
    functions      = { validator = { memory_mb = 1024 }, processor = { reserved_concurrency = 7 } }
  }

  assert {
    condition = (
      local.functions.validator == { memory_mb = 1024, timeout_seconds = 15, reserved_concurrency = 0 } && local.functions.processor.reserved_concurrency == 7
    )
    error_message = "the validator alone is stopped: ${jsonencode(local.functions)}"
  }
}

run "a_function_that_serves_other_code_than_its_package" {
  override_data {
    target = data.aws_lambda_function.live
    values = { code_sha256 = "b3RoZXIgY29kZQ==" }
  }

  expect_failures = [data.aws_lambda_function.live]
}

run "the_quota_of_concurrency_is_read" {
  command = plan

  override_data {
    target = data.aws_servicequotas_service_quota.concurrency
    values = { value = 10 }
  }

  assert {
    condition     = local.deployment.concurrency_quota == 10
    error_message = "a new account's quota: ${local.deployment.concurrency_quota}"
  }
}

run "a_subscription_that_nobody_confirmed" {
  override_resource {
    target = module.alarms.aws_sns_topic_subscription.this
    values = { pending_confirmation = true }
  }

  variables {
    subscriptions = { team = { severity = "page", protocol = "email", endpoint = "team@example.com" } }
  }

  expect_failures = [check.subscriptions]
}

# The runs before have applied a deployment of eu-west-1.
run "a_state_of_another_region" {
  command = plan

  override_data {
    target = data.aws_region.current
    values = { region = "us-east-1" }
  }

  expect_failures = [terraform_data.place]
}
