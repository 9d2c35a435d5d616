# Limits for the operators and pages that read statuses with an API key. Producers cannot send one: they are throttled
# by the stage and by the web ACL. Keys are made outside, because Terraform would keep their values in its state.
resource "aws_api_gateway_usage_plan" "status" {
  count = var.status_access == "api_key" ? 1 : 0

  name        = "${var.name}-status"
  description = "Readers of statuses"

  api_stages {
    api_id = aws_api_gateway_rest_api.this.id
    stage  = aws_api_gateway_stage.this.stage_name
  }

  throttle_settings {
    burst_limit = var.throttling.status.burst
    rate_limit  = var.throttling.status.rate
  }

  quota_settings {
    limit  = var.status_daily_quota
    period = "DAY"
  }

  tags = var.tags
}

resource "aws_api_gateway_usage_plan_key" "status" {
  for_each = { for name, id in var.status_api_key_ids : name => id if var.status_access == "api_key" }

  key_id        = each.value
  key_type      = "API_KEY"
  usage_plan_id = aws_api_gateway_usage_plan.status[0].id
}
