output "urls" {
  description = "Where the dashboards are, by name."
  value = {
    for name, dashboard in aws_cloudwatch_dashboard.this : name => join("", [
      "https://${data.aws_region.current.region}.console.aws.amazon.com/cloudwatch/home",
      "?region=${data.aws_region.current.region}#dashboards/dashboard/${dashboard.dashboard_name}",
    ])
  }
}
