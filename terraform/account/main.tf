# What an account has once in each region, whoever deploys there. It is a root of its own, because it outlives every deployment.

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

# X-Ray writes spans to log groups of the account. Without the policy spans of every workload in the region are lost, and to take the
# destination away changes nothing in AWS; so the policy stays.
resource "aws_cloudwatch_log_resource_policy" "spans" {
  count = var.transaction_search ? 1 : 0

  policy_name = "transaction-search"

  policy_document = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "SpansOfThisAccount"
      Effect    = "Allow"
      Principal = { Service = "xray.amazonaws.com" }
      Action    = "logs:PutLogEvents"
      Resource = [
        for group in ["aws/spans", "/aws/application-signals/data"] :
        "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:${group}:*"
      ]
      Condition = {
        ArnLike      = { "aws:SourceArn" = "arn:${local.partition}:xray:${local.region}:${local.account}:*" }
        StringEquals = { "aws:SourceAccount" = local.account }
      }
    }]
  })

  lifecycle {
    prevent_destroy = true
  }
}

# Transaction Search: X-Ray's OTLP endpoint refuses every span before it is on.
resource "aws_xray_trace_segment_destination" "this" {
  count = var.transaction_search ? 1 : 0

  destination = "CloudWatchLogs"

  depends_on = [aws_cloudwatch_log_resource_policy.spans]
}

resource "aws_xray_indexing_rule" "default" {
  count = var.transaction_search ? 1 : 0

  name = "Default"

  rule {
    probabilistic {
      desired_sampling_percentage = var.indexed_percent
    }
  }

  depends_on = [aws_xray_trace_segment_destination.this]
}

# One role for all APIs of the account in the region.
resource "aws_api_gateway_account" "this" {
  count = var.api_gateway_logs ? 1 : 0

  cloudwatch_role_arn = aws_iam_role.logging[0].arn

  lifecycle {
    prevent_destroy = true
  }

  depends_on = [aws_iam_role_policy_attachment.logging]
}

resource "aws_iam_role" "logging" {
  count = var.api_gateway_logs ? 1 : 0

  name                 = "apigateway-logs-${local.region}"
  description          = "Lets API Gateway write logs in this account and region"
  permissions_boundary = var.permissions_boundary_arn

  # Without `aws:SourceAccount`: AWS does not say that API Gateway sets it, and the role does nothing but write logs.
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "ApiGateway"
      Effect    = "Allow"
      Principal = { Service = "apigateway.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })

  tags = var.tags
}

resource "aws_iam_role_policy_attachment" "logging" {
  count = var.api_gateway_logs ? 1 : 0

  role       = aws_iam_role.logging[0].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
}
