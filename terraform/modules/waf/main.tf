locals {
  # `/webhook…` on a domain of one's own, `/STAGE/webhook…` on API Gateway's.
  webhook_paths = "^(/[0-9A-Za-z_-]+)?/webhook(/[^/]+)?/?$"

  # What a web ACL sees of a body at an API Gateway.
  inspected_bytes = 16 * 1024

  # Payloads are other people's text: an issue that quotes an exploit is a real webhook. So on webhook paths the rules
  # that read bodies only count; the validator trusts a body by its signature alone, and nothing executes it.
  managed_groups = {
    for name, group in {
      ip-reputation = {
        priority = 40, group = "AWSManagedRulesAmazonIpReputationList", action = var.rules.ip_reputation, on_webhooks = null, counted = []
      }
      known-bad-inputs-of-webhooks = {
        priority = 50, group = "AWSManagedRulesKnownBadInputsRuleSet", action = var.rules.known_bad_inputs, on_webhooks = true, counted = var.counted_body_rules
      }
      known-bad-inputs = {
        priority = 51, group = "AWSManagedRulesKnownBadInputsRuleSet", action = var.rules.known_bad_inputs, on_webhooks = false, counted = []
      }
    } : name => group if group.action != "off"
  }

  addresses = {
    for version, cidrs in {
      IPV4 = [for cidr in var.allowed_cidrs : cidr if !strcontains(cidr, ":")]
      IPV6 = [for cidr in var.allowed_cidrs : cidr if strcontains(cidr, ":")]
    } : version => cidrs if length(var.allowed_cidrs) > 0
  }
}

resource "aws_wafv2_ip_set" "allowed" {
  for_each = local.addresses

  name               = "${var.name}-allowed-${lower(each.key)}"
  description        = "The only addresses that may call ${var.name}"
  scope              = "REGIONAL"
  ip_address_version = each.key
  addresses          = each.value
  tags               = var.tags
}

resource "aws_wafv2_web_acl" "this" {
  #checkov:skip=CKV_AWS_192: The group with the Log4j rules is on, once for webhook paths and once for all others, which the check does not see in a dynamic block.
  name        = var.name
  description = "Protects the API of ${var.name}"
  scope       = "REGIONAL"
  tags        = var.tags

  default_action {
    allow {}
  }

  dynamic "rule" {
    for_each = length(local.addresses) > 0 ? [1] : []

    content {
      name     = "allowed-addresses-only"
      priority = 10

      action {
        block {}
      }

      statement {
        not_statement {
          statement {
            or_statement {
              dynamic "statement" {
                for_each = aws_wafv2_ip_set.allowed

                content {
                  ip_set_reference_statement {
                    arn = statement.value.arn
                  }
                }
              }
            }
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "allowed-addresses-only"
        sampled_requests_enabled   = false
      }
    }
  }

  dynamic "rule" {
    for_each = length(var.blocked_countries) > 0 ? [1] : []

    content {
      name     = "blocked-countries"
      priority = 20

      action {
        block {}
      }

      statement {
        geo_match_statement {
          country_codes = var.blocked_countries
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "blocked-countries"
        sampled_requests_enabled   = false
      }
    }
  }

  dynamic "rule" {
    for_each = var.rules.rate_per_ip == "off" ? [] : [var.rules.rate_per_ip]

    content {
      name     = "rate-per-ip"
      priority = 30

      action {
        dynamic "block" {
          for_each = rule.value == "block" ? [1] : []
          content {}
        }
        dynamic "count" {
          for_each = rule.value == "count" ? [1] : []
          content {}
        }
      }

      statement {
        rate_based_statement {
          aggregate_key_type    = "IP"
          limit                 = var.rate_limit.requests
          evaluation_window_sec = var.rate_limit.window_seconds
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "rate-per-ip"
        sampled_requests_enabled   = false
      }
    }
  }

  dynamic "rule" {
    for_each = local.managed_groups

    content {
      name     = rule.key
      priority = rule.value.priority

      override_action {
        dynamic "none" {
          for_each = rule.value.action == "block" ? [1] : []
          content {}
        }
        dynamic "count" {
          for_each = rule.value.action == "count" ? [1] : []
          content {}
        }
      }

      statement {
        managed_rule_group_statement {
          name        = rule.value.group
          vendor_name = "AWS"

          dynamic "rule_action_override" {
            for_each = rule.value.counted

            content {
              name = rule_action_override.value

              action_to_use {
                count {}
              }
            }
          }

          dynamic "scope_down_statement" {
            for_each = rule.value.on_webhooks == true ? [1] : []

            content {
              regex_match_statement {
                regex_string = local.webhook_paths

                field_to_match {
                  uri_path {}
                }

                text_transformation {
                  priority = 0
                  type     = "NONE"
                }
              }
            }
          }

          dynamic "scope_down_statement" {
            for_each = rule.value.on_webhooks == false ? [1] : []

            content {
              not_statement {
                statement {
                  regex_match_statement {
                    regex_string = local.webhook_paths

                    field_to_match {
                      uri_path {}
                    }

                    text_transformation {
                      priority = 0
                      type     = "NONE"
                    }
                  }
                }
              }
            }
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = rule.key
        sampled_requests_enabled   = false
      }
    }
  }

  # A webhook may be larger than what the web ACL sees of it: what is beyond passes uninspected, is counted
  # here, and meets the size limit and the signature check of the validator.
  dynamic "rule" {
    for_each = var.rules.oversize_webhooks == "off" ? [] : [var.rules.oversize_webhooks]

    content {
      name     = "oversize-webhooks"
      priority = 60

      action {
        dynamic "block" {
          for_each = rule.value == "block" ? [1] : []
          content {}
        }
        dynamic "count" {
          for_each = rule.value == "count" ? [1] : []
          content {}
        }
      }

      statement {
        and_statement {
          statement {
            regex_match_statement {
              regex_string = local.webhook_paths

              field_to_match {
                uri_path {}
              }

              text_transformation {
                priority = 0
                type     = "NONE"
              }
            }
          }

          statement {
            size_constraint_statement {
              comparison_operator = "GT"
              size                = local.inspected_bytes

              field_to_match {
                body {
                  oversize_handling = "MATCH"
                }
              }

              text_transformation {
                priority = 0
                type     = "NONE"
              }
            }
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "oversize-webhooks"
        sampled_requests_enabled   = false
      }
    }
  }

  # Nothing else takes a body.
  dynamic "rule" {
    for_each = var.rules.bodies_elsewhere == "off" ? [] : [var.rules.bodies_elsewhere]

    content {
      name     = "bodies-elsewhere"
      priority = 61

      action {
        dynamic "block" {
          for_each = rule.value == "block" ? [1] : []
          content {}
        }
        dynamic "count" {
          for_each = rule.value == "count" ? [1] : []
          content {}
        }
      }

      statement {
        and_statement {
          statement {
            not_statement {
              statement {
                regex_match_statement {
                  regex_string = local.webhook_paths

                  field_to_match {
                    uri_path {}
                  }

                  text_transformation {
                    priority = 0
                    type     = "NONE"
                  }
                }
              }
            }
          }

          statement {
            size_constraint_statement {
              comparison_operator = "GT"
              size                = 1024

              field_to_match {
                body {
                  oversize_handling = "MATCH"
                }
              }

              text_transformation {
                priority = 0
                type     = "NONE"
              }
            }
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "bodies-elsewhere"
        sampled_requests_enabled   = false
      }
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = var.name
    # Samples hold whole headers, signatures among them.
    sampled_requests_enabled = false
  }
}

resource "aws_wafv2_web_acl_association" "this" {
  resource_arn = var.stage_arn
  web_acl_arn  = aws_wafv2_web_acl.this.arn
}
