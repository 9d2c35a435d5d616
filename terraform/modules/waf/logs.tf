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
    for_each = local.redacted_headers

    content {
      single_header {
        name = redacted_fields.value
      }
    }
  }

  lifecycle {
    precondition {
      condition     = length(local.credential_headers) <= local.most_headers
      error_message = "The web ACL's log leaves out at most ${local.most_headers} headers, and the sources and waf.redacted_headers name more that carry credentials."
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
  # A log leaves out 100 fields, of which two are the query and the path.
  most_headers = 98

  # Whose value is a secret itself, of producers that the deployment does not know, too.
  credential_headers = setunion(var.redacted_headers, var.credential_headers, [
    "aeg-delivery-token",
    "authorization",
    "cookie",
    "messagebird-signature-jwt",
    "verification-token",
    "x-api-key",
    "x-buildkite-token",
    "x-datadog-token",
    "x-gitlab-token",
    "x-goog-channel-token",
    "x-telegram-bot-api-secret-token",
  ])

  # A signature is good for its body alone, which no log has.
  signatures       = sort(setsubtract([for name in var.signature_headers : lower(name)], local.credential_headers))
  room             = max(0, local.most_headers - length(local.credential_headers))
  redacted_headers = setunion(local.credential_headers, slice(local.signatures, 0, min(length(local.signatures), local.room)))
}
