# The name has to begin with aws-waf-logs-.
resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338: A month of logs is enough to investigate; who must keep them for a year sets the retention.
  name              = "aws-waf-logs-${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

# What was blocked or counted is logged, without signatures, credentials and query strings (some producers send a
# verification token there). What passed is in the access log.
resource "aws_wafv2_web_acl_logging_configuration" "this" {
  resource_arn            = aws_wafv2_web_acl.this.arn
  log_destination_configs = [aws_cloudwatch_log_group.this.arn]

  dynamic "redacted_fields" {
    for_each = setunion(local.redacted_headers, var.redacted_headers)

    content {
      single_header {
        name = redacted_fields.value
      }
    }
  }

  redacted_fields {
    query_string {}
  }

  # The path of a status has its token.
  redacted_fields {
    uri_path {}
  }

  logging_filter {
    default_behavior = "DROP"

    filter {
      behavior    = "KEEP"
      requirement = "MEETS_ANY"

      condition {
        action_condition {
          action = "BLOCK"
        }
      }

      condition {
        action_condition {
          action = "COUNT"
        }
      }

      condition {
        action_condition {
          action = "EXCLUDED_AS_COUNT"
        }
      }
    }
  }
}

locals {
  redacted_headers = toset([
    "aeg-delivery-token",
    "authorization",
    "cookie",
    "linear-signature",
    "messagebird-signature-jwt",
    "stripe-signature",
    "verification-token",
    "webhook-signature",
    "x-api-key",
    "x-buildkite-token",
    "x-datadog-token",
    "x-gitlab-token",
    "x-goog-channel-token",
    "x-hub-signature",
    "x-hub-signature-256",
    "x-shopify-hmac-sha256",
    "x-slack-signature",
    "x-square-hmacsha256-signature",
    "x-telegram-bot-api-secret-token",
    "x-twitter-webhooks-signature",
    "x-webhook-signature",
    "x-zm-signature",
  ])
}
