resource "aws_cloudwatch_log_group" "access" {
  #checkov:skip=CKV_AWS_338: A month of logs is enough to investigate; who must keep them for a year sets the retention.
  name              = "/aws/apigateway/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

# API Gateway would make this one itself, unencrypted and for ever.
resource "aws_cloudwatch_log_group" "execution" {
  #checkov:skip=CKV_AWS_338: As for the access log.
  name              = "API-Gateway-Execution-Logs_${aws_api_gateway_rest_api.this.id}/${var.stage_name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

# One role for all APIs of the account in the region, not of this API alone.
resource "aws_api_gateway_account" "this" {
  count = var.manage_account_logging_role ? 1 : 0

  cloudwatch_role_arn = aws_iam_role.logging[0].arn

  depends_on = [aws_iam_role_policy_attachment.logging]
}

resource "aws_iam_role" "logging" {
  count = var.manage_account_logging_role ? 1 : 0

  name                 = "${var.name}-apigateway-logs-${var.region}"
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
  count = var.manage_account_logging_role ? 1 : 0

  role       = aws_iam_role.logging[0].name
  policy_arn = "arn:${var.partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
}
