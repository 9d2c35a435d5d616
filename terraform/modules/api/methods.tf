locals {
  status_authorization = var.status_access == "iam" ? "AWS_IAM" : "NONE"

  # ANY takes what no other method of its path does, for the function to answer: 405 with `Allow`, or a preflight where
  # CORS is on. Without it API Gateway would answer a wrong method as an unknown path. It is never a way around an
  # authorization: the function refuses every method that has no line here.
  # HEAD is GET without a body, for the function too, so it needs what GET needs.
  methods = {
    "POST /webhook"                 = { function = "validator", authorization = "NONE", api_key = false }
    "ANY /webhook"                  = { function = "validator", authorization = "NONE", api_key = false }
    "POST /webhook/{source}"        = { function = "validator", authorization = "NONE", api_key = false }
    "GET /webhook/{source}"         = { function = "validator", authorization = "NONE", api_key = false }
    "ANY /webhook/{source}"         = { function = "validator", authorization = "NONE", api_key = false }
    "GET /status/{executionToken}"  = { function = "status", authorization = local.status_authorization, api_key = var.status_access == "api_key" }
    "HEAD /status/{executionToken}" = { function = "status", authorization = local.status_authorization, api_key = var.status_access == "api_key" }
    "ANY /status/{executionToken}"  = { function = "status", authorization = "NONE", api_key = false }
  }

  resource_ids = {
    "/webhook"                 = aws_api_gateway_resource.top["webhook"].id
    "/webhook/{source}"        = aws_api_gateway_resource.item["webhook/{source}"].id
    "/status/{executionToken}" = aws_api_gateway_resource.item["status/{executionToken}"].id
  }

  # The function's own timeout comes first, so that the caller gets its answer where there is one.
  integration_timeouts = { for function, f in var.functions : function => min(f.timeout_seconds * 1000 + 1000, 29000) }
}

resource "aws_api_gateway_resource" "top" {
  for_each = toset(["webhook", "status"])

  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_rest_api.this.root_resource_id
  path_part   = each.key
}

resource "aws_api_gateway_resource" "item" {
  for_each = toset(["webhook/{source}", "status/{executionToken}"])

  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_resource.top[split("/", each.key)[0]].id
  path_part   = split("/", each.key)[1]
}

# Bodies are not validated here: a model would look at a body before its signature is checked.
resource "aws_api_gateway_method" "this" {
  #checkov:skip=CKV_AWS_59: Producers cannot sign for AWS. The validator verifies a producer's own signature; a status is found by an unguessable token, and may need an API key or IAM by variable.
  #checkov:skip=CKV2_AWS_53: The validator checks a request itself, its signature first.
  for_each = local.methods

  rest_api_id      = aws_api_gateway_rest_api.this.id
  resource_id      = local.resource_ids[split(" ", each.key)[1]]
  http_method      = split(" ", each.key)[0]
  authorization    = each.value.authorization
  api_key_required = each.value.api_key
}

resource "aws_api_gateway_integration" "this" {
  for_each = local.methods

  rest_api_id             = aws_api_gateway_rest_api.this.id
  resource_id             = aws_api_gateway_method.this[each.key].resource_id
  http_method             = aws_api_gateway_method.this[each.key].http_method
  type                    = "AWS_PROXY"
  integration_http_method = "POST"
  uri                     = var.functions[each.value.function].invoke_arn
  timeout_milliseconds    = local.integration_timeouts[each.value.function]
}

resource "aws_lambda_permission" "this" {
  for_each = {
    webhook = { function = "validator", path = "webhook" }
    source  = { function = "validator", path = "webhook/*" }
    status  = { function = "status", path = "status/*" }
  }

  statement_id  = "api-${each.key}-${var.stage_name}"
  action        = "lambda:InvokeFunction"
  function_name = var.functions[each.value.function].name
  qualifier     = var.functions[each.value.function].alias
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.this.execution_arn}/${var.stage_name}/*/${each.value.path}"

  lifecycle {
    create_before_destroy = true
  }
}
