# From definitions to the alarms of this deployment. A definition makes one alarm, or one for each key of `for_each`: a map
# of the deployment by name, or a map of its own. rules.tf has the rules of those on alarms.

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

  # How much a deployment wants to be told: an alarm exists from its own detail on, as a definition or the entry of its map says.
  details = ["pages", "standard", "full"]

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
        if index(local.details, try(entry.for_each[key].detail, entry.detail, "pages")) <= index(local.details, var.detail)
      }
    ]...)
  }

  alarms = {
    for kind, named in local.named : kind => {
      for name, of in named : name => merge(
        { definition = of.definition, runbook = of.definition, suppressed_by = null, missing = "notBreaching", expressions = {}, expression = null, threshold = null, band = null },
        jsondecode(templatestring(local.texts[kind][of.definition], merge(var.deployment, {
          key  = of.key
          each = try(var.deployment[local.definitions[kind][of.definition].for_each][of.key], of.own)
        }))),
      )
    }
  }

  all_alarms = merge(local.alarms.metric, local.alarms.composite, local.tier_alarms)

  # What the resources need of each. They take it by name from here, and their for_each has names alone: Terraform evaluates
  # for_each again for each instance, which takes minutes for the values of thousands of alarms.
  alarms_made = {
    for name, alarm in local.all_alarms : name => merge(alarm, {
      description = "${alarm.title}. ${alarm.why} Runbook: ${var.deployment.runbooks_url}/${alarm.runbook}.md"
      rule        = try(local.rules[name], null)
    })
  }

  metric_alarms = { for name, _ in local.alarms.metric : name => name }
}
