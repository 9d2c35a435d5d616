data "aws_region" "current" {}

resource "aws_cloudwatch_dashboard" "this" {
  for_each = var.bodies

  dashboard_name = "${var.name_prefix}-${each.key}"
  dashboard_body = each.value
}
