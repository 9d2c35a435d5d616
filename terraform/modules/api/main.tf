locals {
  # Bodies arrive base64-encoded, byte for byte: a signature over re-encoded text would break.
  binary_media_types = ["*/*"]
}

resource "aws_api_gateway_rest_api" "this" {
  name                         = var.name
  description                  = "Receives webhooks and tells how they stand"
  binary_media_types           = local.binary_media_types
  disable_execute_api_endpoint = !var.default_endpoint
  security_policy              = var.tls_policy
  # An enhanced policy needs a mode. STRICT would turn away producers whose TLS name and Host header differ.
  endpoint_access_mode = startswith(var.tls_policy, "SecurityPolicy_") ? "BASIC" : null

  endpoint_configuration {
    types = ["REGIONAL"]
  }

  # Another security policy takes AWS a quarter of an hour.
  timeouts {
    create = "60m"
    update = "60m"
  }

  tags = var.tags

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = var.default_endpoint || var.custom_domain != null
      error_message = "An API without its default endpoint needs a custom domain; nobody could reach it."
    }
  }
}

# The policy is there always: to let everybody in again is then a change of it, which is deployed. Its removal would not be.
resource "aws_api_gateway_rest_api_policy" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [for statement in local.policy_statements : merge(statement, { Resource = [for path in statement.Resource : "${aws_api_gateway_rest_api.this.execution_arn}/*/${path}"] })]
  })

  lifecycle {
    precondition {
      condition     = length(jsonencode(local.policy_statements)) <= 7500
      error_message = "allowed_cidrs are too many for the API's resource policy, which has room for 8192 characters: about 400 ranges. Join neighbouring ranges."
    }
  }
}

locals {
  # Methods and paths that need no authorization of IAM. An Allow of the policy would be enough for any caller of the account
  # without one of IAM, so that of a status is left out where IAM decides.
  open_paths = var.status_access != "iam" ? ["*"] : concat(
    ["*/webhook", "*/webhook/*"], [for method in ["DELETE", "OPTIONS", "PATCH", "POST", "PUT"] : "${method}/status/*"],
  )

  policy_statements = concat(
    [{ Sid = "Invoke", Effect = "Allow", Principal = "*", Action = "execute-api:Invoke", Resource = local.open_paths }],
    [for cidrs in [var.allowed_cidrs] : {
      Sid       = "FromTheseAddressesOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "execute-api:Invoke"
      Resource  = ["*"]
      Condition = { NotIpAddress = { "aws:SourceIp" = cidrs } }
    } if length(cidrs) > 0],
  )
}

# A deployment holds a copy of the API. Everything that is part of the copy is in the digest, so that the API is deployed
# again when and only when it changes; throttles, logs and tags belong to the stage and are not.
resource "aws_api_gateway_deployment" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  description = "Of the digest ${substr(local.digest, 0, 12)}"
  triggers    = { redeployment = local.digest }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [
    aws_api_gateway_gateway_response.this,
    aws_api_gateway_integration.this,
    aws_api_gateway_rest_api_policy.this,
  ]
}

locals {
  digest = sha256(jsonencode({
    methods            = local.methods
    functions          = { for function, f in var.functions : function => [f.name, f.alias, local.integration_timeouts[function]] }
    responses          = local.gateway_responses
    response_headers   = local.response_headers
    binary_media_types = local.binary_media_types
    resource_policy    = local.policy_statements
    default_endpoint   = var.default_endpoint
    tls_policy         = var.tls_policy
  }))
}
