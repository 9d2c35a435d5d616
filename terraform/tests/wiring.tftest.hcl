# What the root hands to the functions, seen where it arrives: in variables and policies.

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

run "settings_reach_the_functions" {
  variables {
    sources            = { github = { preset = "github" }, open = { preset = "none" } }
    allow_unsigned     = true
    max_body_bytes     = 1000
    retention_days     = 30
    deduplication_days = 40
    answer_budget_ms   = 4500
    max_redeliveries   = 1
    durable            = { execution_timeout_seconds = 7200 }
    step_retry         = { max_tries = 3, retry_seconds = 0 }
    functions          = { processor = { timeout_seconds = 120 } }
    logs               = { level = "debug" }

    inline_payload_bytes = 500
  }

  assert {
    condition = (
      module.functions.environment["validator"]["ALLOW_UNSIGNED"] == "true" &&
      module.functions.environment["validator"]["EXECUTION_NAME_PREFIX"] == "hooks" &&
      module.functions.environment["validator"]["INLINE_PAYLOAD_BYTES"] == "500" &&
      module.functions.environment["validator"]["MAX_BODY_BYTES"] == "1000" &&
      module.functions.environment["validator"]["PAYLOAD_BUCKET"] == "hooks-payloads-123456789012-eu-west-1" &&
      module.functions.environment["processor"]["PAYLOAD_BUCKET"] == output.payload_bucket_name &&
      module.functions.environment["reconciler"]["PAYLOAD_BUCKET"] == output.payload_bucket_name &&
      module.functions.environment["validator"]["RETENTION_DAYS"] == "30" &&
      module.functions.environment["validator"]["DEDUPLICATION_DAYS"] == "40" &&
      module.functions.environment["validator"]["EXECUTION_TIMEOUT_SECONDS"] == "7200" &&
      module.functions.environment["validator"]["ANSWER_BUDGET_MS"] == "4500" &&
      module.functions.environment["validator"]["MAX_REDELIVERIES"] == "1" &&
      module.functions.environment["reconciler"]["RETENTION_DAYS"] == "30" &&
      module.functions.environment["reconciler"]["DEDUPLICATION_DAYS"] == "40" &&
      module.functions.environment["reconciler"]["EXECUTION_TIMEOUT_SECONDS"] == "7200" &&
      module.functions.environment["validator"]["SECRET_ID"] == output.secret_arn &&
      module.functions.environment["validator"]["CONFIGURATION_SHA256"] == "4fcd5cbcf39d1c69c77cd238e8f2b4ff5088f6d0a3280fa1b8307a645621dea0" &&
      module.functions.environment["validator"]["TABLE_NAME"] == "hooks-webhooks" &&
      module.functions.environment["processor"]["STEP_MAX_TRIES"] == "3" &&
      module.functions.environment["processor"]["LOG_LEVEL"] == "debug"
    )
    error_message = "variables"
  }

  assert {
    condition     = module.payloads[0].expire_after_days == 32
    error_message = "an object outlives the item that names it"
  }

  assert {
    condition     = module.functions.functions["processor"].timeout_seconds == 120 && module.functions.functions["validator"].timeout_seconds == 15
    error_message = "what is not given keeps its default"
  }
}

run "headers_of_an_exporter_are_hidden_and_nothing_else_is" {
  variables {
    telemetry = {
      OTEL_EXPORTER_OTLP_ENDPOINT       = "https://otlp.example.com"
      OTEL_EXPORTER_OTLP_HEADERS        = "x-team=k1"
      OTEL_EXPORTER_OTLP_TRACES_HEADERS = "x-team=k2"
      OTEL_SERVICE_NAME                 = null
    }
  }

  assert {
    condition = { for name, value in local.telemetry : name => issensitive(value) } == {
      METRICS_NAMESPACE                 = false, OTEL_EXPORTER_OTLP_ENDPOINT = false, OTEL_EXPORTER_OTLP_HEADERS = true,
      OTEL_EXPORTER_OTLP_TRACES_HEADERS = true
    }
    error_message = "headers are sensitive"
  }

  assert {
    condition = alltrue([for variables in module.functions.environment :
      issensitive(variables["OTEL_EXPORTER_OTLP_HEADERS"]) && nonsensitive(variables["OTEL_EXPORTER_OTLP_HEADERS"]) == "x-team=k1" &&
      !issensitive(variables["TABLE_NAME"])
    ])
    error_message = "every function gets them, hidden"
  }
}

run "metrics_alarms_and_dashboards_have_the_namespace_of_the_deployment" {
  assert {
    condition = (
      alltrue([for variables in module.functions.environment : variables["METRICS_NAMESPACE"] == "Tracehook/hooks"]) &&
      local.deployment.namespace == "Tracehook/hooks"
    )
    error_message = "two deployments share no metric"
  }
}

run "metrics_may_have_another_namespace" {
  variables {
    telemetry = { METRICS_NAMESPACE = "Shop/webhooks" }
  }

  assert {
    condition = (
      alltrue([for variables in module.functions.environment : variables["METRICS_NAMESPACE"] == "Shop/webhooks"]) &&
      local.deployment.namespace == "Shop/webhooks"
    )
    error_message = "functions, alarms and dashboards have the same one"
  }
}

run "one_function_can_be_stopped" {
  variables {
    functions = { validator = { reserved_concurrency = 0 } }
  }

  assert {
    condition     = local.functions["validator"].reserved_concurrency == 0 && local.functions["status"].reserved_concurrency == -1
    error_message = "the validator takes nothing, and every other function goes on"
  }

  assert {
    condition     = module.functions.functions["validator"].timeout_seconds == 15
    error_message = "the rest of its settings are the defaults"
  }
}

run "without_a_bucket_the_table_keeps_every_payload" {
  variables {
    payload_bucket = false
  }

  assert {
    condition     = output.payload_bucket_name == null && alltrue([for variables in module.functions.environment : !contains(keys(variables), "PAYLOAD_BUCKET")])
    error_message = "no bucket"
  }
}

run "a_custom_domain_is_the_url_of_answers" {
  variables {
    custom_domain = {
      domain_name     = "hooks.example.com"
      certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-4000-8000-000000000000"
    }
  }

  assert {
    condition = (
      output.webhook_endpoint == "https://hooks.example.com/webhook" &&
      module.functions.environment["validator"]["PUBLIC_BASE_URL"] == "https://hooks.example.com" &&
      output.domain_target == "d-abc.execute-api.eu-west-1.amazonaws.com"
    )
    error_message = "custom domain"
  }
}

run "a_public_status_has_no_link_to_the_logs" {
  assert {
    condition     = module.functions.environment["status"]["LOGS_URL_TEMPLATE"] == "none"
    error_message = "the link names the log groups"
  }
}

run "a_link_to_the_logs_is_shown_where_it_is_asked_for" {
  variables {
    logs_url_template = "cloudwatch"
  }

  assert {
    condition     = startswith(module.functions.environment["status"]["LOGS_URL_TEMPLATE"], "cloudwatch:/aws/lambda/hooks-")
    error_message = "Logs Insights"
  }
}

run "readers_with_iam_get_the_link_to_the_logs" {
  variables {
    status_access = "iam"
  }

  assert {
    condition     = startswith(module.functions.environment["status"]["LOGS_URL_TEMPLATE"], "cloudwatch:/aws/lambda/hooks-")
    error_message = "Logs Insights"
  }
}

run "the_web_acl_knows_where_the_sources_have_their_proofs" {
  variables {
    retention_days     = 30
    deduplication_days = 40

    sources = {
      billing = { preset = "stripe", retention_days = 38 }
      repo    = { preset = "gitlab", id = ["hash"] }
      own = {
        verify = [{ kind = "hmac", hash = "sha256", signed = "{body}", signature = { from = ["header:X-Acme-Signature"], encoding = "hex" } }]
      }
      alerts = { verify = [{ kind = "token", from = "header:X-Acme-Key" }, { kind = "basic" }] }
    }
  }

  assert {
    condition     = toset(local.signature_headers) == toset(["stripe-signature", "webhook-signature", "x-gitlab-token", "x-acme-signature", "x-acme-key", "authorization"])
    error_message = "headers of proofs"
  }

  assert {
    condition     = module.payloads[0].expire_after_days == 40
    error_message = "an object outlives the item that names it"
  }

  assert {
    condition     = toset(local.credential_headers) == toset(["x-gitlab-token", "x-acme-key", "authorization"]) && length(local.proofs_elsewhere) == 0
    error_message = "headers with credentials"
  }
}

run "a_proof_that_is_in_no_header_is_told" {
  variables {
    sources        = { form = { preset = "mailgun" }, open = { preset = "none" }, billing = { preset = "stripe" } }
    allow_unsigned = true
  }

  assert {
    condition     = join(" ", local.proofs_elsewhere) == "form open" && join(" ", local.signature_headers) == "stripe-signature"
    error_message = "the web ACL cannot see the proofs of two sources"
  }
}

run "sources_may_come_from_a_file" {
  variables {
    sources      = {}
    sources_file = "./tests/sources.yaml"
  }

  assert {
    condition     = keys(local.sources) == ["billing", "own"] && toset(local.signature_headers) == toset(["stripe-signature", "x-own-key"])
    error_message = "the sources of the file alone"
  }
}
