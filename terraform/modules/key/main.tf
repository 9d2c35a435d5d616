locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region

  # The log groups that may use the key. API Gateway names the one of its execution logs after the API's id, which nobody knows
  # before the key is there; so those of the account's other APIs may use it too, and nobody gains by that.
  log_groups = [
    "/aws/lambda/${var.name_prefix}-*",
    "/aws/apigateway/${var.name_prefix}",
    "API-Gateway-Execution-Logs_*",
    "aws-waf-logs-${var.name_prefix}",
  ]
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

resource "aws_kms_key" "this" {
  description             = "Encrypts everything that ${var.name_prefix} stores: table, payloads, secret, logs, queue, topics, variables"
  enable_key_rotation     = true
  deletion_window_in_days = var.deletion_window_days

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # Leaves it to IAM policies of this account who may use the key; without it nobody could ever change this policy.
        Sid       = "AccountDecides"
        Effect    = "Allow"
        Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "LogsOfThisDeployment"
        Effect    = "Allow"
        Principal = { Service = "logs.${local.region}.amazonaws.com" }
        Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
        Resource  = "*"
        Condition = {
          ArnLike = {
            "kms:EncryptionContext:aws:logs:arn" = [
              for name in local.log_groups : "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:${name}"
            ]
          }
        }
      },
      {
        # Alarms publish to encrypted topics.
        Sid       = "Alarms"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
      },
      {
        # Event rules send what was not taken to the encrypted queue. Without a condition: AWS documents none for an encrypted queue,
        # and says for a topic that EventBridge sends no source with its requests to the key. The queue's policy names the rules.
        Sid       = "Events"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = "*"
      },
    ]
  })

  tags = var.tags

  lifecycle {
    # With a key of one's own everything moves to that one before this one is scheduled for deletion.
    create_before_destroy = true
  }
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name_prefix}"
  target_key_id = aws_kms_key.this.key_id
}
