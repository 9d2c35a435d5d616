output "webhook_endpoint" {
  description = "The URL for producers' webhooks: as it is for the source `default`, followed by /NAME for any other source."
  value       = "${module.api.url}/webhook"
}

output "status_endpoint" {
  description = "The URL of statuses; /TOKEN follows it."
  value       = "${module.api.url}/status"
}

output "processor_arn" {
  description = "ARN of the alias of the durable function."
  value       = module.functions.functions["processor"].alias_arn
}

output "name_prefix" {
  description = "The prefix of every name, which `make` takes for the deployment that its commands are about."
  value       = var.name_prefix
}

output "function_names" {
  description = "Names of the functions, by part."
  value       = { for name, function in module.functions.functions : name => function.name }
}

output "functions" {
  description = "For each function its name, its ARN, the ARN of its alias, its role's name and ARN, and its log group."
  value = {
    for name, function in module.functions.functions : name => {
      name      = function.name
      arn       = function.arn
      alias_arn = function.alias_arn
      role_name = function.role_name
      role_arn  = function.role_arn
      log_group = function.log_group
    }
  }
}

output "api" {
  description = "Id of the REST API, and name and ARN of its stage."
  value       = { id = module.api.api.id, stage = module.api.api.stage, stage_arn = module.api.stage_arn }
}

output "log_group_names" {
  description = "Names of all log groups: of the functions, of the API's access and execution, of the web ACL."
  value = concat(
    [for function in values(module.functions.functions) : function.log_group],
    module.api.log_groups,
    module.waf[*].log_group,
  )
}

output "table_name" {
  description = "Name of the table with the records."
  value       = module.table.table.name
}

output "payload_bucket_name" {
  description = "Name of the bucket with large payloads; null where the table keeps all of them."
  value       = one(module.payloads[*].bucket.name)
}

output "secret_arn" {
  description = "ARN of the secret. Without a value, or without a source's secret in it, webhooks are answered 503."
  value       = module.secrets.arn
}

output "put_secret_command" {
  description = "The command that sets the secret's value from the file secret.json."
  value       = "aws secretsmanager put-secret-value --region ${data.aws_region.current.region} --secret-id ${module.secrets.arn} --secret-string file://secret.json"
}

output "secrets_to_put" {
  description = "The sources whose secrets only the operator can put, because their producers make them."
  value       = local.secrets_by_hand
}

output "dead_letter_queue_arn" {
  description = "ARN of the same queue."
  value       = module.events.dead_letter_queue.arn
}

output "dead_letter_queue_url" {
  description = "URL of the queue with the inputs of executions that were dropped or ended badly, and events that no function accepted."
  value       = module.events.dead_letter_queue.url
}

output "topic_arns" {
  description = "ARNs of the topics that alarms publish to, by severity."
  value       = module.alarms.topic_arns
}

output "alarm_names" {
  description = "Names of all alarms."
  value       = module.alarms.alarm_names
}

output "alarms_cost" {
  description = "What watching has a month: the number of alarms on metrics, of the metrics in them, of alarms on alarms and of the functions' own metrics, and their list price in USD from costs.json, dashboards apart."
  value       = module.alarms.cost
}

output "dashboard_url" {
  description = "URL of the dashboard `service`; null when dashboards_dir has none of that name."
  value       = try(module.dashboards.urls["service"], null)
}

output "dashboard_urls" {
  description = "URLs of the dashboards, by name."
  value       = module.dashboards.urls
}

output "kms_key_arn" {
  description = "ARN of the key that encrypts everything."
  value       = local.kms_key_arn
}

output "web_acl_arn" {
  description = "ARN of the web ACL; null when it is switched off."
  value       = one(values(aws_wafv2_web_acl_association.this)[*].web_acl_arn)
}

output "usage_plan_id" {
  description = "Id of the usage plan for API keys that read statuses; null when no key is needed."
  value       = module.api.usage_plan_id
}

output "domain_target" {
  description = "The target of the custom domain's record when Terraform does not create it; null without a custom domain."
  value       = module.api.domain_target
}

output "deployment_digest" {
  description = "Digest of the deployed API; it changes when and only when the API is deployed again."
  value       = module.api.deployment_digest
}

output "read_secret_command" {
  description = "Sets SECRET to the secret of the source that example_curl sends to, for whoever may read the deployment's secret."
  value = join("", [
    "export SECRET=$(aws secretsmanager get-secret-value --region ${data.aws_region.current.region} --secret-id ${module.secrets.arn} ",
    "--query SecretString --output text | python3 -c 'import json, sys; secret = json.load(sys.stdin)[\"sources\"][\"${local.example_source}\"]; print(secret if isinstance(secret, str) else secret[0])')",
  ])
}

output "example_curl" {
  description = "Sends a signed webhook to the source `default` or the first one that is signed by an HMAC in hex. SECRET is that source's secret."
  value = join("", [
    "body='{\"hello\":\"world\"}'; curl -i ${module.api.url}/webhook/${local.example_source} -H 'Content-Type: application/json' ",
    "-H \"${local.example_header}: sha256=$(printf %s \"$body\" | SECRET=\"$SECRET\" python3 -c '${local.sign}')\" -d \"$body\"",
  ])
}

locals {
  # Reads the secret from the environment: every user of a machine can read the arguments of its processes.
  sign = "import hashlib, hmac, os, sys; print(hmac.new(os.environb[b\"SECRET\"], sys.stdin.buffer.read(), hashlib.sha256).hexdigest())"

  # The header of the presets whose signature is the HMAC-SHA256 of the body in hex. tests/infrastructure compares this map with
  # the code.
  example_headers    = { "github" = "X-Hub-Signature-256", "hmac-sha256" = "X-Webhook-Signature" }
  headers_of_sources = { for name, source in local.sources : name => try(source.verify, null) == null ? lookup(local.example_headers, try(source.preset, ""), null) : null }

  # The source `default`, else the first whose signature is known.
  signed_sources = [for name, header in local.headers_of_sources : name if header != null]
  example_source = contains(local.signed_sources, "default") ? "default" : try(local.signed_sources[0], keys(local.sources)[0])
  example_header = coalesce(local.headers_of_sources[local.example_source], "X-Webhook-Signature")
}
