mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name_prefix = "hooks"
  kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-4333-8444-555555555555"
}

run "the_queue_is_encrypted_private_and_long" {
  assert {
    condition = (
      aws_sqs_queue.dead_letters.name == "hooks-dead-letters" && aws_sqs_queue.dead_letters.kms_master_key_id == var.kms_key_arn &&
      aws_sqs_queue.dead_letters.message_retention_seconds == 1209600
    )
    error_message = "encrypted, kept for 14 days"
  }

  assert {
    condition = jsondecode(aws_sqs_queue_policy.dead_letters.policy).Statement == [
      {
        Sid       = "EncryptedTransportOnly", Effect = "Deny", Principal = "*", Action = "sqs:*", Resource = aws_sqs_queue.dead_letters.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }
    ]
    error_message = "nobody outside IAM may use the queue: ${aws_sqs_queue_policy.dead_letters.policy}"
  }
}

run "without_a_reconciler_nothing_calls_it" {
  assert {
    condition     = length(aws_cloudwatch_event_rule.this) == 0 && length(aws_cloudwatch_event_target.reconciler) == 0 && length(aws_lambda_permission.reconciler) == 0 && length(aws_lambda_event_source_mapping.dead_letters) == 0
    error_message = "no rules"
  }
}

run "the_reconciler_hears_of_every_bad_end_and_sweeps" {
  variables {
    reconciler = {
      name          = "hooks-reconciler"
      alias         = "live"
      alias_arn     = "arn:aws:lambda:eu-west-1:123456789012:function:hooks-reconciler:live"
      processor_arn = "arn:aws:lambda:eu-west-1:123456789012:function:hooks-processor"
    }
  }

  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.this["status"].event_pattern) == {
      source      = ["aws.lambda"]
      detail-type = ["Durable Execution Status Change"]
      detail = {
        status = ["FAILED", "TIMED_OUT", "STOPPED"]
        functionArn = [
          "arn:aws:lambda:eu-west-1:123456789012:function:hooks-processor",
          { prefix = "arn:aws:lambda:eu-west-1:123456789012:function:hooks-processor:" },
        ]
      }
    }
    error_message = "executions of this processor alone, in every version: ${aws_cloudwatch_event_rule.this["status"].event_pattern}"
  }

  assert {
    condition = toset([for rule in aws_cloudwatch_event_rule.this : rule.name]) == toset(flatten([
      for alarm in jsondecode(file("../../../tests/alarms/golden/alarms.json")).metric :
      [for query in alarm.queries : query.dimensions.RuleName if try(query.namespace, "") == "AWS/Events"]
    ]))
    error_message = "alarms watch the rules: ${jsonencode(values(aws_cloudwatch_event_rule.this)[*].name)}"
  }

  assert {
    condition = (
      aws_lambda_event_source_mapping.dead_letters[0].event_source_arn == aws_sqs_queue.dead_letters.arn &&
      aws_lambda_event_source_mapping.dead_letters[0].function_name == var.reconciler.alias_arn &&
      aws_lambda_event_source_mapping.dead_letters[0].function_response_types == toset(["ReportBatchItemFailures"]) &&
      aws_sqs_queue.dead_letters.visibility_timeout_seconds == 480
    )
    error_message = "the reconciler takes dead letters, one by one, and long enough apart"
  }

  assert {
    condition     = aws_cloudwatch_event_rule.this["sweep"].schedule_expression == "rate(1 minute)"
    error_message = "what is stuck is found within two minutes"
  }

  assert {
    condition = alltrue([for name, t in aws_cloudwatch_event_target.reconciler :
      t.rule == "hooks-${name}" && t.arn == var.reconciler.alias_arn && t.dead_letter_config[0].arn == aws_sqs_queue.dead_letters.arn
    ])
    error_message = "both rules call the alias, and keep what it does not take"
  }

  assert {
    condition = { for name, p in aws_lambda_permission.reconciler : name => [p.function_name, p.qualifier, p.principal, p.source_arn] } == {
      for name in ["status", "sweep"] : name => ["hooks-reconciler", "live", "events.amazonaws.com", aws_cloudwatch_event_rule.this[name].arn]
    }
    error_message = "these rules alone may call it"
  }

  assert {
    condition = slice(jsondecode(aws_sqs_queue_policy.dead_letters.policy).Statement, 1, 3) == [for name in ["Status", "Sweep"] :
      {
        Sid       = "EventsOf${name}", Effect = "Allow", Principal = { Service = "events.amazonaws.com" }, Action = "sqs:SendMessage"
        Resource  = aws_sqs_queue.dead_letters.arn
        Condition = { ArnEquals = { "aws:SourceArn" = aws_cloudwatch_event_rule.this[lower(name)].arn } }
      }
    ]
    error_message = "these rules alone may send to the queue: ${aws_sqs_queue_policy.dead_letters.policy}"
  }
}

run "what_is_no_schedule_is_refused" {
  command = plan

  variables {
    sweep_schedule = "every minute"
  }

  expect_failures = [var.sweep_schedule]
}
