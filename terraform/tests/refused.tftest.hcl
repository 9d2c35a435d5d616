# The root refuses values that would fail late; modules validate nothing that the root can set.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package_dir       = "./tests/packages"
  accepted_warnings = ["custom_domain", "runbooks", "secrets", "subscriptions"]
  # A web ACL's type is so large that every plan with one takes seconds; modules/waf has its tests.
  waf = { enabled = false }
}

run "an_unsigned_source_without_permission" {
  command = plan

  variables {
    sources = { open = { preset = "none" } }
  }

  expect_failures = [var.sources]
}

run "an_unknown_preset" {
  command = plan

  variables {
    sources = { open = { preset = "hmac-md5" } }
  }

  expect_failures = [var.sources]
}

run "a_source_that_says_nothing_of_its_verification" {
  command = plan

  variables {
    sources = { open = { id = ["hash"] } }
  }

  expect_failures = [var.sources]
}

run "an_unsigned_source_of_its_own_without_permission" {
  command = plan

  variables {
    sources = { shop = { preset = "github" }, open = { verify = [{ kind = "none" }] } }
  }

  expect_failures = [var.sources]
}

run "no_source" {
  command = plan

  variables {
    sources = {}
  }

  expect_failures = [var.sources]
}

run "a_source_name_that_is_no_path_segment" {
  command = plan

  variables {
    sources = { "Git Hub" = { preset = "github" } }
  }

  expect_failures = [var.sources]
}

run "an_id_that_is_no_locator" {
  command = plan

  variables {
    sources = { shop = { preset = "hmac-sha256", id = ["X-Order-Id"] } }
  }

  expect_failures = [var.sources]
}

run "an_id_in_a_header_that_carries_a_credential" {
  command = plan

  variables {
    sources = { shop = { preset = "hmac-sha256", id = ["json:/id+header:Authorization"] } }
  }

  expect_failures = [var.sources]
}

run "a_kept_header_that_carries_a_signature" {
  command = plan

  variables {
    sources = { shop = { preset = "hmac-sha256", keep_headers = ["X-Webhook-Signature"] } }
  }

  expect_failures = [var.sources]
}

run "a_kept_header_with_a_token" {
  command = plan

  variables {
    sources = { shop = { preset = "hmac-sha256", keep_headers = ["X-Goog-Channel-Token"] } }
  }

  expect_failures = [var.sources]
}

run "a_kept_header_with_an_address" {
  command = plan

  variables {
    sources = { shop = { preset = "hmac-sha256", keep_headers = ["X-Forwarded-For"] } }
  }

  expect_failures = [var.sources]
}

run "an_id_that_is_a_constant" {
  command = plan

  variables {
    sources = { shop = { preset = "hmac-sha256", id = ["const:x"] } }
  }

  expect_failures = [var.sources]
}

run "a_pointer_with_a_wrong_escape" {
  command = plan

  variables {
    sources = { shop = { preset = "hmac-sha256", id = ["json:/a~2"] } }
  }

  expect_failures = [var.sources]
}

run "a_conflict_that_is_refused" {
  command = plan

  variables {
    sources = { shop = { preset = "hmac-sha256", on_conflict = "refuse" } }
  }

  expect_failures = [var.sources]
}

run "a_prefix_that_makes_execution_names_too_long" {
  command = plan

  variables {
    name_prefix = "a-prefix-of-21-letters"
  }

  expect_failures = [var.name_prefix]
}

run "a_body_that_does_not_reach_the_function" {
  command = plan

  variables {
    max_body_bytes = 4669441
  }

  expect_failures = [var.max_body_bytes]
}

run "a_payload_that_no_item_can_hold" {
  command = plan

  variables {
    inline_payload_bytes = 358401
  }

  expect_failures = [var.inline_payload_bytes]
}

run "a_release_without_packages_of_the_architecture" {
  command = plan

  variables {
    package_bucket = {
      name       = "artifacts"
      sha256sums = join("\n", [for name in ["validator", "processor", "status", "reconciler"] : "${sha256(name)}  x86_64/${name}/bootstrap.zip"])
    }
  }

  expect_failures = [var.package_bucket]
}

run "a_prefix_that_is_no_directory" {
  command = plan

  variables {
    package_bucket = {
      name       = "artifacts"
      prefix     = "/tracehook"
      sha256sums = join("\n", [for name in ["validator", "processor", "status", "reconciler"] : "${sha256(name)}  arm64/${name}/bootstrap.zip"])
    }
  }

  expect_failures = [var.package_bucket]
}

run "a_function_that_does_not_exist" {
  command = plan

  variables {
    functions = { validater = { memory_mb = 512 } }
  }

  expect_failures = [var.functions]
}

run "a_function_that_outlasts_the_gateway" {
  command = plan

  variables {
    functions = { validator = { timeout_seconds = 60 } }
  }

  expect_failures = [var.functions]
}

run "an_execution_that_is_kept_too_long" {
  command = plan

  variables {
    durable = { retention_days = 91 }
  }

  expect_failures = [var.durable]
}

run "a_payload_that_expires_before_its_execution" {
  command = plan

  variables {
    durable        = { execution_timeout_seconds = 93601 }
    retention_days = 2
  }

  expect_failures = [var.retention_days]
}

run "an_execution_that_ends_before_its_tries" {
  command = plan

  variables {
    durable    = { execution_timeout_seconds = 7200 }
    step_retry = { retry_seconds = 1 }
  }

  expect_failures = [var.durable]
}

run "interrupted_tries_without_end" {
  command = plan

  variables {
    step_retry = { max_interrupted_tries = 1001 }
  }

  expect_failures = [var.step_retry]
}

run "a_mark_that_comes_too_late" {
  command = plan

  variables {
    step_retry = { mark_after_seconds = 3601 }
  }

  expect_failures = [var.step_retry]
}

run "a_record_that_expires_before_its_payload" {
  command = plan

  variables {
    retention_days     = 8
    deduplication_days = 7
  }

  expect_failures = [var.deduplication_days]
}

run "an_answer_before_a_webhook_can_be_stored" {
  command = plan

  variables {
    answer_budget_ms = 999
  }

  expect_failures = [var.answer_budget_ms]
}

run "an_answer_after_the_gateway_has_gone" {
  command = plan

  variables {
    answer_budget_ms = 25001
  }

  expect_failures = [var.answer_budget_ms]
}

run "redeliveries_without_end" {
  command = plan

  variables {
    max_redeliveries = 101
  }

  expect_failures = [var.max_redeliveries]
}

run "a_retention_that_logs_do_not_know" {
  command = plan

  variables {
    logs = { retention_days = 31 }
  }

  expect_failures = [var.logs]
}

run "an_alias_for_a_key" {
  command = plan

  variables {
    kms_key = { arn = "arn:aws:kms:eu-west-1:123456789012:alias/mine" }
  }

  expect_failures = [var.kms_key]
}

run "an_origin_with_a_path" {
  command = plan

  variables {
    cors_allow_origin = "https://status.example.com/page"
  }

  expect_failures = [var.cors_allow_origin]
}

run "a_link_with_an_unknown_placeholder" {
  command = plan

  variables {
    trace_url_template = "https://traces.example.com/{id}"
  }

  expect_failures = [var.trace_url_template]
}

run "an_unknown_access" {
  command = plan

  variables {
    status_access = "open"
  }

  expect_failures = [var.status_access]
}

run "a_range_that_is_none" {
  command = plan

  variables {
    allowed_cidrs = ["192.0.2.0"]
  }

  expect_failures = [var.allowed_cidrs]
}

run "a_severity_that_is_none" {
  command = plan

  variables {
    subscriptions = { team = { severity = "mild", protocol = "email", endpoint = "team@example.com" } }
  }

  expect_failures = [var.subscriptions]
}

run "alarms_of_another_detail" {
  command = plan

  variables {
    alarms = { detail = "some" }
  }

  expect_failures = [var.alarms]
}

run "silence_of_what_is_no_source" {
  command = plan

  variables {
    silence_seconds = { nobody = 3600 }
  }

  expect_failures = [var.silence_seconds]
}

run "a_silence_that_is_no_whole_minute" {
  command = plan

  variables {
    silence_seconds = { default = 90 }
  }

  expect_failures = [var.silence_seconds]
}

run "an_execution_longer_than_366_days" {
  command = plan

  variables {
    durable = { execution_timeout_seconds = 31622401 }
  }

  expect_failures = [var.durable]
}

run "an_unknown_architecture" {
  command = plan

  variables {
    architecture = "riscv64"
  }

  expect_failures = [var.architecture]
}

run "a_throttle_of_nothing" {
  command = plan

  variables {
    throttling = { challenge = { rate = 0, burst = 10 } }
  }

  expect_failures = [var.throttling]
}

run "old_tls" {
  command = plan

  variables {
    tls_policy = "TLS_1_0"
  }

  expect_failures = [var.tls_policy]
}

run "an_unknown_action_of_the_web_acl" {
  command = plan

  variables {
    waf = { enabled = false, rules = { rate_per_ip = "captcha" } }
  }

  expect_failures = [var.waf]
}

run "a_window_that_the_web_acl_does_not_know" {
  command = plan

  variables {
    waf = { enabled = false, rate_limit = { window_seconds = 30 } }
  }

  expect_failures = [var.waf]
}

run "a_rate_below_the_least_of_the_web_acl" {
  command = plan

  variables {
    waf = { enabled = false, rate_limit = { requests = 9 } }
  }

  expect_failures = [var.waf]
}

run "a_country_that_is_no_code" {
  command = plan

  variables {
    waf = { enabled = false, blocked_countries = ["Korea"] }
  }

  expect_failures = [var.waf]
}

run "a_web_acl_of_cloudfront" {
  command = plan

  variables {
    waf = { enabled = false, web_acl = { arn = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/central/11111111-2222-4333-8444-555555555555", metric_name = "central" } }
  }

  expect_failures = [var.waf]
}

run "a_fifo_topic" {
  command = plan

  variables {
    topics = { page = { arn = "arn:aws:sns:eu-west-1:123456789012:on-call.fifo" } }
  }

  expect_failures = [var.topics]
}

run "a_topic_of_no_severity" {
  command = plan

  variables {
    topics = { info = { arn = "arn:aws:sns:eu-west-1:123456789012:on-call" } }
  }

  expect_failures = [var.topics]
}

run "a_redacted_header_in_capitals" {
  command = plan

  variables {
    waf = { enabled = false, redacted_headers = ["X-Token"] }
  }

  expect_failures = [var.waf]
}

run "a_recovery_window_that_the_secret_does_not_know" {
  command = plan

  variables {
    secret_recovery_window_days = 5
  }

  expect_failures = [var.secret_recovery_window_days]
}

run "a_protocol_that_no_topic_delivers_to" {
  command = plan

  variables {
    subscriptions = { team = { severity = "page", protocol = "fax", endpoint = "1" } }
  }

  expect_failures = [var.subscriptions]
}

run "a_namespace_of_aws" {
  command = plan

  variables {
    telemetry = { METRICS_NAMESPACE = "AWS/Lambda" }
  }

  expect_failures = [var.telemetry]
}

run "a_variable_that_telemetry_does_not_read" {
  command = plan

  variables {
    telemetry = { OTEL_TRACES_EXPORTER = "xray", OTEL_BSP_SCHEDULE_DELAY = "1" }
  }

  expect_failures = [var.telemetry]
}

run "payloads_of_a_source_that_are_kept_longer_than_records" {
  command = plan

  variables {
    sources = { default = { preset = "hmac-sha256", retention_days = 36 } }
  }

  expect_failures = [var.sources]
}

run "payloads_of_a_source_that_are_gone_before_their_execution" {
  command = plan

  variables {
    sources = { default = { preset = "hmac-sha256", retention_days = 2 } }
  }

  expect_failures = [var.sources]
}

run "a_file_of_sources_that_is_not_there" {
  command = plan

  variables {
    sources_file = "./tests/none.yaml"
  }

  expect_failures = [var.sources_file]
}

run "a_source_of_a_file_with_an_unknown_preset" {
  command = plan

  variables {
    sources      = {}
    sources_file = "./tests/wrong.yaml"
  }

  expect_failures = [var.sources]
}

run "a_password_in_the_endpoint_of_a_subscription" {
  command = plan

  variables {
    subscriptions = { pager = { severity = "page", protocol = "https", endpoint = "https://user:password@pager.example.com/in" } }
  }

  expect_failures = [var.subscriptions]
}

run "half_a_minute_to_confirm_a_subscription" {
  command = plan

  variables {
    subscriptions = { pager = { severity = "page", protocol = "https", endpoint = "https://pager.example.com/in", confirmation_timeout_in_minutes = 0.5 } }
  }

  expect_failures = [var.subscriptions]
}
