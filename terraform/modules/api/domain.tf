resource "aws_api_gateway_domain_name" "this" {
  count = var.custom_domain == null ? 0 : 1

  domain_name              = var.custom_domain.domain_name
  regional_certificate_arn = var.custom_domain.certificate_arn
  security_policy          = var.tls_policy
  endpoint_access_mode     = startswith(var.tls_policy, "SecurityPolicy_") ? "BASIC" : null

  endpoint_configuration {
    types = ["REGIONAL"]
  }

  dynamic "mutual_tls_authentication" {
    for_each = var.custom_domain.truststore_uri == null ? [] : [var.custom_domain]

    content {
      truststore_uri     = mutual_tls_authentication.value.truststore_uri
      truststore_version = mutual_tls_authentication.value.truststore_version
    }
  }

  # Another security policy takes AWS a quarter of an hour.
  timeouts {
    create = "60m"
    update = "60m"
  }

  tags = var.tags
}

resource "aws_api_gateway_base_path_mapping" "this" {
  count = var.custom_domain == null ? 0 : 1

  domain_name = aws_api_gateway_domain_name.this[0].domain_name
  api_id      = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name

  # It moves to another stage when that one is ready, and before the last one loses anything.
  depends_on = [aws_api_gateway_method_settings.method, aws_lambda_permission.this]
}

resource "aws_route53_record" "this" {
  count = var.custom_domain == null ? 0 : var.custom_domain.hosted_zone == null ? 0 : 1

  zone_id = var.custom_domain.hosted_zone.id
  name    = var.custom_domain.domain_name
  type    = "A"

  alias {
    name                   = aws_api_gateway_domain_name.this[0].regional_domain_name
    zone_id                = aws_api_gateway_domain_name.this[0].regional_zone_id
    evaluate_target_health = false
  }

  lifecycle {
    # The provider appends the zone's name to a name that does not end with it.
    postcondition {
      condition     = self.fqdn == var.custom_domain.domain_name
      error_message = "The record is ${self.fqdn}: custom_domain.hosted_zone is not the zone of ${var.custom_domain.domain_name}."
    }
  }
}
