# The root as a module of another configuration.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "inputs_may_be_made_in_the_same_configuration" {
  command = plan

  module {
    source = "./tests/called"
  }

  # What AWS says after the apply.
  override_resource {
    target          = module.tracehook.module.alarms.aws_sns_topic_subscription.this
    override_during = plan
    values          = { pending_confirmation = false }
  }

  assert {
    condition     = output.function_names == { for name in ["processor", "reconciler", "status", "validator"] : name => "hooks-${name}" }
    error_message = "names"
  }
}
