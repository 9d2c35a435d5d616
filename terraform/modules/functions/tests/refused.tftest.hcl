mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name_prefix  = "hooks"
  region       = "eu-west-1"
  package_dir  = "../../tests/packages"
  architecture = "arm64"
  functions = {
    validator = { memory_mb = 512, timeout_seconds = 15, reserved_concurrency = -1 }
    processor = { memory_mb = 512, timeout_seconds = 60, reserved_concurrency = -1 }
    status    = { memory_mb = 256, timeout_seconds = 10, reserved_concurrency = -1 }
  }
  kms_key_arn           = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-4333-8444-555555555555"
  table                 = { name = "t", arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/t", open_index_arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/t/index/open" }
  secret_arn            = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:s-AbCdEf"
  dead_letter_queue_arn = "arn:aws:sqs:eu-west-1:123456789012:q"
  sources               = { github = { preset = "github" } }
}

run "a_package_that_was_not_built" {
  command = plan

  variables {
    package_dir = "../../tests/not-built"
  }

  expect_failures = [aws_lambda_function.this]
}

run "a_package_that_was_exchanged" {
  command = plan

  variables {
    package_dir = "tests/exchanged"
  }

  expect_failures = [aws_lambda_function.this]
}

run "a_package_that_no_release_has" {
  command = plan

  variables {
    package_bucket = { name = "artifacts", sha256sums = "${sha256("other")}  arm64/validator/bootstrap.zip" }
  }

  expect_failures = [aws_lambda_function.this]
}

run "a_variable_that_the_processor_has_already" {
  command = plan

  variables {
    processor = { environment = { TABLE_NAME = "another" } }
  }

  expect_failures = [aws_lambda_function.this]
}

run "a_secret_by_the_name_of_a_variable_of_telemetry" {
  command = plan

  variables {
    telemetry_variables = ["OTEL_EXPORTER_OTLP_HEADERS"]
    processor           = { secrets = { OTEL_EXPORTER_OTLP_HEADERS = { arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-AbCdEf" } } }
  }

  expect_failures = [aws_lambda_function.this]
}

run "a_statement_that_would_take_the_place_of_the_processors_own" {
  command = plan

  variables {
    processor = { policy_statements = { MoveRecord = { actions = ["s3:GetObject"], resources = ["arn:aws:s3:::shop/*"] } } }
  }

  expect_failures = [aws_iam_role_policy.this]
}
