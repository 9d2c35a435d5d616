locals {
  partition = data.aws_partition.current.partition

  # Bodies arrive base64-encoded, byte for byte: a signature over re-encoded text would break.
  binary_media_types = ["*/*"]
}

data "aws_partition" "current" {}

resource "aws_api_gateway_rest_api" "this" {
  name                         = var.name
  description                  = "Receives webhooks and tells how they stand"
  binary_media_types           = local.binary_media_types
  disable_execute_api_endpoint = var.custom_domain != null
  security_policy              = var.tls_policy
  # An enhanced policy needs a mode. STRICT would turn away producers whose TLS name and Host header differ.
  endpoint_access_mode = startswith(var.tls_policy, "SecurityPolicy_") ? "BASIC" : null

  endpoint_configuration {
    types = ["REGIONAL"]
  }

  tags = var.tags

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_rest_api_policy" "this" {
  count = length(var.allowed_cidrs) > 0 ? 1 : 0

  rest_api_id = aws_api_gateway_rest_api.this.id
  policy      = local.resource_policy
}

locals {
  resource_policy = length(var.allowed_cidrs) == 0 ? null : jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Invoke"
        Effect    = "Allow"
        Principal = "*"
        Action    = "execute-api:Invoke"
        Resource  = "execute-api:/*"
      },
      {
        Sid       = "FromTheseAddressesOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "execute-api:Invoke"
        Resource  = "execute-api:/*"
        Condition = { NotIpAddress = { "aws:SourceIp" = var.allowed_cidrs } }
      },
    ]
  })
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
    functions          = { for function, f in var.functions : function => [f.alias_arn, local.integration_timeouts[function]] }
    responses          = local.gateway_responses
    response_headers   = local.response_headers
    binary_media_types = local.binary_media_types
    resource_policy    = local.resource_policy
    default_endpoint   = var.custom_domain == null
    tls_policy         = var.tls_policy
  }))
}
