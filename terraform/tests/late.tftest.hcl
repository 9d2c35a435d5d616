# What passes a plan of the provider and is refused later: by AWS in the middle of an apply, or by a function at its start.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package_dir       = "./tests/packages"
  accepted_warnings = ["custom_domain", "runbooks", "secrets", "subscriptions"]
  # A web ACL's type is so large that every plan with one takes seconds; modules/waf has its tests.
  waf = { enabled = false }
}

# The provider takes whole numbers, and what goes to a variable of a function would stop it at its start.
run "numbers_that_are_not_whole" {
  command = plan

  variables {
    functions                   = { status = { memory_mb = 256.5 } }
    throttling                  = { webhook = { rate = 200, burst = 400.5 } }
    waf                         = { enabled = false, rate_limit = { requests = 1000.5 } }
    max_body_bytes              = 1000.5
    inline_payload_bytes        = 1000.5
    answer_budget_ms            = 2500.5
    max_redeliveries            = 1.5
    step_retry                  = { max_tries = 10.5 }
    reconciler                  = { starts_per_second = 1.5 }
    concurrency_quota           = 1.5
    secret_recovery_window_days = 7.5
    processor                   = { ephemeral_storage_mb = 512.5 }
  }

  expect_failures = [
    var.functions, var.throttling, var.waf, var.max_body_bytes, var.inline_payload_bytes,
    var.answer_budget_ms, var.max_redeliveries, var.step_retry, var.reconciler, var.concurrency_quota, var.secret_recovery_window_days, var.processor,
  ]
}

run "times_and_limits_that_are_not_whole" {
  command = plan

  variables {
    functions = { status = { timeout_seconds = 1.5 } }
    durable   = { retention_days = 7.5 }
    waf       = { enabled = false, rate_limit = { source_requests = 1000.5 } }
  }

  expect_failures = [var.functions, var.durable, var.waf]
}

# What passes a plan of the provider and is refused by AWS in the middle of an apply.
run "values_that_only_aws_would_refuse" {
  command = plan

  variables {
    tls_policy     = "SecurityPolicy_TLS13_2025_EDGE"
    retention_days = 7.5
    allowed_cidrs  = ["0.0.0.0/0"]
    waf            = { enabled = false, blocked_countries = ["UK"] }
    throttling     = { status = { rate = 3.3333333, burst = 10 } }
    kms_key        = { arn = "arn:aws:kms:us-east-1:123456789012:key/mrk-11111111222243338444555555555555" }
    tags           = { team = "a", Team = "b" }
    processor      = { environment = { AWS_REGION = "eu-west-1" } }
  }

  expect_failures = [var.tls_policy, var.retention_days, var.allowed_cidrs, var.waf, var.throttling, var.kms_key, var.tags, var.processor]
}

run "a_tag_like_a_default_tag_and_a_certificate_of_another_region" {
  command = plan

  override_data {
    target = data.aws_default_tags.current
    values = { tags = { Team = "a" } }
  }

  variables {
    tags               = { team = "b" }
    deduplication_days = 35.5
    custom_domain      = { domain_name = "hooks.example.com", certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-4000-8000-000000000000" }
  }

  expect_failures = [var.tags, var.deduplication_days, var.custom_domain]
}

run "mutual_tls_beside_an_endpoint_without_it" {
  command = plan

  variables {
    tls_policy    = "TLS_1_2"
    custom_domain = { domain_name = "hooks.example.com", certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-4000-8000-000000000000", truststore_uri = "s3://trust/authorities.pem" }
    waf           = { enabled = false, blocked_cidrs = ["::/0"] }
    durable       = { execution_timeout_seconds = 93600.5 }
    processor     = { policy_statements = { "not-a-sid" = { actions = ["s3:GetObject"], resources = ["*"] } } }
  }

  expect_failures = [var.custom_domain, var.durable, var.waf, var.processor]
}

run "settings_that_would_do_nothing_or_fail_late" {
  command = plan

  variables {
    waf              = { enabled = false, web_acl = { arn = "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/central/11111111-2222-4333-8444-555555555555", metric_name = "central" } }
    topics           = { page = { arn = "arn:aws:sns:us-east-1:123456789012:on-call" } }
    processor        = { policy_statements = { Nothing = { actions = [], resources = ["*"] } } }
    retired_key_arns = { last = "alias/old" }
    tags             = { "aws:team" = "a" }
    package_bucket   = { name = "s3://artifacts", sha256sums = join("\n", [for name in ["validator", "processor", "status", "reconciler"] : "${sha256(name)}  arm64/${name}/bootstrap.zip"]) }
    alarms_dir       = "./modules"
    functions        = { validator = null }
  }

  expect_failures = [var.waf, var.topics, var.processor, var.retired_key_arns, var.tags, var.package_bucket, var.alarms_dir, var.functions]
}

run "a_handler_in_no_network_with_a_variable_of_one_letter" {
  command = plan

  variables {
    waf       = { enabled = false, web_acl = { arn = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/central/11111111-2222-4333-8444-555555555555", metric_name = "" } }
    processor = { vpc = { subnet_ids = [], security_group_ids = [] } }
  }

  expect_failures = [var.waf, var.processor]
}

run "null_is_the_default" {
  command = plan

  variables {
    architecture  = null
    functions     = null
    allowed_cidrs = null
    subscriptions = null
    runbooks_url  = null
  }

  assert {
    condition     = local.functions.validator.memory_mb == 512 && var.architecture == "arm64"
    error_message = "as a module that hands on what it was not given"
  }
}
