mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name_prefix = "hooks"
}

run "none_without_a_body" {
  assert {
    condition     = length(aws_cloudwatch_dashboard.this) == 0
    error_message = "no dashboard"
  }
}

run "a_body_becomes_a_dashboard_with_a_link" {
  variables {
    bodies = { service = "{\"widgets\":[]}" }
  }

  assert {
    condition     = aws_cloudwatch_dashboard.this["service"].dashboard_name == "hooks-service" && aws_cloudwatch_dashboard.this["service"].dashboard_body == "{\"widgets\":[]}"
    error_message = "name and body"
  }

  assert {
    condition     = output.urls == { service = "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#dashboards/dashboard/hooks-service" }
    error_message = "link"
  }
}

run "what_is_no_dashboard_is_refused" {
  command = plan

  variables {
    bodies = { service = "[]" }
  }

  expect_failures = [var.bodies]
}
