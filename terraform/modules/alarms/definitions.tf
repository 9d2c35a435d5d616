# From definitions to the alarms of this deployment. A definition makes one alarm, or one for each key of `for_each`: a map
# of the deployment by name, or a map of its own.

locals {
  files = [
    for file in sort(fileset(var.definitions_dir, "*.yaml")) : yamldecode(file("${var.definitions_dir}/${file}"))
  ]

  definitions = {
    metric    = merge([for file in local.files : try(file.metric_alarms, {})]...)
    composite = merge([for file in local.files : try(file.composite_alarms, {})]...)
  }

  metric_sets = merge([for file in local.files : try(file.metric_sets, {})]...)

  # The text of each definition, with the placeholders still in it. The metrics of its sets join its own.
  texts = {
    for kind, definitions in local.definitions : kind => {
      for definition, entry in definitions : definition => {
        keys = try(var.deployment[entry.for_each], entry.for_each, { "" = {} })
        text = jsonencode(merge(
          { for field, value in entry : field => value if !contains(["for_each", "metric_sets"], field) },
          {
            for field, value in {
              metrics = merge(concat([for name in try(entry.metric_sets, []) : local.metric_sets[name]], [try(entry.metrics, {})])...)
            } : field => value if can(entry.metric_sets)
          },
        ))
      }
    }
  }

  alarms = {
    for kind, definitions in local.texts : kind => merge([
      for definition, entry in definitions : {
        for key, each in entry.keys : (key == "" ? definition : "${definition}-${key}") => merge(
          { definition = definition, runbook = definition, suppressed_by = null, missing = "notBreaching", expressions = {}, expression = null },
          jsondecode(templatestring(entry.text, merge(var.deployment, { key = key, each = each }))),
        )
      }
    ]...)
  }

  metric_alarms    = local.alarms.metric
  composite_alarms = local.alarms.composite
  all_alarms       = merge(local.metric_alarms, local.composite_alarms)

  descriptions = {
    for name, alarm in local.all_alarms : name => "${alarm.title}. ${alarm.why} Runbook: ${var.deployment.runbooks_url}/${alarm.runbook}.md"
  }

  # A name in a rule stands for every alarm of that definition, or for the alarm itself.
  names_of = merge(
    { for name, _ in local.all_alarms : name => [name] },
    {
      for definition in keys(merge(local.texts.metric, local.texts.composite)) :
      definition => [for name, alarm in local.all_alarms : name if alarm.definition == definition]
    },
  )

  rule_words = merge([
    for state in ["ALARM", "OK", "INSUFFICIENT_DATA"] : {
      for name, alarms in local.names_of : "${state}(${name})" =>
      length(alarms) == 0 ? "FALSE" : "(${join(" OR ", [for alarm in alarms : "${state}(\"${var.deployment.prefix}-${alarm}\")"])})"
    }
  ]...)

  rules = {
    for name, alarm in local.composite_alarms : name => join(" ", [
      for word in regexall("[A-Z_]+\\([^)]*\\)|[()]|AND|OR|NOT", alarm.rule) :
      contains(["(", ")", "AND", "OR", "NOT"], word) ? word : local.rule_words[word]
    ])
  }

  # An alarm must exist before another names it: first those on metrics alone, then those on these, then those that another
  # suppresses.
  names_composite = {
    for name, alarm in local.composite_alarms : name => anytrue([
      for word in regexall("\\(([a-z0-9_-]+)\\)", alarm.rule) : anytrue([
        for other in local.names_of[word[0]] : contains(keys(local.composite_alarms), other)
      ])
    ])
  }

  levels = {
    for name, alarm in local.composite_alarms : name =>
    alarm.suppressed_by != null ? "follower" : local.names_composite[name] ? "whole" : "part"
  }

  parts     = { for name, alarm in local.composite_alarms : name => alarm if local.levels[name] == "part" }
  wholes    = { for name, alarm in local.composite_alarms : name => alarm if local.levels[name] == "whole" }
  followers = { for name, alarm in local.composite_alarms : name => alarm if local.levels[name] == "follower" }
}
