mock_provider "aws" {
  source = "../tests/mocks"
}

run "spans_are_kept_once_their_logs_may_be_written" {
  command = plan

  assert {
    condition     = aws_xray_trace_segment_destination.this[0].destination == "CloudWatchLogs" && one(one(aws_xray_indexing_rule.default[0].rule).probabilistic).desired_sampling_percentage == 1
    error_message = "Transaction Search"
  }

  assert {
    condition = jsondecode(aws_cloudwatch_log_resource_policy.spans[0].policy_document).Statement == [{
      Sid       = "SpansOfThisAccount"
      Effect    = "Allow"
      Principal = { Service = "xray.amazonaws.com" }
      Action    = "logs:PutLogEvents"
      Resource = [
        "arn:aws:logs:eu-west-1:123456789012:log-group:aws/spans:*",
        "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/application-signals/data:*",
      ]
      Condition = {
        ArnLike      = { "aws:SourceArn" = "arn:aws:xray:eu-west-1:123456789012:*" }
        StringEquals = { "aws:SourceAccount" = "123456789012" }
      }
    }]
    error_message = "X-Ray alone, for this account alone: ${aws_cloudwatch_log_resource_policy.spans[0].policy_document}"
  }

  assert {
    condition     = length(aws_api_gateway_account.this) == 0
    error_message = "a deployment makes the logging role unless it is asked for here"
  }
}

run "the_logging_role_may_be_here" {
  command = plan

  variables {
    transaction_search = false
    api_gateway_logs   = true
  }

  assert {
    condition = (
      length(aws_xray_trace_segment_destination.this) == 0 && aws_iam_role.logging[0].name == "apigateway-logs-eu-west-1" &&
      aws_iam_role_policy_attachment.logging[0].policy_arn == "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
    )
    error_message = "one role for all APIs of the region"
  }
}

run "more_than_all_spans" {
  command = plan

  variables {
    indexed_percent = 101
  }

  expect_failures = [var.indexed_percent]
}
