mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  package_dir        = "../../tests/packages"
  domain_name        = "hooks.example.com"
  certificate_arn    = "arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-4000-8000-000000000000"
  hosted_zone_id     = "Z123"
  status_api_key_ids = { reader = "key0000001" }
  allowed_cidrs      = ["192.0.2.0/24"]
}

run "plans" {
  command = plan

  # What AWS says after the apply.
  override_resource {
    target          = module.tracehook.module.alarms.aws_sns_topic_subscription.this
    override_during = plan
    values          = { pending_confirmation = false }
  }

  assert {
    condition     = output.webhook_endpoint == "https://hooks.example.com/webhook" && module.tracehook.table_name == "hooks-prod-webhooks"
    error_message = "domain and names"
  }

  # What the first apply fixes.
  override_resource {
    target          = module.tracehook.terraform_data.place
    override_during = plan
    values          = { output = { account = "123456789012", partition = "aws", region = "eu-west-1" } }
  }

  assert {
    condition     = module.tracehook.payload_bucket_name == "hooks-prod-payloads-123456789012-eu-west-1"
    error_message = "bucket: ${module.tracehook.payload_bucket_name}"
  }
}
