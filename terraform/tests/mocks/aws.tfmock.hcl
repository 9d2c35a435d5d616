# Fixed values for what AWS would compute, in the form that the provider checks. Nothing is created anywhere.

mock_data "aws_caller_identity" {
  defaults = { account_id = "123456789012" }
}

mock_data "aws_partition" {
  defaults = { partition = "aws" }
}

mock_data "aws_default_tags" {
  defaults = { tags = {} }
}

# The package of tests/packages.
mock_data "aws_lambda_function" {
  defaults = { code_sha256 = "rs8A1SoCiCJrhzIiCzpnvbQqNfDWyfF0bV+UJmDs24M=" }
}

mock_data "aws_servicequotas_service_quota" {
  defaults = { value = 1000 }
}

mock_data "aws_region" {
  defaults = { region = "eu-west-1" }
}

mock_resource "aws_api_gateway_deployment" {
  defaults = { id = "deploy" }
}

mock_resource "aws_api_gateway_domain_name" {
  defaults = {
    arn                  = "arn:aws:apigateway:eu-west-1::/domainnames/hooks.example.com"
    regional_domain_name = "d-abc.execute-api.eu-west-1.amazonaws.com"
    regional_zone_id     = "Z0000000000000"
  }
}

mock_resource "aws_api_gateway_rest_api" {
  defaults = {
    id               = "api0000000"
    arn              = "arn:aws:apigateway:eu-west-1::/restapis/api0000000"
    execution_arn    = "arn:aws:execute-api:eu-west-1:123456789012:api0000000"
    root_resource_id = "root000000"
  }
}

mock_resource "aws_api_gateway_stage" {
  defaults = {
    arn        = "arn:aws:apigateway:eu-west-1::/restapis/api0000000/stages/v1"
    invoke_url = "https://api0000000.execute-api.eu-west-1.amazonaws.com/v1"
  }
}

mock_resource "aws_api_gateway_usage_plan" {
  defaults = { id = "plan00" }
}

mock_resource "aws_cloudwatch_dashboard" {
  defaults = { dashboard_arn = "arn:aws:cloudwatch::123456789012:dashboard/mock" }
}

mock_resource "aws_cloudwatch_event_rule" {
  defaults = { arn = "arn:aws:events:eu-west-1:123456789012:rule/mock" }
}

# The log of a web ACL must have such a name; the others do not mind.
mock_resource "aws_cloudwatch_log_group" {
  defaults = { arn = "arn:aws:logs:eu-west-1:123456789012:log-group:aws-waf-logs-mock" }
}

mock_resource "aws_cloudwatch_metric_alarm" {
  defaults = { arn = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:mock" }
}

mock_resource "aws_dynamodb_table" {
  defaults = { arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/mock" }
}

mock_resource "aws_iam_role" {
  defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
}

mock_resource "aws_kms_key" {
  defaults = {
    arn    = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-4333-8444-555555555555"
    key_id = "11111111-2222-4333-8444-555555555555"
  }
}

mock_resource "aws_lambda_alias" {
  defaults = {
    arn        = "arn:aws:lambda:eu-west-1:123456789012:function:mock:live"
    invoke_arn = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:mock:live/invocations"
  }
}

mock_resource "aws_lambda_function" {
  defaults = {
    arn     = "arn:aws:lambda:eu-west-1:123456789012:function:mock"
    version = "7"
  }
}

mock_resource "aws_s3_bucket" {
  defaults = { arn = "arn:aws:s3:::mock" }
}

mock_resource "aws_secretsmanager_secret" {
  defaults = { arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:mock-AbCdEf" }
}

mock_resource "aws_sns_topic" {
  defaults = { arn = "arn:aws:sns:eu-west-1:123456789012:mock" }
}

mock_resource "aws_sqs_queue" {
  defaults = {
    arn = "arn:aws:sqs:eu-west-1:123456789012:mock"
    url = "https://sqs.eu-west-1.amazonaws.com/123456789012/mock"
  }
}

mock_resource "aws_wafv2_ip_set" {
  defaults = { arn = "arn:aws:wafv2:eu-west-1:123456789012:regional/ipset/mock/11111111" }
}

mock_resource "aws_wafv2_web_acl" {
  defaults = { arn = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/mock/11111111" }
}
