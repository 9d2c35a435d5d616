locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region

  severities = {
    page   = "Somebody has to act now"
    ticket = "Somebody has to act within days"
  }
}

locals {
  own_topics = { for severity, text in local.severities : severity => text if !contains(keys(var.topics), severity) }

  topic_arns = merge(
    { for severity, topic in aws_sns_topic.this : severity => topic.arn },
    { for severity, topic in var.topics : severity => topic.arn },
  )
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

resource "aws_sns_topic" "this" {
  for_each = local.own_topics

  name              = "${var.deployment.prefix}-${each.key}"
  display_name      = each.value
  kms_master_key_id = var.kms_key_arn
  tags              = var.tags
}

resource "aws_sns_topic_policy" "this" {
  for_each = local.own_topics

  arn = aws_sns_topic.this[each.key].arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AlarmsOfThisDeployment"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.this[each.key].arn
        Condition = {
          StringEquals = { "aws:SourceAccount" = local.account }
          ArnLike      = { "aws:SourceArn" = "arn:${local.partition}:cloudwatch:${local.region}:${local.account}:alarm:${var.deployment.prefix}-*" }
        }
      },
      {
        Sid       = "EncryptedTransportOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.this[each.key].arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_sns_topic_subscription" "this" {
  for_each = var.subscriptions

  topic_arn                       = local.topic_arns[each.value.severity]
  protocol                        = each.value.protocol
  endpoint                        = each.value.endpoint
  endpoint_auto_confirms          = each.value.endpoint_auto_confirms
  confirmation_timeout_in_minutes = each.value.confirmation_timeout_in_minutes
}

# CloudWatch refuses to delete an alarm that a composite alarm names. With create_before_destroy the composite alarms are
# updated first, and what they no longer name is deleted after them. All of them need it: it decides the order only between
# resources that both have it.
resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.metric_alarms

  alarm_name          = "${var.deployment.prefix}-${each.key}"
  alarm_description   = local.alarms_made[each.key].description
  comparison_operator = local.alarms_made[each.key].operator
  threshold           = local.alarms_made[each.key].threshold
  threshold_metric_id = local.alarms_made[each.key].band == null ? null : "band"
  evaluation_periods  = local.alarms_made[each.key].periods
  datapoints_to_alarm = try(local.alarms_made[each.key].datapoints, local.alarms_made[each.key].periods)
  treat_missing_data  = local.alarms_made[each.key].missing
  alarm_actions       = local.actions[local.alarms_made[each.key].severity]
  ok_actions          = local.actions[local.alarms_made[each.key].severity]
  tags                = var.tags

  dynamic "metric_query" {
    for_each = local.alarms_made[each.key].metrics

    content {
      id          = metric_query.key
      return_data = local.alarms_made[each.key].expression == null

      metric {
        namespace   = metric_query.value.namespace
        metric_name = metric_query.value.name
        dimensions  = metric_query.value.dimensions
        period      = local.alarms_made[each.key].period_seconds
        stat        = metric_query.value.statistic
      }
    }
  }

  # CloudWatch compares the result with its band, and needs both.
  dynamic "metric_query" {
    for_each = merge(
      local.alarms_made[each.key].expressions,
      local.alarms_made[each.key].expression == null ? {} : { result = local.alarms_made[each.key].expression },
      local.alarms_made[each.key].band == null ? {} : { band = "ANOMALY_DETECTION_BAND(result, ${local.alarms_made[each.key].band})" },
    )

    content {
      id          = metric_query.key
      label       = metric_query.key == "result" ? "${local.alarms_made[each.key].title} (${local.alarms_made[each.key].unit})" : null
      expression  = metric_query.value
      return_data = contains(["result", "band"], metric_query.key)
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

# The same alarm name must not move from one of these three to another: the new one would be put first, and then the old one
# deleted by the same name. tests/alarms/golden/levels.json holds which is which. `actions_enabled` is not set, because a change of it
# replaces the alarm.
resource "aws_cloudwatch_composite_alarm" "part" {
  for_each = local.parts

  alarm_name        = "${var.deployment.prefix}-${each.key}"
  alarm_description = local.alarms_made[each.key].description
  alarm_rule        = local.alarms_made[each.key].rule
  alarm_actions     = local.actions[local.alarms_made[each.key].severity]
  ok_actions        = local.actions[local.alarms_made[each.key].severity]
  tags              = var.tags

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = !contains(local.too_large, each.key)
      error_message = local.too_large_message
    }
  }

  depends_on = [aws_cloudwatch_metric_alarm.this]
}

resource "aws_cloudwatch_composite_alarm" "whole" {
  for_each = local.wholes

  alarm_name        = "${var.deployment.prefix}-${each.key}"
  alarm_description = local.alarms_made[each.key].description
  alarm_rule        = local.alarms_made[each.key].rule
  alarm_actions     = local.actions[local.alarms_made[each.key].severity]
  ok_actions        = local.actions[local.alarms_made[each.key].severity]
  tags              = var.tags

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = !contains(local.too_large, each.key)
      error_message = local.too_large_message
    }
  }

  depends_on = [aws_cloudwatch_composite_alarm.part]
}

resource "aws_cloudwatch_composite_alarm" "follower" {
  for_each = local.followers

  alarm_name        = "${var.deployment.prefix}-${each.key}"
  alarm_description = local.alarms_made[each.key].description
  alarm_rule        = local.alarms_made[each.key].rule
  alarm_actions     = local.actions[local.alarms_made[each.key].severity]
  ok_actions        = local.actions[local.alarms_made[each.key].severity]
  tags              = var.tags

  actions_suppressor {
    alarm            = "${var.deployment.prefix}-${local.alarms_made[each.key].suppressed_by.alarm}"
    wait_period      = local.alarms_made[each.key].suppressed_by.wait_seconds
    extension_period = local.alarms_made[each.key].suppressed_by.extension_seconds
  }

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = !contains(local.too_large, each.key)
      error_message = local.too_large_message
    }
  }

  depends_on = [aws_cloudwatch_composite_alarm.whole]
}

locals {
  # An alarm of the severity none is a part of a composite one and notifies nobody itself.
  actions = merge({ for severity, _ in local.severities : severity => [local.topic_arns[severity]] }, { none = [] })
}
