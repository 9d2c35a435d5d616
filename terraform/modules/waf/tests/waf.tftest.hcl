mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name        = "hooks"
  kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-4333-8444-555555555555"

  signature_headers = ["X-Webhook-Signature", "X-Hub-Signature-256"]
}

# One run for everything about the defaults: a web ACL's type is so large that every run takes seconds.
run "defaults_do_not_eat_webhooks" {
  assert {
    condition     = aws_wafv2_web_acl.this.scope == "REGIONAL"
    error_message = "scope"
  }

  assert {
    condition = { for r in aws_wafv2_web_acl.this.rule : r.name => r.priority } == {
      blocked-addresses = 5, rate-per-ip = 30, rate-per-ip-signed = 31, rate-per-ip-unsigned = 32, rate-per-source = 35, ip-reputation = 40, known-bad-inputs-of-webhooks = 50, known-bad-inputs = 51, bodies-elsewhere = 61
    }
    error_message = "rules by default"
  }

  # Each rule costs money, which the price of a deployment has.
  assert {
    condition     = length(aws_wafv2_web_acl.this.rule) == jsondecode(file("../../costs.json")).monthly.fixed.web_acl_rules
    error_message = "rules in the price"
  }

  assert {
    condition = { for r in aws_wafv2_web_acl.this.rule : r.name =>
      [length(r.action[0].block), r.statement[0].rate_based_statement[0].limit, r.statement[0].rate_based_statement[0].evaluation_window_sec, r.statement[0].rate_based_statement[0].aggregate_key_type]
      if strcontains(r.name, "rate")
    } == { rate-per-ip = [1, 1000, 300, "IP"], rate-per-ip-signed = [1, 20000, 300, "IP"], rate-per-ip-unsigned = [1, 1000, 300, "IP"], rate-per-source = [1, 48000, 300, "CUSTOM_KEYS"] }
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

  # Of the three rates of an address each request has one: what is no webhook, webhooks with a sign of a signature, and webhooks
  # without.
  assert {
    condition = [for r in aws_wafv2_web_acl.this.rule : r.statement[0].rate_based_statement[0].scope_down_statement[0].not_statement[0].statement[0].regex_match_statement[0].regex_string
    if r.name == "rate-per-ip"] == ["^(/[0-9A-Za-z_-]+)?/webhook(/[^/]+)?/?$"]
    error_message = "no webhooks"
  }

  assert {
    condition = { for r in aws_wafv2_web_acl.this.rule : r.name => concat(
      [for s in r.statement[0].rate_based_statement[0].scope_down_statement[0].and_statement[0].statement : s.regex_match_statement[0].regex_string if length(s.regex_match_statement) == 1],
      [for s in r.statement[0].rate_based_statement[0].scope_down_statement[0].and_statement[0].statement : [for any in s.or_statement[0].statement : any.regex_match_statement[0].regex_string] if length(s.or_statement) == 1],
      [[for s in r.statement[0].rate_based_statement[0].scope_down_statement[0].and_statement[0].statement : s.not_statement[0].statement[0].regex_match_statement[0].regex_string if length(s.not_statement) == 1]],
      ) if strcontains(r.name, "signed")
      } == {
      rate-per-ip-signed   = ["^(/[0-9A-Za-z_-]+)?/webhook(/[^/]+)?/?$", ["^:$", "^:$", "(x-hub-signature-256|x-webhook-signature)"], []]
      rate-per-ip-unsigned = ["^(/[0-9A-Za-z_-]+)?/webhook(/[^/]+)?/?$", ["^:$", "^:$", "(x-hub-signature-256|x-webhook-signature)"]]
    }
    error_message = "webhooks with and without a signature's header"
  }

  assert {
    condition = [for r in aws_wafv2_web_acl.this.rule : [for s in r.statement[0].rate_based_statement[0].scope_down_statement[0].and_statement[0].statement[1].or_statement[0].statement :
      [length(s.regex_match_statement[0].field_to_match[0].uri_path), [for h in s.regex_match_statement[0].field_to_match[0].headers : h.match_scope], one(s.regex_match_statement[0].text_transformation).type]
    ] if r.name == "rate-per-ip-signed"] == [[[0, ["KEY"], "LOWERCASE"], [1, [], "NONE"], [0, ["KEY"], "LOWERCASE"]]]
    error_message = "names of headers, and paths"
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
    condition     = toset([for r in aws_wafv2_web_acl.this.rule : r.name]) == toset(["blocked-addresses", "rate-per-ip", "rate-per-ip-signed", "rate-per-ip-unsigned", "rate-per-source", "known-bad-inputs-of-webhooks", "known-bad-inputs", "oversize-webhooks", "bodies-elsewhere"])
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

run "a_source_whose_proof_is_in_no_header_has_the_higher_rate_on_its_path_alone" {
  command = plan

  variables {
    signature_headers = ["X-Webhook-Signature"]
    proofs_elsewhere  = ["default", "form"]
    rate_limit        = { requests = 500, signed_requests = 5000, window_seconds = 60 }
  }

  assert {
    condition = { for r in aws_wafv2_web_acl.this.rule : r.name => [r.statement[0].rate_based_statement[0].limit, r.statement[0].rate_based_statement[0].evaluation_window_sec] if strcontains(r.name, "rate") } == {
      rate-per-ip = [500, 60], rate-per-ip-signed = [5000, 60], rate-per-ip-unsigned = [500, 60], rate-per-source = [48000, 60]
    }
    error_message = "rates"
  }

  assert {
    condition = local.signs == [
      { of = "header", expression = "^:$" },
      { of = "path", expression = "^:$" },
      { of = "header", expression = "(x-webhook-signature)" },
      { of = "path", expression = "^(/[0-9A-Za-z_-]+)?/webhook(/(default|form))?/?$" },
    ]
    error_message = "header or path: ${jsonencode(local.signs)}"
  }

  # As AWS WAF evaluates them, for a webhook of each source with and without the header.
  assert {
    condition = { for request, is in {
      "/webhook/form -"                   = ["/webhook/form", "host"]
      "/v1/webhook -"                     = ["/v1/webhook", "host"]
      "/webhook/default/ -"               = ["/webhook/default/", "host"]
      "/webhook/github -"                 = ["/webhook/github", "host"]
      "/webhook/former -"                 = ["/webhook/former", "host"]
      "/webhook/github X-Webhook-Sign..." = ["/webhook/github", "x-webhook-signature"]
      } : request => anytrue([for sign in local.signs : can(regex(sign.expression, sign.of == "path" ? is[0] : is[1]))]) } == {
      "/webhook/form -" = true, "/v1/webhook -" = true, "/webhook/default/ -" = true, "/webhook/github -" = false, "/webhook/former -" = false, "/webhook/github X-Webhook-Sign..." = true
    }
    error_message = "who may be signed"
  }
}

run "more_names_than_an_expression_takes_are_in_several" {
  command = plan

  variables {
    signature_headers  = [for number in range(200) : "X-Producer-${number}-Signature"]
    credential_headers = ["x-producer-199-signature"]
    proofs_elsewhere   = [for number in range(30) : format("%040d", number)]
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

  # AWS WAF takes 512 characters.
  assert {
    condition = (
      alltrue([for sign in local.signs : length(sign.expression) <= 512]) &&
      alltrue([for number in range(200) : anytrue([for sign in local.signs : can(regex(sign.expression, "x-producer-${number}-signature")) if sign.of == "header"])])
    )
    error_message = "every name is in one"
  }

  assert {
    condition     = [for sign in local.signs : length(sign.expression) <= 512 if sign.of == "path"] == [true, true, true, true]
    error_message = "so are paths"
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
