locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region

  severities = {
    page   = "Somebody has to act now"
    ticket = "Somebody has to act within days"
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

resource "aws_sns_topic" "this" {
  for_each = local.severities

  name              = "${var.name_prefix}-${each.key}"
  display_name      = each.value
  kms_master_key_id = var.kms_key_arn
  tags              = var.tags
}

resource "aws_sns_topic_policy" "this" {
  for_each = local.severities

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
          ArnLike      = { "aws:SourceArn" = "arn:${local.partition}:cloudwatch:${local.region}:${local.account}:alarm:${var.name_prefix}-*" }
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

  topic_arn              = aws_sns_topic.this[each.value.severity].arn
  protocol               = each.value.protocol
  endpoint               = each.value.endpoint
  endpoint_auto_confirms = each.value.endpoint_auto_confirms
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = var.metric_alarms

  alarm_name                = "${var.name_prefix}-${each.key}"
  alarm_description         = each.value.description
  comparison_operator       = each.value.comparison_operator
  threshold                 = each.value.threshold
  evaluation_periods        = each.value.evaluation_periods
  datapoints_to_alarm       = each.value.datapoints_to_alarm
  treat_missing_data        = each.value.treat_missing_data
  namespace                 = each.value.namespace
  metric_name               = each.value.metric_name
  dimensions                = each.value.dimensions
  period                    = each.value.period_seconds
  statistic                 = each.value.statistic
  extended_statistic        = each.value.extended_statistic
  alarm_actions             = local.actions[each.value.severity]
  ok_actions                = local.actions[each.value.severity]
  insufficient_data_actions = []
  tags                      = var.tags

  dynamic "metric_query" {
    for_each = each.value.queries

    content {
      id          = metric_query.key
      label       = metric_query.value.label
      expression  = metric_query.value.expression
      return_data = metric_query.value.return_data

      dynamic "metric" {
        for_each = metric_query.value.metric == null ? [] : [metric_query.value.metric]

        content {
          namespace   = metric.value.namespace
          metric_name = metric.value.metric_name
          dimensions  = metric.value.dimensions
          period      = metric.value.period_seconds
          stat        = metric.value.statistic
        }
      }
    }
  }
}

resource "aws_cloudwatch_composite_alarm" "this" {
  for_each = var.composite_alarms

  alarm_name        = "${var.name_prefix}-${each.key}"
  alarm_description = each.value.description
  alarm_rule        = each.value.rule
  alarm_actions     = local.actions[each.value.severity]
  ok_actions        = local.actions[each.value.severity]
  tags              = var.tags

  depends_on = [aws_cloudwatch_metric_alarm.this]
}

locals {
  # An alarm of the severity none is a part of a composite one and tells nobody itself.
  actions = merge({ for severity, _ in local.severities : severity => [aws_sns_topic.this[severity].arn] }, { none = [] })
}
