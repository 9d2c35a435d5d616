mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  region          = "eu-west-1"
  definitions_dir = "../../../dashboards"
  deployment      = jsondecode(file("../../../tests/alarms/golden/deployment.json"))
  alarms          = jsondecode(file("../../../tests/alarms/golden/alarms-output.json"))
}

# The bodies that the project's tests of dashboards have checked, made from the same files.
run "bodies_are_those_that_are_checked" {
  assert {
    condition = { for name, d in aws_cloudwatch_dashboard.this : d.dashboard_name => sha256(jsonencode(jsondecode(d.dashboard_body))) } == {
      for name in ["alarms", "internals", "service", "sources"] :
      "hooks-${name}-eu-west-1" => sha256(jsonencode(jsondecode(file("../../../tests/alarms/golden/dashboard-${name}.json"))))
    }
    error_message = "not the same as in tests/alarms/golden"
  }

  assert {
    condition     = output.urls["service"] == "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#dashboards/dashboard/hooks-service-eu-west-1"
    error_message = "link"
  }
}

run "queries_are_saved_for_the_functions_that_are_there" {
  variables {
    deployment = merge(jsondecode(file("../../../tests/alarms/golden/deployment.json")), {
      functions = { processor = { name = "hooks-processor", timeout_ms = 1000, memory_mb = 128 }, validator = { name = "hooks-validator", timeout_ms = 1000, memory_mb = 128 } }
    })
    alarms = {
      for name, alarm in jsondecode(file("../../../tests/alarms/golden/alarms-output.json")) : name => alarm
    }
  }

  assert {
    condition = (
      aws_cloudwatch_query_definition.this["by-token"].name == "hooks/Everything about one webhook" &&
      aws_cloudwatch_query_definition.this["by-token"].log_group_names == tolist(["/aws/lambda/hooks-validator", "/aws/lambda/hooks-processor"]) &&
      strcontains(aws_cloudwatch_query_definition.this["by-token"].query_string, "filter token = \"TOKEN\"")
    )
    error_message = "query"
  }
}

run "a_new_source_has_its_row" {
  variables {
    deployment = merge(jsondecode(file("../../../tests/alarms/golden/deployment.json")), { sources = { github = {}, shop = {}, bank = {} } })
    alarms = merge(jsondecode(file("../../../tests/alarms/golden/alarms-output.json")), {
      executions-failing-bank = { kind = "metric", definition = "executions-failing", title = "t", runbook = "executions-failing", unit = "Percent", threshold = 10 }
      secret-unusable-bank    = { kind = "metric", definition = "secret-unusable", title = "t", runbook = "secret-unusable", unit = "Count", threshold = 1 }
      signature-mismatch-bank = { kind = "metric", definition = "signature-mismatch", title = "t", runbook = "signature-mismatch", unit = "Percent", threshold = 50 }
    })
  }

  assert {
    condition     = length([for w in jsondecode(aws_cloudwatch_dashboard.this["sources"].dashboard_body).widgets : w if startswith(w.properties.title, "bank: ")]) == 11
    error_message = "widgets"
  }
}

run "a_caller_may_know_region_and_account_after_its_apply_alone" {
  command = plan

  module {
    source = "./tests/called"
  }

  assert {
    condition     = output.query_names["by-token"] == "hooks/Everything about one webhook"
    error_message = "queries"
  }
}

run "dashboards_of_41_sources_are_within_the_limits_of_cloudwatch" {
  command = plan

  variables {
    deployment = merge(jsondecode(file("../../../tests/alarms/golden/deployment.json")), {
      sources        = { for number in range(41) : format("source-%02d", number) => {} }
      silent_sources = {}
    })
    # As many as so many sources have, each with the thresholds that graphs draw.
    alarms = merge(
      jsondecode(file("../../../tests/alarms/golden/alarms-output.json")),
      merge([
        for number in range(41) : {
          for name, alarm in jsondecode(file("../../../tests/alarms/golden/alarms-output.json")) :
          replace(name, "-github", format("-source-%02d", number)) => alarm if endswith(name, "-github")
        }
      ]...),
    )
  }

  assert {
    condition     = keys(aws_cloudwatch_dashboard.this) == ["alarms", "alarms-2", "internals", "service", "sources", "sources-2"]
    error_message = "names: ${jsonencode(keys(aws_cloudwatch_dashboard.this))}"
  }

  assert {
    condition = alltrue([
      for dashboard in aws_cloudwatch_dashboard.this : length(jsondecode(dashboard.dashboard_body).widgets) <= 500 && length(dashboard.dashboard_body) < 1000000 && alltrue([
        for widget in jsondecode(dashboard.dashboard_body).widgets : length(try(widget.properties.alarms, [])) <= 100
      ])
    ])
    error_message = "widgets, alarms of a widget and size"
  }

  assert {
    condition = length(distinct(flatten([
      for dashboard in aws_cloudwatch_dashboard.this : [for widget in jsondecode(dashboard.dashboard_body).widgets : try(widget.properties.alarms, [])]
      ]))) == length([
      for alarm in values(var.alarms) : alarm if contains(one([
        for section in local.definitions.service.sections : one([for widget in section.widgets : widget.alarms if widget.kind == "alarms"]) if anytrue([for widget in section.widgets : widget.kind == "alarms"])
      ]), alarm.definition)
    ])
    error_message = "every alarm that notifies is shown"
  }
}
