mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name        = "hooks"
  stage_arn   = "arn:aws:apigateway:eu-west-1::/restapis/api0000000/stages/v1"
  kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-4333-8444-555555555555"

  signature_headers = ["X-Webhook-Signature", "X-Hub-Signature-256"]
}

# One run for everything about the defaults: a web ACL's type is so large that every run takes seconds.
run "defaults_protect_the_stage_and_do_not_eat_webhooks" {
  assert {
    condition = (
      aws_wafv2_web_acl_association.this.resource_arn == var.stage_arn &&
      aws_wafv2_web_acl_association.this.web_acl_arn == aws_wafv2_web_acl.this.arn &&
      aws_wafv2_web_acl.this.scope == "REGIONAL"
    )
    error_message = "association"
  }

  assert {
    condition = { for r in aws_wafv2_web_acl.this.rule : r.name => r.priority } == {
      blocked-addresses = 5, rate-per-ip = 30, rate-per-ip-signed = 31, rate-per-source = 35, ip-reputation = 40, known-bad-inputs-of-webhooks = 50, known-bad-inputs = 51, bodies-elsewhere = 61
    }
    error_message = "rules by default"
  }

  assert {
    condition = { for r in aws_wafv2_web_acl.this.rule : r.name =>
      [length(r.action[0].block), r.statement[0].rate_based_statement[0].limit, r.statement[0].rate_based_statement[0].evaluation_window_sec, r.statement[0].rate_based_statement[0].aggregate_key_type]
      if strcontains(r.name, "rate")
    } == { rate-per-ip = [1, 1000, 300, "IP"], rate-per-ip-signed = [1, 20000, 300, "IP"], rate-per-source = [1, 48000, 300, "CUSTOM_KEYS"] }
    error_message = "rates of one address and of one source"
  }

  # The path is the source: one that is flooded leaves the others a fifth of the throttle.
  assert {
    condition = [for r in aws_wafv2_web_acl.this.rule : [
      length(r.statement[0].rate_based_statement[0].custom_key[0].uri_path),
      r.statement[0].rate_based_statement[0].scope_down_statement[0].regex_match_statement[0].regex_string,
    ] if r.name == "rate-per-source"] == [[1, "^(/[0-9A-Za-z_-]+)?/webhook(/[^/]+)?/?$"]]
    error_message = "webhooks of one path"
  }

  # Somebody can be blocked at once: the sets are there before anybody is in them.
  assert {
    condition = (
      { for version, set in aws_wafv2_ip_set.blocked : version => [set.name, length(set.addresses)] } == { IPV4 = ["hooks-blocked-ipv4", 0], IPV6 = ["hooks-blocked-ipv6", 0] } &&
      [for r in aws_wafv2_web_acl.this.rule : [r.priority, length(r.action[0].block), length(r.statement[0].or_statement[0].statement)] if r.name == "blocked-addresses"] == [[5, 1, 2]]
    )
    error_message = "empty sets that a rule blocks before every other: ${jsonencode({ for version, set in aws_wafv2_ip_set.blocked : version => set.name })}"
  }

  # A busy producer is not blocked below a third of the throttle, 200 a second; what carries no signature is far below.
  assert {
    condition = alltrue([for r in aws_wafv2_web_acl.this.rule :
      r.statement[0].rate_based_statement[0].limit / r.statement[0].rate_based_statement[0].evaluation_window_sec >= 200 / 3.1
      if r.name == "rate-per-ip-signed"
    ])
    error_message = "a busy producer"
  }

  assert {
    condition = [for r in aws_wafv2_web_acl.this.rule : [for s in r.statement[0].rate_based_statement[0].scope_down_statement[0].and_statement[0].statement :
      [s.regex_match_statement[0].regex_string, length(s.regex_match_statement[0].field_to_match[0].uri_path), [for h in s.regex_match_statement[0].field_to_match[0].headers : h.match_scope]]
      ] if r.name == "rate-per-ip-signed"] == [[
      ["^(/[0-9A-Za-z_-]+)?/webhook(/[^/]+)?/?$", 1, []],
      ["(x-hub-signature-256|x-webhook-signature)", 0, ["KEY"]],
    ]]
    error_message = "webhooks with a signature's header"
  }

  # Not on a webhook path, or without the header: together both rules count every request, and none twice.
  assert {
    condition = [for r in aws_wafv2_web_acl.this.rule : [for s in r.statement[0].rate_based_statement[0].scope_down_statement[0].or_statement[0].statement :
      s.not_statement[0].statement[0].regex_match_statement[0].regex_string
      ] if r.name == "rate-per-ip"] == [[
      "^(/[0-9A-Za-z_-]+)?/webhook(/[^/]+)?/?$",
      "(x-hub-signature-256|x-webhook-signature)",
    ]]
    error_message = "everything else"
  }

  assert {
    condition = { for r in aws_wafv2_web_acl.this.rule :
      r.name => [length(r.override_action[0].none), r.statement[0].managed_rule_group_statement[0].name, r.statement[0].managed_rule_group_statement[0].vendor_name]
      if length(r.override_action) > 0
      } == {
      ip-reputation                = [1, "AWSManagedRulesAmazonIpReputationList", "AWS"]
      known-bad-inputs-of-webhooks = [1, "AWSManagedRulesKnownBadInputsRuleSet", "AWS"]
      known-bad-inputs             = [1, "AWSManagedRulesKnownBadInputsRuleSet", "AWS"]
    }
    error_message = "groups, not overridden"
  }

  assert {
    condition = { for r in aws_wafv2_web_acl.this.rule :
      r.name => [for o in r.statement[0].managed_rule_group_statement[0].rule_action_override : o.name if length(o.action_to_use[0].count) == 1]
      if length(r.override_action) > 0
      } == {
      ip-reputation                = []
      known-bad-inputs-of-webhooks = ["JavaDeserializationRCE_BODY", "Log4JRCE_BODY", "ReactJSRCE_BODY"]
      known-bad-inputs             = []
    }
    error_message = "counted rules"
  }

  assert {
    condition = [for r in aws_wafv2_web_acl.this.rule :
      r.statement[0].managed_rule_group_statement[0].scope_down_statement[0].regex_match_statement[0].regex_string
      if r.name == "known-bad-inputs-of-webhooks"
    ] == ["^(/[0-9A-Za-z_-]+)?/webhook(/[^/]+)?/?$"]
    error_message = "the counting instance sees webhook paths only"
  }

  assert {
    condition = [for r in aws_wafv2_web_acl.this.rule :
      r.statement[0].managed_rule_group_statement[0].scope_down_statement[0].not_statement[0].statement[0].regex_match_statement[0].regex_string
      if r.name == "known-bad-inputs"
    ] == ["^(/[0-9A-Za-z_-]+)?/webhook(/[^/]+)?/?$"]
    error_message = "the blocking instance sees all other paths"
  }

  assert {
    condition = alltrue([for r in aws_wafv2_web_acl.this.rule : alltrue(concat(
      [for path in ["/webhook", "/webhook/github", "/v1/webhook", "/v1/webhook/github", "/v1/webhook/"] :
      can(regex(r.statement[0].managed_rule_group_statement[0].scope_down_statement[0].regex_match_statement[0].regex_string, path))],
      [for path in ["/status/00", "/v1/status/00", "/", "/webhooks", "/v1/x/webhook", "/webhook/a/b"] :
      !can(regex(r.statement[0].managed_rule_group_statement[0].scope_down_statement[0].regex_match_statement[0].regex_string, path))],
    )) if r.name == "known-bad-inputs-of-webhooks"])
    error_message = "the expression matches webhook paths and no others"
  }

  assert {
    condition = { for r in aws_wafv2_web_acl.this.rule :
      r.name => [
        length(r.action[0].block), length(r.action[0].count),
        r.statement[0].and_statement[0].statement[1].size_constraint_statement[0].size,
        r.statement[0].and_statement[0].statement[1].size_constraint_statement[0].field_to_match[0].body[0].oversize_handling,
      ]
      if strcontains(r.name, "bodies-elsewhere") || strcontains(r.name, "oversize")
    } == { bodies-elsewhere = [1, 0, 1024, "MATCH"] }
    error_message = "large webhooks pass without a line in the log, bodies elsewhere are blocked"
  }

  assert {
    condition = (
      aws_cloudwatch_log_group.this.name == "aws-waf-logs-hooks" && aws_cloudwatch_log_group.this.kms_key_id == var.kms_key_arn &&
      aws_cloudwatch_log_group.this.retention_in_days == 30 &&
      aws_wafv2_web_acl_logging_configuration.this.log_destination_configs == toset([aws_cloudwatch_log_group.this.arn])
    )
    error_message = "encrypted log"
  }

  assert {
    condition = alltrue([for header in [
      "authorization", "x-api-key", "cookie", "x-gitlab-token", "x-hub-signature-256", "x-webhook-signature",
    ] : contains([for f in aws_wafv2_web_acl_logging_configuration.this.redacted_fields : f.single_header[0].name if length(f.single_header) == 1], header)])
    error_message = "signatures and credentials are redacted"
  }

  assert {
    condition     = length([for f in aws_wafv2_web_acl_logging_configuration.this.redacted_fields : f if length(f.query_string) == 1]) == 1
    error_message = "query strings are redacted"
  }

  assert {
    condition     = length([for f in aws_wafv2_web_acl_logging_configuration.this.redacted_fields : f if length(f.uri_path) == 1]) == 1
    error_message = "paths are redacted"
  }

  assert {
    condition = (
      aws_wafv2_web_acl_logging_configuration.this.logging_filter[0].default_behavior == "DROP" &&
      one(aws_wafv2_web_acl_logging_configuration.this.logging_filter[0].filter).behavior == "KEEP"
    )
    error_message = "only what was blocked or counted is logged"
  }

  assert {
    condition = alltrue([for v in concat([aws_wafv2_web_acl.this.visibility_config[0]], [for r in aws_wafv2_web_acl.this.rule : r.visibility_config[0]]) :
      v.cloudwatch_metrics_enabled && !v.sampled_requests_enabled
    ])
    error_message = "metrics without samples, which would hold signatures"
  }
}

run "each_rule_can_be_switched" {
  command = plan

  variables {
    rules = { rate_per_ip = "count", rate_per_source = "count", ip_reputation = "off", known_bad_inputs = "count", oversize_webhooks = "count", bodies_elsewhere = "count" }
  }

  assert {
    condition     = toset([for r in aws_wafv2_web_acl.this.rule : r.name]) == toset(["blocked-addresses", "rate-per-ip", "rate-per-ip-signed", "rate-per-source", "known-bad-inputs-of-webhooks", "known-bad-inputs", "oversize-webhooks", "bodies-elsewhere"])
    error_message = "rules that are off are gone"
  }

  assert {
    condition = alltrue([for r in aws_wafv2_web_acl.this.rule :
      length(r.action) > 0 ? length(r.action[0].count) == 1 : length(r.override_action[0].count) == 1
      if r.name != "blocked-addresses"
    ])
    error_message = "all others count"
  }

  assert {
    condition = [for r in aws_wafv2_web_acl.this.rule :
      [r.priority, r.statement[0].and_statement[0].statement[1].size_constraint_statement[0].size] if r.name == "oversize-webhooks"
    ] == [[60, 16384]]
    error_message = "large webhooks are those larger than the inspected part"
  }
}

run "where_a_source_takes_unsigned_webhooks_all_of_them_have_the_higher_rate" {
  command = plan

  variables {
    proofs_elsewhere = true
    rate_limit       = { requests = 500, signed_requests = 5000, window_seconds = 60 }
  }

  assert {
    condition = { for r in aws_wafv2_web_acl.this.rule : r.name => [r.statement[0].rate_based_statement[0].limit, r.statement[0].rate_based_statement[0].evaluation_window_sec] if strcontains(r.name, "rate") } == {
      rate-per-ip = [500, 60], rate-per-ip-signed = [5000, 60], rate-per-source = [48000, 60]
    }
    error_message = "rates"
  }

  # Every request has a header with a name.
  assert {
    condition = [for r in aws_wafv2_web_acl.this.rule :
      r.statement[0].rate_based_statement[0].scope_down_statement[0].and_statement[0].statement[1].regex_match_statement[0].regex_string if r.name == "rate-per-ip-signed"
    ] == ["."]
    error_message = "any header"
  }
}

run "more_names_than_an_expression_takes_are_no_names" {
  command = plan

  variables {
    signature_headers  = [for number in range(200) : "X-Producer-${number}-Signature"]
    credential_headers = ["x-producer-199-signature"]
    redacted_headers   = ["x-own"]
  }

  # An AWS WAF log leaves out at most 100 fields.
  assert {
    condition     = length(aws_wafv2_web_acl_logging_configuration.this.redacted_fields) == 100
    error_message = "as many as a log leaves out"
  }

  assert {
    condition = alltrue([for header in ["authorization", "x-own", "x-producer-199-signature"] :
      contains([for f in aws_wafv2_web_acl_logging_configuration.this.redacted_fields : f.single_header[0].name if length(f.single_header) == 1], header)
    ])
    error_message = "credentials first"
  }

  assert {
    condition = [for r in aws_wafv2_web_acl.this.rule :
      r.statement[0].rate_based_statement[0].scope_down_statement[0].and_statement[0].statement[1].regex_match_statement[0].regex_string if r.name == "rate-per-ip-signed"
    ] == ["."]
    error_message = "any header"
  }
}

run "more_credentials_than_a_log_leaves_out_are_refused" {
  command = plan

  variables {
    credential_headers = [for number in range(90) : "x-producer-${number}-token"]
  }

  expect_failures = [aws_wafv2_web_acl_logging_configuration.this]
}

run "addresses_and_countries_may_be_limited" {
  command = plan

  variables {
    allowed_cidrs     = ["192.0.2.0/24", "2001:db8::/32"]
    blocked_countries = ["KP"]
  }

  assert {
    condition = { for version, s in aws_wafv2_ip_set.allowed : version => [s.ip_address_version, tolist(s.addresses)] } == {
      IPV4 = ["IPV4", tolist(["192.0.2.0/24"])], IPV6 = ["IPV6", tolist(["2001:db8::/32"])]
    }
    error_message = "address sets"
  }

  assert {
    condition = [for r in aws_wafv2_web_acl.this.rule :
      [length(r.action[0].block), length(r.statement[0].not_statement[0].statement[0].or_statement[0].statement)] if r.name == "allowed-addresses-only"
    ] == [[1, 2]]
    error_message = "what is in neither set is blocked"
  }

  assert {
    condition     = [for r in aws_wafv2_web_acl.this.rule : r.statement[0].geo_match_statement[0].country_codes if r.name == "blocked-countries"] == [tolist(["KP"])]
    error_message = "countries"
  }
}
