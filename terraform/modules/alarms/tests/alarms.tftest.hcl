mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name_prefix = "hooks"
  kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-4333-8444-555555555555"
}

run "two_encrypted_topics_that_alarms_alone_may_publish_to" {
  assert {
    condition = { for severity, t in aws_sns_topic.this : severity => [t.name, t.kms_master_key_id] } == {
      page = ["hooks-page", var.kms_key_arn], ticket = ["hooks-ticket", var.kms_key_arn]
    }
    error_message = "topics"
  }

  assert {
    condition = alltrue([for severity, p in aws_sns_topic_policy.this : jsondecode(p.policy).Statement == [
      {
        Sid      = "AlarmsOfThisDeployment", Effect = "Allow", Principal = { Service = "cloudwatch.amazonaws.com" }, Action = "sns:Publish"
        Resource = aws_sns_topic.this[severity].arn
        Condition = {
          StringEquals = { "aws:SourceAccount" = "123456789012" }
          ArnLike      = { "aws:SourceArn" = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:hooks-*" }
        }
      },
      {
        Sid       = "EncryptedTransportOnly", Effect = "Deny", Principal = "*", Action = "sns:Publish", Resource = aws_sns_topic.this[severity].arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]])
    error_message = "topic policy: ${aws_sns_topic_policy.this["page"].policy}"
  }

  assert {
    condition     = length(output.alarm_names) == 0
    error_message = "no alarm without a definition"
  }
}

run "subscriptions_go_to_the_topic_of_their_severity" {
  variables {
    subscriptions = { team = { severity = "ticket", protocol = "email", endpoint = "team@example.com" } }
  }

  assert {
    condition = (
      aws_sns_topic_subscription.this["team"].topic_arn == aws_sns_topic.this["ticket"].arn &&
      aws_sns_topic_subscription.this["team"].protocol == "email" && aws_sns_topic_subscription.this["team"].endpoint == "team@example.com"
    )
    error_message = "subscription"
  }
}

run "definitions_become_alarms" {
  variables {
    metric_alarms = {
      errors = {
        severity    = "page", description = "d", comparison_operator = "GreaterThanThreshold", threshold = 0, namespace = "AWS/Lambda"
        metric_name = "Errors", dimensions = { FunctionName = "hooks-validator" }, period_seconds = 60, statistic = "Sum"
      }
      burn = {
        severity = "none", description = "d", comparison_operator = "GreaterThanThreshold", threshold = 5
        queries = {
          ratio = { expression = "100 * bad / all", return_data = true }
          bad   = { metric = { namespace = "AWS/ApiGateway", metric_name = "5XXError", period_seconds = 300, statistic = "Sum" } }
          all   = { metric = { namespace = "AWS/ApiGateway", metric_name = "Count", period_seconds = 300, statistic = "Sum" } }
        }
      }
    }
    composite_alarms = { budget = { severity = "ticket", description = "d", rule = "ALARM(hooks-burn)" } }
  }

  assert {
    condition     = output.alarm_names == tolist(["hooks-budget", "hooks-burn", "hooks-errors"])
    error_message = "names"
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["errors"].alarm_actions == toset([output.topic_arns["page"]]) &&
      length(aws_cloudwatch_metric_alarm.this["burn"].alarm_actions) == 0 &&
      aws_cloudwatch_composite_alarm.this["budget"].alarm_actions == toset([output.topic_arns["ticket"]])
    )
    error_message = "who is told"
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["errors"].treat_missing_data == "notBreaching" &&
      aws_cloudwatch_metric_alarm.this["errors"].dimensions == tomap({ FunctionName = "hooks-validator" }) &&
      length(aws_cloudwatch_metric_alarm.this["burn"].metric_query) == 3
    )
    error_message = "definition"
  }
}

run "an_unknown_severity_is_refused" {
  command = plan

  variables {
    subscriptions = { team = { severity = "mild", protocol = "email", endpoint = "team@example.com" } }
  }

  expect_failures = [var.subscriptions]
}

run "an_alarm_on_nothing_is_refused" {
  command = plan

  variables {
    metric_alarms = { nothing = { severity = "page", description = "d", comparison_operator = "GreaterThanThreshold", threshold = 0 } }
  }

  expect_failures = [var.metric_alarms]
}
