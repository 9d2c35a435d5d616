# How much a deployment is told, and what that costs: tests/alarms counts the same from the same files.

mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  definitions_dir = "../../../alarms"
  kms_key_arn     = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-4333-8444-555555555555"
  costs           = jsondecode(file("../../../tests/alarms/golden/costs.json"))
  deployment = merge(jsondecode(file("../../../tests/alarms/golden/deployment.json")), {
    sources        = { for number in range(10) : format("source-%03d", number) => {} }
    silent_sources = {}
  })
}

run "pages_of_1_source_cost_what_is_counted" {
  command = plan

  variables {
    detail = "pages"
    deployment = merge(jsondecode(file("../../../tests/alarms/golden/deployment.json")), {
      sources        = { for number in range(1) : format("source-%03d", number) => {} }
      silent_sources = {}
    })
  }

  assert {
    condition     = jsonencode(output.cost) == jsonencode(var.costs["pages"]["1"])
    error_message = "cost: ${jsonencode(output.cost)}"
  }

  assert {
    condition = (
      length(aws_cloudwatch_metric_alarm.this) == output.cost.metric_alarms && sum([for alarm in aws_cloudwatch_metric_alarm.this : length([for query in alarm.metric_query : query if length(query.metric) == 1]) + (alarm.threshold_metric_id == null ? 0 : 2)]) == output.cost.alarm_metrics &&
      length(aws_cloudwatch_composite_alarm.part) + length(aws_cloudwatch_composite_alarm.whole) + length(aws_cloudwatch_composite_alarm.follower) == output.cost.composite_alarms
    )
    error_message = "what is made"
  }
}

run "pages_of_10_sources_cost_what_is_counted" {
  command = plan

  variables {
    detail = "pages"
  }

  assert {
    condition     = jsonencode(output.cost) == jsonencode(var.costs["pages"]["10"])
    error_message = "cost: ${jsonencode(output.cost)}"
  }

  assert {
    condition = (
      length(aws_cloudwatch_metric_alarm.this) == output.cost.metric_alarms && sum([for alarm in aws_cloudwatch_metric_alarm.this : length([for query in alarm.metric_query : query if length(query.metric) == 1]) + (alarm.threshold_metric_id == null ? 0 : 2)]) == output.cost.alarm_metrics &&
      length(aws_cloudwatch_composite_alarm.part) + length(aws_cloudwatch_composite_alarm.whole) + length(aws_cloudwatch_composite_alarm.follower) == output.cost.composite_alarms
    )
    error_message = "what is made"
  }
}

run "pages_of_100_sources_cost_what_is_counted" {
  command = plan

  variables {
    detail = "pages"
    deployment = merge(jsondecode(file("../../../tests/alarms/golden/deployment.json")), {
      sources        = { for number in range(100) : format("source-%03d", number) => {} }
      silent_sources = {}
    })
  }

  assert {
    condition     = jsonencode(output.cost) == jsonencode(var.costs["pages"]["100"])
    error_message = "cost: ${jsonencode(output.cost)}"
  }

  assert {
    condition = (
      length(aws_cloudwatch_metric_alarm.this) == output.cost.metric_alarms && sum([for alarm in aws_cloudwatch_metric_alarm.this : length([for query in alarm.metric_query : query if length(query.metric) == 1]) + (alarm.threshold_metric_id == null ? 0 : 2)]) == output.cost.alarm_metrics &&
      length(aws_cloudwatch_composite_alarm.part) + length(aws_cloudwatch_composite_alarm.whole) + length(aws_cloudwatch_composite_alarm.follower) == output.cost.composite_alarms
    )
    error_message = "what is made"
  }
}

run "standard_of_1_source_cost_what_is_counted" {
  command = plan

  variables {
    detail = "standard"
    deployment = merge(jsondecode(file("../../../tests/alarms/golden/deployment.json")), {
      sources        = { for number in range(1) : format("source-%03d", number) => {} }
      silent_sources = {}
    })
  }

  assert {
    condition     = jsonencode(output.cost) == jsonencode(var.costs["standard"]["1"])
    error_message = "cost: ${jsonencode(output.cost)}"
  }

  assert {
    condition = (
      length(aws_cloudwatch_metric_alarm.this) == output.cost.metric_alarms && sum([for alarm in aws_cloudwatch_metric_alarm.this : length([for query in alarm.metric_query : query if length(query.metric) == 1]) + (alarm.threshold_metric_id == null ? 0 : 2)]) == output.cost.alarm_metrics &&
      length(aws_cloudwatch_composite_alarm.part) + length(aws_cloudwatch_composite_alarm.whole) + length(aws_cloudwatch_composite_alarm.follower) == output.cost.composite_alarms
    )
    error_message = "what is made"
  }
}

run "standard_of_10_sources_cost_what_is_counted" {
  command = plan

  variables {
    detail = "standard"
  }

  assert {
    condition     = jsonencode(output.cost) == jsonencode(var.costs["standard"]["10"])
    error_message = "cost: ${jsonencode(output.cost)}"
  }

  assert {
    condition = (
      length(aws_cloudwatch_metric_alarm.this) == output.cost.metric_alarms && sum([for alarm in aws_cloudwatch_metric_alarm.this : length([for query in alarm.metric_query : query if length(query.metric) == 1]) + (alarm.threshold_metric_id == null ? 0 : 2)]) == output.cost.alarm_metrics &&
      length(aws_cloudwatch_composite_alarm.part) + length(aws_cloudwatch_composite_alarm.whole) + length(aws_cloudwatch_composite_alarm.follower) == output.cost.composite_alarms
    )
    error_message = "what is made"
  }
}

run "standard_of_100_sources_cost_what_is_counted" {
  command = plan

  variables {
    detail = "standard"
    deployment = merge(jsondecode(file("../../../tests/alarms/golden/deployment.json")), {
      sources        = { for number in range(100) : format("source-%03d", number) => {} }
      silent_sources = {}
    })
  }

  assert {
    condition     = jsonencode(output.cost) == jsonencode(var.costs["standard"]["100"])
    error_message = "cost: ${jsonencode(output.cost)}"
  }

  assert {
    condition = (
      length(aws_cloudwatch_metric_alarm.this) == output.cost.metric_alarms && sum([for alarm in aws_cloudwatch_metric_alarm.this : length([for query in alarm.metric_query : query if length(query.metric) == 1]) + (alarm.threshold_metric_id == null ? 0 : 2)]) == output.cost.alarm_metrics &&
      length(aws_cloudwatch_composite_alarm.part) + length(aws_cloudwatch_composite_alarm.whole) + length(aws_cloudwatch_composite_alarm.follower) == output.cost.composite_alarms
    )
    error_message = "what is made"
  }
}

run "full_of_1_source_cost_what_is_counted" {
  command = plan

  variables {
    detail = "full"
    deployment = merge(jsondecode(file("../../../tests/alarms/golden/deployment.json")), {
      sources        = { for number in range(1) : format("source-%03d", number) => {} }
      silent_sources = {}
    })
  }

  assert {
    condition     = jsonencode(output.cost) == jsonencode(var.costs["full"]["1"])
    error_message = "cost: ${jsonencode(output.cost)}"
  }

  assert {
    condition = (
      length(aws_cloudwatch_metric_alarm.this) == output.cost.metric_alarms && sum([for alarm in aws_cloudwatch_metric_alarm.this : length([for query in alarm.metric_query : query if length(query.metric) == 1]) + (alarm.threshold_metric_id == null ? 0 : 2)]) == output.cost.alarm_metrics &&
      length(aws_cloudwatch_composite_alarm.part) + length(aws_cloudwatch_composite_alarm.whole) + length(aws_cloudwatch_composite_alarm.follower) == output.cost.composite_alarms
    )
    error_message = "what is made"
  }
}

run "full_of_10_sources_cost_what_is_counted" {
  command = plan

  variables {
    detail = "full"
  }

  assert {
    condition     = jsonencode(output.cost) == jsonencode(var.costs["full"]["10"])
    error_message = "cost: ${jsonencode(output.cost)}"
  }

  assert {
    condition = (
      length(aws_cloudwatch_metric_alarm.this) == output.cost.metric_alarms && sum([for alarm in aws_cloudwatch_metric_alarm.this : length([for query in alarm.metric_query : query if length(query.metric) == 1]) + (alarm.threshold_metric_id == null ? 0 : 2)]) == output.cost.alarm_metrics &&
      length(aws_cloudwatch_composite_alarm.part) + length(aws_cloudwatch_composite_alarm.whole) + length(aws_cloudwatch_composite_alarm.follower) == output.cost.composite_alarms
    )
    error_message = "what is made"
  }
}

run "full_of_100_sources_cost_what_is_counted" {
  command = plan

  variables {
    detail = "full"
    deployment = merge(jsondecode(file("../../../tests/alarms/golden/deployment.json")), {
      sources        = { for number in range(100) : format("source-%03d", number) => {} }
      silent_sources = {}
    })
  }

  assert {
    condition     = jsonencode(output.cost) == jsonencode(var.costs["full"]["100"])
    error_message = "cost: ${jsonencode(output.cost)}"
  }

  assert {
    condition = (
      length(aws_cloudwatch_metric_alarm.this) == output.cost.metric_alarms && sum([for alarm in aws_cloudwatch_metric_alarm.this : length([for query in alarm.metric_query : query if length(query.metric) == 1]) + (alarm.threshold_metric_id == null ? 0 : 2)]) == output.cost.alarm_metrics &&
      length(aws_cloudwatch_composite_alarm.part) + length(aws_cloudwatch_composite_alarm.whole) + length(aws_cloudwatch_composite_alarm.follower) == output.cost.composite_alarms
    )
    error_message = "what is made"
  }
}

run "a_rule_names_what_exists_at_its_detail" {
  command = plan

  variables {
    detail = "standard"
    deployment = merge(jsondecode(file("../../../tests/alarms/golden/deployment.json")), {
      sources        = { for number in range(25) : format("source-%03d", number) => {} }
      silent_sources = { source-000 = { silence_seconds = 3600 } }
    })
  }

  assert {
    condition     = length(setsubtract(flatten(values(local.children)), keys(local.all_named))) == 0 && alltrue([for children in values(local.children) : length(children) > 0])
    error_message = "children"
  }

  assert {
    condition     = length(regexall("signature-missing|delivery-conflict", join(" ", values(local.rules)))) == 0 && strcontains(local.rules["producer-trouble-tier-1"], "hooks-secret-missing-source-000")
    error_message = "producer-trouble has what is left of it: ${local.rules["producer-trouble-tier-1"]}"
  }

  assert {
    condition     = length(setsubtract([for name, alarm in local.alarms_made : name if alarm.severity == "none"], flatten(values(local.children)))) == 0
    error_message = "an alarm that notifies nobody is named by another"
  }

  assert {
    condition     = length(aws_cloudwatch_composite_alarm.follower) > 0 && alltrue([for name, alarm in local.all_alarms : try(alarm.suppressed_by, null) == null ? true : can(local.all_named[alarm.suppressed_by.alarm])])
    error_message = "suppressors"
  }
}

run "only_what_pages_is_made" {
  command = plan

  variables {
    detail = "pages"
  }

  assert {
    condition = (
      !anytrue([for alarm in local.alarms_made : alarm.severity == "ticket"]) && contains(output.alarm_names, "hooks-service-unhealthy") &&
      contains(output.alarm_names, "hooks-accepted-burn-fast-long") && !contains(output.alarm_names, "hooks-accepted-burn-lasting-long")
    )
    error_message = "names: ${jsonencode(output.alarm_names)}"
  }
}

run "another_detail_is_refused" {
  command = plan

  variables {
    detail = "some"
  }

  expect_failures = [var.detail]
}
