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
    for_each = local.rules

    content {
      name     = rule.key
      priority = rule.value.priority

      # A managed group has actions of its own, which it keeps or which all count.
      dynamic "action" {
        for_each = rule.value.group == null ? [rule.value.action] : []

        content {
          dynamic "block" {
            for_each = action.value == "block" ? [1] : []
            content {}
          }
          dynamic "count" {
            for_each = action.value == "count" ? [1] : []
            content {}
          }
        }
      }

      dynamic "override_action" {
        for_each = rule.value.group == null ? [] : [rule.value.action]

        content {
          dynamic "none" {
            for_each = override_action.value == "block" ? [1] : []
            content {}
          }
          dynamic "count" {
            for_each = override_action.value == "count" ? [1] : []
            content {}
          }
        }
      }

      statement {
        dynamic "not_statement" {
          for_each = rule.value.outside ? [1] : []

          content {
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

        dynamic "or_statement" {
          for_each = rule.value.inside ? [1] : []

          content {
            dynamic "statement" {
              for_each = aws_wafv2_ip_set.blocked

              content {
                ip_set_reference_statement {
                  arn = statement.value.arn
                }
              }
            }
          }
        }

        dynamic "geo_match_statement" {
          for_each = rule.value.countries == null ? [] : [rule.value.countries]

          content {
            country_codes = geo_match_statement.value
          }
        }

        dynamic "rate_based_statement" {
          for_each = rule.value.rate == null ? [] : [rule.value.rate]

          content {
            aggregate_key_type    = rate_based_statement.value.of == "source" ? "CUSTOM_KEYS" : "IP"
            limit                 = rate_based_statement.value.requests
            evaluation_window_sec = rate_based_statement.value.window_seconds

            dynamic "custom_key" {
              for_each = rate_based_statement.value.of == "source" ? [1] : []

              content {
                uri_path {
                  text_transformation {
                    priority = 0
                    type     = "NORMALIZE_PATH"
                  }
                }
              }
            }

            scope_down_statement {
              dynamic "regex_match_statement" {
                for_each = rate_based_statement.value.of == "source" ? [local.webhook_paths] : []

                content {
                  regex_string = regex_match_statement.value

                  field_to_match {
                    uri_path {}
                  }

                  text_transformation {
                    priority = 0
                    type     = "NONE"
                  }
                }
              }

              dynamic "not_statement" {
                for_each = rate_based_statement.value.of == "rest" ? [local.webhook_paths] : []

                content {
                  statement {
                    regex_match_statement {
                      regex_string = not_statement.value

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

              dynamic "and_statement" {
                for_each = contains(["signed", "unsigned"], rate_based_statement.value.of) ? [rate_based_statement.value.of] : []

                content {
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

                  dynamic "statement" {
                    for_each = and_statement.value == "unsigned" ? local.signs : []

                    content {
                      not_statement {
                        statement {
                          regex_match_statement {
                            regex_string = statement.value.expression

                            field_to_match {
                              dynamic "uri_path" {
                                for_each = statement.value.of == "path" ? [1] : []
                                content {}
                              }

                              dynamic "headers" {
                                for_each = statement.value.of == "header" ? [1] : []

                                content {
                                  match_scope       = "KEY"
                                  oversize_handling = "CONTINUE"

                                  match_pattern {
                                    all {}
                                  }
                                }
                              }
                            }

                            text_transformation {
                              priority = 0
                              type     = statement.value.of == "header" ? "LOWERCASE" : "NONE"
                            }
                          }
                        }
                      }
                    }
                  }

                  dynamic "statement" {
                    for_each = and_statement.value == "signed" ? [local.signs] : []

                    content {
                      or_statement {
                        dynamic "statement" {
                          for_each = statement.value
                          iterator = sign

                          content {
                            regex_match_statement {
                              regex_string = sign.value.expression

                              field_to_match {
                                dynamic "uri_path" {
                                  for_each = sign.value.of == "path" ? [1] : []
                                  content {}
                                }

                                dynamic "headers" {
                                  for_each = sign.value.of == "header" ? [1] : []

                                  content {
                                    match_scope       = "KEY"
                                    oversize_handling = "CONTINUE"

                                    match_pattern {
                                      all {}
                                    }
                                  }
                                }
                              }

                              text_transformation {
                                priority = 0
                                type     = sign.value.of == "header" ? "LOWERCASE" : "NONE"
                              }
                            }
                          }
                        }
                      }
                    }
                  }
                }
              }
            }
          }
        }

        dynamic "managed_rule_group_statement" {
          for_each = rule.value.group == null ? [] : [rule.value]

          content {
            name        = managed_rule_group_statement.value.group
            vendor_name = "AWS"

            dynamic "rule_action_override" {
              for_each = managed_rule_group_statement.value.counted

              content {
                name = rule_action_override.value

                action_to_use {
                  count {}
                }
              }
            }

            dynamic "scope_down_statement" {
              for_each = managed_rule_group_statement.value.on_webhooks == null ? [] : [managed_rule_group_statement.value.on_webhooks]

              content {
                dynamic "regex_match_statement" {
                  for_each = scope_down_statement.value ? [local.webhook_paths] : []

                  content {
                    regex_string = regex_match_statement.value

                    field_to_match {
                      uri_path {}
                    }

                    text_transformation {
                      priority = 0
                      type     = "NONE"
                    }
                  }
                }

                dynamic "not_statement" {
                  for_each = scope_down_statement.value ? [] : [local.webhook_paths]

                  content {
                    statement {
                      regex_match_statement {
                        regex_string = not_statement.value

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
        }

        dynamic "and_statement" {
          for_each = rule.value.larger_than_bytes == null ? [] : [rule.value]

          content {
            statement {
              dynamic "regex_match_statement" {
                for_each = and_statement.value.on_webhooks ? [local.webhook_paths] : []

                content {
                  regex_string = regex_match_statement.value

                  field_to_match {
                    uri_path {}
                  }

                  text_transformation {
                    priority = 0
                    type     = "NONE"
                  }
                }
              }

              dynamic "not_statement" {
                for_each = and_statement.value.on_webhooks ? [] : [local.webhook_paths]

                content {
                  statement {
                    regex_match_statement {
                      regex_string = not_statement.value

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

            statement {
              size_constraint_statement {
                comparison_operator = "GT"
                size                = and_statement.value.larger_than_bytes

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
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = rule.key
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
