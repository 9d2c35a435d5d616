locals {
  # `/webhook…` on a custom domain, `/STAGE/webhook…` on API Gateway's.
  webhook_paths = "^(/[0-9A-Za-z_-]+)?/webhook(/[^/]+)?/?$"

  # A web ACL at an API Gateway inspects this much of a body.
  inspected_bytes = 16 * 1024

  # What tells that a request may be signed: the name of a header that carries a signature, or the path of a source whose proof is
  # elsewhere. An expression takes 512 characters, so there are several. Those of names have no anchors: AWS does not say whether
  # each name is matched alone. The first two match nothing: an OR takes two statements or more.
  signs = concat(
    [{ of = "header", expression = "^:$" }, { of = "path", expression = "^:$" }],
    [for names in chunklist(sort([for name in var.signature_headers : lower(name)]), local.of_an_expression.header) : { of = "header", expression = "(${join("|", names)})" }],
    [for names in chunklist(sort(var.proofs_elsewhere), local.of_an_expression.path) : { of = "path", expression = "^(/[0-9A-Za-z_-]+)?/webhook(/(${join("|", names)}))${contains(names, "default") ? "?" : ""}/?$" }],
  )

  # How many of the longest name an expression takes, beside the rest of the path.
  of_an_expression = {
    for of, names in { header = var.signature_headers, path = var.proofs_elsewhere } : of => max(1, floor(460 / (1 + max(1, [for name in names : length(name)]...))))
  }

  # A rule has one of: `inside` and `outside` (addresses), `countries`, `rate`, `group` (a managed rule group) or `larger_than_bytes`.
  # `on_webhooks` limits a rule to webhook paths, or to all others when it is false. A `rate` counts the webhooks of one address
  # that may be signed (`of` = signed) or that are not (unsigned), all other requests of it (rest), or all webhooks of one path
  # (source).
  all_rules = {
    # The sets are always there, so that somebody can be blocked at once without an apply.
    blocked-addresses = {
      priority = 5, action = "block", inside = true
    }
    allowed-addresses-only = {
      priority = 10, action = length(var.allowed_cidrs) > 0 ? "block" : "off", outside = true
    }
    blocked-countries = {
      priority = 20, action = length(var.blocked_countries) > 0 ? "block" : "off", countries = var.blocked_countries
    }
    # Producers send from few addresses, and a signature can only be verified behind the web ACL. So an address may send many
    # webhooks that carry one, and little else: what carries none is no producer's.
    rate-per-ip = {
      priority = 30, action = var.rules.rate_per_ip
      rate     = { requests = var.rate_limit.requests, window_seconds = var.rate_limit.window_seconds, of = "rest" }
    }
    rate-per-ip-unsigned = {
      priority = 32, action = var.rules.rate_per_ip
      rate     = { requests = var.rate_limit.requests, window_seconds = var.rate_limit.window_seconds, of = "unsigned" }
    }
    rate-per-ip-signed = {
      priority = 31, action = var.rules.rate_per_ip
      rate     = { requests = var.rate_limit.signed_requests, window_seconds = var.rate_limit.window_seconds, of = "signed" }
    }
    # One source, flooded by its producer or by a stranger, leaves the others a part of the throttle.
    rate-per-source = {
      priority = 35, action = var.rules.rate_per_source
      rate     = { requests = var.rate_limit.source_requests, window_seconds = var.rate_limit.window_seconds, of = "source" }
    }
    ip-reputation = {
      priority = 40, action = var.rules.ip_reputation, group = "AWSManagedRulesAmazonIpReputationList"
    }

    # Payloads are other people's text: an issue that quotes an exploit is a real webhook. So on webhook paths the rules
    # that read bodies only count; the validator trusts a body by its signature alone, and nothing executes it.
    known-bad-inputs-of-webhooks = {
      priority = 50, action = var.rules.known_bad_inputs, group = "AWSManagedRulesKnownBadInputsRuleSet"
      counted  = var.counted_body_rules, on_webhooks = true
    }
    known-bad-inputs = {
      priority = 51, action = var.rules.known_bad_inputs, group = "AWSManagedRulesKnownBadInputsRuleSet", on_webhooks = false
    }

    # A webhook may be larger than the inspected part; the validator checks its size and signature. Counting makes each of them
    # a line of the log, so it is off by default.
    oversize-webhooks = {
      priority = 60, action = var.rules.oversize_webhooks, larger_than_bytes = local.inspected_bytes, on_webhooks = true
    }
    # No other path takes a body.
    bodies-elsewhere = {
      priority = 61, action = var.rules.bodies_elsewhere, larger_than_bytes = 1024, on_webhooks = false
    }
  }

  rules = {
    for name, rule in local.all_rules : name => merge(
      { inside = false, outside = false, countries = null, rate = null, group = null, counted = [], larger_than_bytes = null, on_webhooks = null }, rule
    ) if rule.action != "off"
  }
}
