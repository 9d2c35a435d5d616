mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  definitions_dir = "../../../alarms"
  deployment      = jsondecode(file("../../../tests/alarms/golden/deployment.json"))
  kms_key_arn     = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-4333-8444-555555555555"
}

run "two_encrypted_topics_that_alarms_alone_may_publish_to" {
  assert {
    condition = { for severity, t in aws_sns_topic.this : severity => [t.name, t.kms_master_key_id] } == {
      page = ["hooks-page", var.kms_key_arn], ticket = ["hooks-ticket", var.kms_key_arn]
    }
    error_message = "topics"
  }

  assert {
    condition = alltrue([for severity, p in aws_sns_topic_policy.this : jsondecode(p.policy).Statement == [
      {
        Sid      = "AlarmsOfThisDeployment", Effect = "Allow", Principal = { Service = "cloudwatch.amazonaws.com" }, Action = "sns:Publish"
        Resource = aws_sns_topic.this[severity].arn
        Condition = {
          StringEquals = { "aws:SourceAccount" = "123456789012" }
          ArnLike      = { "aws:SourceArn" = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:hooks-*" }
        }
      },
      {
        Sid       = "EncryptedTransportOnly", Effect = "Deny", Principal = "*", Action = "sns:Publish", Resource = aws_sns_topic.this[severity].arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]])
    error_message = "topic policy: ${aws_sns_topic_policy.this["page"].policy}"
  }
}

run "subscriptions_go_to_the_topic_of_their_severity" {
  variables {
    subscriptions = { team = { severity = "ticket", protocol = "email", endpoint = "team@example.com" } }
  }

  assert {
    condition = (
      aws_sns_topic_subscription.this["team"].topic_arn == aws_sns_topic.this["ticket"].arn &&
      aws_sns_topic_subscription.this["team"].protocol == "email" && aws_sns_topic_subscription.this["team"].endpoint == "team@example.com"
    )
    error_message = "subscription"
  }
}

run "a_topic_of_ones_own_takes_the_place_of_one" {
  command = plan

  variables {
    topics        = { page = { arn = "arn:aws:sns:eu-west-1:123456789012:on-call" } }
    subscriptions = { pager = { severity = "page", protocol = "https", endpoint = "https://pager.example.com/in", endpoint_auto_confirms = true } }
  }

  assert {
    condition     = keys(aws_sns_topic.this) == ["ticket"] && keys(aws_sns_topic_policy.this) == ["ticket"] && output.topic_arns.page == "arn:aws:sns:eu-west-1:123456789012:on-call"
    error_message = "the other one is made"
  }

  assert {
    condition = (
      aws_cloudwatch_composite_alarm.whole["service-unhealthy"].alarm_actions == toset(["arn:aws:sns:eu-west-1:123456789012:on-call"]) &&
      aws_sns_topic_subscription.this["pager"].topic_arn == "arn:aws:sns:eu-west-1:123456789012:on-call"
    )
    error_message = "alarms and subscriptions of the severity"
  }
}

run "an_endpoint_that_confirms_by_itself_has_time_for_it" {
  variables {
    subscriptions = { pager = { severity = "page", protocol = "https", endpoint = "https://pager.example.com/in", endpoint_auto_confirms = true } }
  }

  assert {
    condition     = aws_sns_topic_subscription.this["pager"].confirmation_timeout_in_minutes == 5
    error_message = "the provider waits for one minute"
  }
}

# The evaluator that proves the alarms makes them from the same files. What it makes is in tests/alarms/golden.
run "alarms_on_metrics_are_those_that_are_proven_to_fire" {
  assert {
    condition = jsonencode({
      for name, alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name => {
        description         = alarm.alarm_description
        comparison_operator = alarm.comparison_operator
        threshold           = alarm.threshold
        threshold_metric_id = alarm.threshold_metric_id
        evaluation_periods  = alarm.evaluation_periods
        datapoints_to_alarm = alarm.datapoints_to_alarm
        treat_missing_data  = alarm.treat_missing_data
        severity            = jsonencode(alarm.alarm_actions) == jsonencode(local.actions[local.all_alarms[name].severity]) ? local.all_alarms[name].severity : "told to others"
        queries = {
          for query in alarm.metric_query : query.id => jsondecode(length(query.metric) == 0 ? jsonencode({ expression = query.expression }) : jsonencode({
            namespace                                                                                                  = query.metric[0].namespace
            metric_name                                                                                                = query.metric[0].metric_name
            dimensions                                                                                                 = query.metric[0].dimensions == null ? {} : query.metric[0].dimensions
            stat                                                                                                       = query.metric[0].stat
            period                                                                                                     = query.metric[0].period
            }
          ))
        }
      }
    }) == jsonencode(jsondecode(file("../../../tests/alarms/golden/alarms.json")).metric)
    error_message = "not the same as in tests/alarms/golden/alarms.json"
  }

  assert {
    condition = alltrue([
      for alarm in aws_cloudwatch_metric_alarm.this :
      length([for query in alarm.metric_query : query if query.return_data]) == (alarm.threshold_metric_id == null ? 1 : 2)
    ])
    error_message = "one query of each returns data, and its band"
  }
}

run "alarms_on_alarms_are_those_that_are_proven_to_tell" {
  assert {
    condition = jsonencode({
      for name, alarm in merge(aws_cloudwatch_composite_alarm.part, aws_cloudwatch_composite_alarm.whole, aws_cloudwatch_composite_alarm.follower) :
      alarm.alarm_name => {
        description = alarm.alarm_description
        rule        = alarm.alarm_rule
        severity    = jsonencode(alarm.alarm_actions) == jsonencode(local.actions[local.all_alarms[name].severity]) ? local.all_alarms[name].severity : "told to others"
        suppressor = one([for suppressor in alarm.actions_suppressor : {
          alarm            = suppressor.alarm
          wait_period      = suppressor.wait_period
          extension_period = suppressor.extension_period
        }])
      }
    }) == jsonencode(jsondecode(file("../../../tests/alarms/golden/alarms.json")).composite)
    error_message = "not the same as in tests/alarms/golden/alarms.json"
  }

  assert {
    condition     = jsonencode(output.alarms) == jsonencode(jsondecode(file("../../../tests/alarms/golden/alarms-output.json")))
    error_message = "what dashboards get"
  }

  assert {
    condition = {
      for name, level in merge(
        { for name, alarm in aws_cloudwatch_composite_alarm.part : name => "part" },
        { for name, alarm in aws_cloudwatch_composite_alarm.whole : name => "whole" },
        { for name, alarm in aws_cloudwatch_composite_alarm.follower : name => "follower" },
      ) : local.all_alarms[name].definition => level...
      } == {
      for definition, level in jsondecode(file("../../../tests/alarms/golden/levels.json")) :
      definition => [for name, of in local.named.composite : level if of.definition == definition] if contains(keys(local.definitions.composite), definition)
    }
    error_message = "not the levels of tests/alarms/golden/levels.json"
  }
}

run "a_new_function_source_and_silence_have_their_alarms" {
  variables {
    deployment = merge(jsondecode(file("../../../tests/alarms/golden/deployment.json")), {
      functions      = { exporter = { name = "hooks-exporter", timeout_ms = 1000, memory_mb = 128 } }
      sources        = { bank = {} }
      silent_sources = { bank = { silence_seconds = 3600 } }
    })
  }

  assert {
    condition = length(setsubtract(
      ["hooks-function-errors-exporter", "hooks-signature-mismatch-bank", "hooks-silence-bank", "hooks-source-silent-bank", "hooks-source-refused-bank"], output.alarm_names
    )) == 0
    error_message = "names: ${jsonencode(output.alarm_names)}"
  }

  assert {
    condition = output.alarms["silence-bank"] == {
      kind       = "metric"
      definition = "silence", title = "No verified webhook of bank for 3600 s", runbook = "silence", unit = "Count", threshold = 1
    }
    error_message = "what dashboards get: ${jsonencode(output.alarms["silence-bank"])}"
  }

  assert {
    condition = (
      length(aws_cloudwatch_metric_alarm.this["silence-bank"].alarm_actions) == 0 && aws_cloudwatch_metric_alarm.this["source-heard-bank"].treat_missing_data == "ignore" &&
      aws_cloudwatch_composite_alarm.part["source-silent-bank"].alarm_rule == "(ALARM(\"hooks-silence-bank\")) AND (OK(\"hooks-source-heard-bank\"))" &&
      aws_cloudwatch_composite_alarm.part["source-silent-bank"].alarm_actions == toset([output.topic_arns["page"]])
    )
    error_message = "a source that has never sent is silent"
  }
}

# The provider sends a threshold of 0 where there is neither a threshold nor the id of a band.
run "an_alarm_with_a_band_is_compared_with_it" {
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["traffic-below-shop"].comparison_operator == "LessThanLowerThreshold" &&
      aws_cloudwatch_metric_alarm.this["traffic-below-shop"].threshold == null &&
      aws_cloudwatch_metric_alarm.this["traffic-below-shop"].threshold_metric_id == "band" &&
      aws_cloudwatch_metric_alarm.this["traffic-below-shop"].treat_missing_data == "notBreaching"
    )
    error_message = "a band and no threshold"
  }

  assert {
    condition = jsonencode({
      for query in aws_cloudwatch_metric_alarm.this["traffic-below-shop"].metric_query : query.id => [query.expression, query.return_data]
      }) == jsonencode({
      verified = [null, false]
      result   = ["FILL(verified, 0)", true]
      band     = ["ANOMALY_DETECTION_BAND(result, 3)", true]
    })
    error_message = "queries: ${jsonencode(aws_cloudwatch_metric_alarm.this["traffic-below-shop"].metric_query)}"
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : (alarm.threshold == null) == (alarm.threshold_metric_id != null)])
    error_message = "a threshold or a band"
  }
}

run "an_entry_is_an_alarm" {
  variables {
    definitions_dir = "./tests/definitions"
  }

  assert {
    condition     = output.alarm_names == tolist(["hooks-any", "hooks-one"]) && aws_cloudwatch_composite_alarm.part["any"].alarm_rule == "(ALARM(\"hooks-one\"))"
    error_message = "names: ${jsonencode(output.alarm_names)}"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["one"].alarm_actions == toset([output.topic_arns["page"]]) && aws_cloudwatch_metric_alarm.this["one"].treat_missing_data == "notBreaching"
    error_message = "who is told"
  }
}

run "a_caller_may_know_region_account_and_names_after_its_apply_alone" {
  command = plan

  module {
    source = "./tests/called"
  }

  assert {
    condition     = output.alarm_names == tolist(keys(merge(values(jsondecode(file("../../../tests/alarms/golden/alarms.json")))...)))
    error_message = "names"
  }
}
