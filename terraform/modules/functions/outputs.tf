output "functions" {
  description = "For each function its name, its alias, the ARNs of both, how API Gateway invokes it, its log group, its timeout, its role, and the digest of its package."
  value = {
    for function, _ in var.functions : function => {
      name            = local.names[function]
      arn             = local.function_arns[function]
      alias           = aws_lambda_alias.live[function].name
      alias_arn       = "${local.function_arns[function]}:${local.alias}"
      invoke_arn      = aws_lambda_alias.live[function].invoke_arn
      log_group       = aws_cloudwatch_log_group.this[function].name
      timeout_seconds = var.functions[function].timeout_seconds
      role_name       = aws_iam_role.this[function].name
      role_arn        = aws_iam_role.this[function].arn
      package_sha256  = try(local.digests[function], null)
    }
  }
}

output "environment" {
  description = "The variables of each function. None is a secret, except for the headers of an OTLP exporter."
  value       = { for function, f in aws_lambda_function.this : function => f.environment[0].variables }
}
