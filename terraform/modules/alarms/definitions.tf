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
      for definition, entry in definitions : definition => jsonencode(merge(
        { for field, value in entry : field => value if !contains(["for_each", "metric_sets"], field) },
        {
          for field, value in {
            metrics = merge(concat([for name in try(entry.metric_sets, []) : local.metric_sets[name]], [try(entry.metrics, {})])...)
          } : field => value if can(entry.metric_sets)
        },
      ))
    }
  }

  # The names of all alarms. They come from the definitions and from the names of functions and sources alone: region and account
  # are not known in the plan of a caller whose `depends_on` has changes, and keys of resources have to be.
  named = {
    for kind, definitions in local.definitions : kind => merge([
      for definition, entry in definitions : {
        for key in(
          !can(entry.for_each) ? [""] :
          can(keys(entry.for_each)) ? tolist(keys(entry.for_each)) : tolist(keys(var.deployment[entry.for_each]))
          ) : (key == "" ? definition : "${definition}-${key}") => {
          definition = definition
          key        = key
          # What the map of a definition's own has of the key.
          own = try(entry.for_each[key], {})
        }
      }
    ]...)
  }

  alarms = {
    for kind, named in local.named : kind => {
      for name, of in named : name => merge(
        { definition = of.definition, runbook = of.definition, suppressed_by = null, missing = "notBreaching", expressions = {}, expression = null },
        jsondecode(templatestring(local.texts[kind][of.definition], merge(var.deployment, {
          key  = of.key
          each = try(var.deployment[local.definitions[kind][of.definition].for_each][of.key], of.own)
        }))),
      )
    }
  }

  metric_alarms    = local.alarms.metric
  composite_alarms = local.alarms.composite
  all_alarms       = merge(local.metric_alarms, local.composite_alarms)
  all_named        = merge(local.named.metric, local.named.composite)

  descriptions = {
    for name, alarm in local.all_alarms : name => "${alarm.title}. ${alarm.why} Runbook: ${var.deployment.runbooks_url}/${alarm.runbook}.md"
  }

  # A name in a rule stands for every alarm of that definition, or for the alarm itself.
  names_of = merge(
    { for name, _ in local.all_named : name => [name] },
    {
      for definition in keys(merge(local.texts.metric, local.texts.composite)) :
      definition => [for name, of in local.all_named : name if of.definition == definition]
    },
  )

  rule_words = merge([
    for state in ["ALARM", "OK", "INSUFFICIENT_DATA"] : {
      for name, alarms in local.names_of : "${state}(${name})" =>
      length(alarms) == 0 ? "FALSE" : "(${join(" OR ", [for alarm in alarms : "${state}(\"${var.deployment.prefix}-${alarm}\")"])})"
    }
  ]...)

  # A rule names alarms: it is known before the rest of its alarm.
  rule_texts = { for definition, entry in local.definitions.composite : definition => entry.rule }
  words = {
    for name, of in local.named.composite : name =>
    regexall("[A-Z_]+\\([^)]*\\)|[()]|AND|OR|NOT", templatestring(local.rule_texts[of.definition], { key = of.key, each = of.own }))
  }

  rules = {
    for name, words in local.words : name => join(" ", [
      for word in words : contains(["(", ")", "AND", "OR", "NOT"], word) ? word : local.rule_words[word]
    ])
  }

  # An alarm must exist before another names it: first those on metrics alone, then those on these, then those that another
  # suppresses.
  names_composite = {
    for name, words in local.words : name => anytrue([
      for word in words : anytrue([
        for other in try(local.names_of[regex("\\(([^)]*)\\)", word)[0]], []) : contains(keys(local.named.composite), other)
      ])
    ])
  }

  levels = {
    for name, of in local.named.composite : name => (
      try(local.definitions.composite[of.definition].suppressed_by, null) != null ? "follower" :
      local.names_composite[name] ? "whole" : "part"
    )
  }

  parts     = { for name, alarm in local.composite_alarms : name => alarm if local.levels[name] == "part" }
  wholes    = { for name, alarm in local.composite_alarms : name => alarm if local.levels[name] == "whole" }
  followers = { for name, alarm in local.composite_alarms : name => alarm if local.levels[name] == "follower" }
}
