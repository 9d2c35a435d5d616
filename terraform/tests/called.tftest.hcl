# The root as a module of another configuration.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "inputs_may_be_made_in_the_same_configuration" {
  command = plan

  module {
    source = "./tests/called"
  }

  assert {
    condition     = output.function_names == { for name in ["processor", "reconciler", "status", "validator"] : name => "hooks-${name}" }
    error_message = "names"
  }
}
