mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  package_dir = "../../tests/packages"
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
    condition     = output.secrets_to_put == toset(["billing", "github", "gitlab", "shopify", "slack", "stripe"])
    error_message = "every producer makes its secret: ${jsonencode(output.secrets_to_put)}"
  }
}
