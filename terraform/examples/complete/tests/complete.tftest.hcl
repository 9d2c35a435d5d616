mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  package_dir        = "../../tests/packages"
  domain_name        = "hooks.example.com"
  certificate_arn    = "arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-4000-8000-000000000000"
  hosted_zone_id     = "Z123"
  status_api_key_ids = ["key0000001"]
  allowed_cidrs      = ["192.0.2.0/24"]
}

run "plans" {
  command = plan

  assert {
    condition     = output.webhook_endpoint == "https://hooks.example.com/webhook" && module.tracehook.table_name == "hooks-prod-webhooks"
    error_message = "domain and names"
  }

  assert {
    condition     = module.tracehook.payload_bucket_name == "hooks-prod-payloads-123456789012-eu-west-1"
    error_message = "bucket: ${module.tracehook.payload_bucket_name}"
  }
}
