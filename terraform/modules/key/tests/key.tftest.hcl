mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name_prefix = "hooks"
}

run "rotates_and_can_be_brought_back" {
  assert {
    condition     = aws_kms_key.this.enable_key_rotation && aws_kms_key.this.deletion_window_in_days == 30
    error_message = "the key rotates, and a deleted one can be brought back for 30 days"
  }

  assert {
    condition     = aws_kms_alias.this.name == "alias/hooks" && aws_kms_alias.this.target_key_id == aws_kms_key.this.key_id
    error_message = "the alias names the key"
  }
}

run "policy_lets_the_account_decide_and_three_services_encrypt" {
  assert {
    condition = jsondecode(aws_kms_key.this.policy).Statement == [
      {
        Sid       = "AccountDecides"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::123456789012:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "LogsOfThisDeployment"
        Effect    = "Allow"
        Principal = { Service = "logs.eu-west-1.amazonaws.com" }
        Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
        Resource  = "*"
        Condition = {
          ArnLike = {
            "kms:EncryptionContext:aws:logs:arn" = [
              "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/hooks-*",
              "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/apigateway/hooks",
              "arn:aws:logs:eu-west-1:123456789012:log-group:API-Gateway-Execution-Logs_*",
              "arn:aws:logs:eu-west-1:123456789012:log-group:aws-waf-logs-hooks",
            ]
          }
        }
      },
      {
        Sid       = "Alarms"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceAccount" = "123456789012" } }
      },
      # With a condition, events that the reconciler did not take would be lost.
      {
        Sid       = "Events"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = "*"
      },
    ]
    error_message = "key policy: ${aws_kms_key.this.policy}"
  }
}

run "a_short_deletion_window_is_refused" {
  command = plan

  variables {
    deletion_window_days = 6
  }

  expect_failures = [var.deletion_window_days]
}
