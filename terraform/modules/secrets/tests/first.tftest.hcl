mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name        = "hooks-secrets"
  kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-4333-8444-555555555555"
  bootstrap   = { sources = ["default"] }
}

run "the_first_value_is_in_no_state" {
  assert {
    condition = (
      aws_secretsmanager_secret_version.first[0].secret_string_wo == null && aws_secretsmanager_secret_version.first[0].secret_string == null &&
      aws_secretsmanager_secret_version.first[0].version_stages == toset(["AWSCURRENT", "tracehook-first"])
    )
    error_message = "the value is written and not kept; a stage of its own keeps the version when another one is put"
  }
}

# Another number of the version would write the value anew.
run "it_is_not_written_again" {
  assert {
    condition     = aws_secretsmanager_secret_version.first[0].version_id == run.the_first_value_is_in_no_state.first_version_id && aws_secretsmanager_secret_version.first[0].secret_string_wo_version == 1
    error_message = "the version of the first apply stays"
  }
}

run "a_value_that_was_put_is_not_replaced" {
  command = plan

  override_data {
    target = data.aws_secretsmanager_secret_versions.this
    values = { versions = [{ created_time = "2026-01-31T12:00:00Z", last_accessed_date = "", version_id = "1", version_stages = ["AWSCURRENT"] }] }
  }

  expect_failures = [aws_secretsmanager_secret_version.first]
}
