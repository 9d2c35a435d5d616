output "urls" {
  description = "Where the dashboards are, by name."
  value = {
    for name, dashboard in aws_cloudwatch_dashboard.this : name => join("", [
      "https://${var.deployment.region}.console.aws.amazon.com/cloudwatch/home",
      "?region=${var.deployment.region}#dashboards/dashboard/${dashboard.dashboard_name}",
    ])
  }
}

output "query_names" {
  description = "Names of the saved queries of Logs Insights, by query."
  value       = { for name, query in aws_cloudwatch_query_definition.this : name => query.name }
}
