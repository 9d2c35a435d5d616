data "aws_partition" "current" {}

resource "aws_cloudwatch_dashboard" "this" {
  for_each = local.bodies

  # Dashboards are global: a deployment with the same prefix in another region has others.
  dashboard_name = "${var.deployment.prefix}-${each.key}-${var.region}"
  dashboard_body = each.value
}

resource "aws_cloudwatch_query_definition" "this" {
  for_each = local.queries

  name            = "${var.deployment.prefix}/${each.value.title}"
  query_string    = each.value.query
  log_group_names = local.log_groups[each.key]
}

locals {
  queries = {
    for file in fileset("${var.definitions_dir}/queries", "*.yaml") :
    trimsuffix(file, ".yaml") => yamldecode(file("${var.definitions_dir}/queries/${file}"))
  }

  log_groups = {
    for name, query in local.queries : name => [
      for part in query.functions : "/aws/lambda/${var.deployment.functions[part].name}" if contains(keys(var.deployment.functions), part)
    ]
  }
}
