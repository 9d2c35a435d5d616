locals {
  processor_arn = try(var.reconciler.processor_arn, "")

  rules = {
    for name, rule in {
      status = {
        description = "Durable executions of ${var.name_prefix} that failed, timed out or were stopped"
        schedule    = null
        # An execution belongs to a version, whose number follows the function's ARN.
        pattern = jsonencode({
          source      = ["aws.lambda"]
          detail-type = ["Durable Execution Status Change"]
          detail = {
            status      = ["FAILED", "TIMED_OUT", "STOPPED"]
            functionArn = [local.processor_arn, { prefix = "${local.processor_arn}:" }]
          }
        })
      }
      sweep = {
        description = "Looks for webhooks of ${var.name_prefix} that are received too long"
        schedule    = var.sweep_schedule
        pattern     = null
      }
    } : name => rule if var.reconciler != null
  }
}

# What came to nothing: starts of the processor that were dropped, executions that ended badly, events that the reconciler
# did not take. The reconciler takes what it can; a message that stays means that somebody has to look.
resource "aws_sqs_queue" "dead_letters" {
  name                       = "${var.name_prefix}-dead-letters"
  message_retention_seconds  = 14 * 24 * 3600
  visibility_timeout_seconds = var.visibility_timeout_seconds
  kms_master_key_id          = var.kms_key_arn
  tags                       = var.tags
}

resource "aws_sqs_queue_policy" "dead_letters" {
  queue_url = aws_sqs_queue.dead_letters.url

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid       = "EncryptedTransportOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = aws_sqs_queue.dead_letters.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }],
      [for name, rule in aws_cloudwatch_event_rule.this : {
        Sid       = "EventsOf${title(name)}"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = aws_sqs_queue.dead_letters.arn
        Condition = { ArnEquals = { "aws:SourceArn" = rule.arn } }
      }],
    )
  })
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = local.rules

  name                = "${var.name_prefix}-${each.key}"
  description         = each.value.description
  event_pattern       = each.value.pattern
  schedule_expression = each.value.schedule
  tags                = var.tags
}

resource "aws_cloudwatch_event_target" "reconciler" {
  for_each = local.rules

  rule      = aws_cloudwatch_event_rule.this[each.key].name
  target_id = "reconciler"
  arn       = var.reconciler.alias_arn

  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 10
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }
}

resource "aws_lambda_permission" "reconciler" {
  for_each = local.rules

  statement_id  = "events-${each.key}"
  action        = "lambda:InvokeFunction"
  function_name = var.reconciler.name
  qualifier     = var.reconciler.alias
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.this[each.key].arn
}

resource "aws_lambda_event_source_mapping" "dead_letters" {
  count = var.reconciler == null ? 0 : 1

  event_source_arn        = aws_sqs_queue.dead_letters.arn
  function_name           = var.reconciler.alias_arn
  batch_size              = 10
  function_response_types = ["ReportBatchItemFailures"]
  tags                    = var.tags

  scaling_config {
    maximum_concurrency = 2
  }
}
