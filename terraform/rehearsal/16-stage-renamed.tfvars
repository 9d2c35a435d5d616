# Another name of the stage under the custom domain: the domain moves to the new stage, which has its permissions and throttles, before the last one goes.
# order: created .*api_gateway_stage.this < modified .*base_path_mapping.this[0]
# order: created .*lambda_permission.this["source"] < modified .*base_path_mapping.this[0]
# order: modified .*base_path_mapping.this[0] < destroyed .*api_gateway_stage.this
# order: modified .*base_path_mapping.this[0] < destroyed .*lambda_permission.this["source"]
# loses: aws_cloudwatch_log_group.execution

sources = { default = { preset = "hmac-sha256" } }
custom_domain = {
  domain_name     = "hooks.example.com"
  certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-4000-8000-000000000000"
  hosted_zone     = { id = "Z00000000000000000000" }
}
stage_name = "v2"
