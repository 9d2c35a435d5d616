# CloudWatch's limits with many sources.

mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  definitions_dir = "../../../alarms"
  kms_key_arn     = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-4333-8444-555555555555"
}

run "alarms_of_40_sources_are_within_the_limits_of_cloudwatch" {
  command = plan

  variables {
    deployment = merge(jsondecode(file("../../../tests/alarms/golden/deployment.json")), {
      prefix         = "a-prefix-of-20-chars"
      sources        = { for number in range(40) : format("source-with-the-longest-name-there-is-%03d", number) => {} }
      silent_sources = {}
    })
  }

  assert {
    condition     = alltrue([for rule in values(local.rules) : length(regexall("\"[^\"]*\"", rule)) <= 100 && length(rule) <= 10240])
    error_message = "a rule names at most 100 alarms in 10,240 characters"
  }

  assert {
    condition     = max([for times in values({ for child in flatten(values(local.children)) : child => true... }) : length(times)]...) <= 150
    error_message = "an alarm is named by at most 150 rules"
  }

  assert {
    condition     = length(setsubtract([for name, severity in { for name, alarm in local.all_alarms : name => alarm.severity } : name if severity == "none"], flatten(values(local.children)))) == 0
    error_message = "an alarm that notifies nobody is named by another"
  }

  assert {
    condition     = alltrue([for name in output.alarm_names : length(name) <= 255])
    error_message = "names"
  }
}

# tests/alarms evaluates the same tiers.
run "tiers_are_those_that_are_proven_to_tell" {
  command = plan

  variables {
    deployment = merge(jsondecode(file("../../../tests/alarms/golden/deployment.json")), {
      sources        = { for number in range(25) : format("source-%02d", number) => {} }
      silent_sources = {}
    })
  }

  assert {
    condition = jsonencode({
      for name, _ in jsondecode(file("../../../tests/alarms/golden/tiers.json")) : name => {
        description = local.alarms_made[name].description
        level       = local.levels[name]
        rule        = local.rules[name]
      }
    }) == jsonencode(jsondecode(file("../../../tests/alarms/golden/tiers.json")))
    error_message = "not the same as in tests/alarms/golden/tiers.json"
  }
}

run "a_rule_with_tiers_joins_alarms_by_or_alone" {
  command = plan

  variables {
    definitions_dir = "./tests/undivided"
    deployment = merge(jsondecode(file("../../../tests/alarms/golden/deployment.json")), {
      sources = { for number in range(25) : format("source-%02d", number) => {} }
    })
  }

  expect_failures = [output.alarm_names]
}

run "a_rule_that_names_too_many_alarms_is_refused_before_cloudwatch_does" {
  command = plan

  variables {
    definitions_dir = "./tests/many"
    deployment = merge(jsondecode(file("../../../tests/alarms/golden/deployment.json")), {
      sources = { for number in range(101) : format("source-%03d", number) => {} }
    })
  }

  expect_failures = [aws_cloudwatch_composite_alarm.part]
}
