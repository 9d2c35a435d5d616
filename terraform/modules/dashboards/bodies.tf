# From definitions to bodies. A section is a number of widgets of one size, once or for each key of what it is for; its
# widgets flow from left to right and then down.

locals {
  columns = 24

  values = merge(var.deployment, {
    alarms        = var.alarms
    metric_alarms = { for name, alarm in var.alarms : name => alarm if alarm.kind == "metric" }
  })

  definitions = {
    for file in fileset(var.definitions_dir, "*.yaml") : trimsuffix(file, ".yaml") => yamldecode(file("${var.definitions_dir}/${file}"))
  }

  # CloudWatch takes at most 500 widgets in a dashboard. One with `pages` is made once for so many keys of a map: NAME for the
  # first, NAME-2 and on for the others.
  maps = {
    functions      = keys(var.deployment.functions)
    sources        = keys(var.deployment.sources)
    silent_sources = keys(var.deployment.silent_sources)
    metric_alarms  = [for name, alarm in var.alarms : name if alarm.kind == "metric"]
  }
  pages = merge([
    for dashboard, definition in local.definitions : {
      for at, keys in try(chunklist(local.maps[definition.pages.of], definition.pages.keys), [[]]) :
      (at == 0 ? dashboard : "${dashboard}-${at + 1}") => { definition = dashboard, of = try(definition.pages.of, ""), keys = keys }
    }
  ]...)

  sections = {
    for dashboard, page in local.pages : dashboard => [
      for section in local.definitions[page.definition].sections : {
        width  = section.width
        height = section.height
        keys = {
          for key, each in try(local.values[section.for_each], section.for_each, { "" = {} }) : key => each
          if try(section.for_each == page.of, false) ? contains(page.keys, key) : true
        }
        # The metrics of a graph's sets join its own.
        texts = [
          for widget in section.widgets : jsonencode(merge(
            { for field, value in widget : field => value if field != "metric_sets" },
            {
              for field, value in {
                metrics = merge(concat([for name in try(widget.metric_sets, []) : local.definitions[page.definition].metric_sets[name]], [try(widget.metrics, {})])...)
              } : field => value if can(widget.metric_sets)
            },
          ))
        ]
        # A widget shows at most 100 alarms.
        parts = [
          for widget in section.widgets :
          max(1, ceil(length([for name, alarm in var.alarms : name if widget.kind == "alarms" && contains(try(widget.alarms, []), alarm.definition)]) / 100))
        ]
      }
    ]
  }

  widgets = {
    for dashboard, sections in local.sections : dashboard => [
      for section in sections : flatten([
        for key, each in section.keys : [
          for at, text in section.texts : [
            for part in range(section.parts[at]) :
            merge(jsondecode(templatestring(text, merge(var.deployment, { key = key, each = each }))), { part = part, parts = section.parts[at] })
          ]
        ]
      ])
    ]
  }

  # How many rows of the grid each section takes.
  heights = {
    for dashboard, sections in local.sections : dashboard => [
      for i, section in sections : ceil(length(local.widgets[dashboard][i]) * section.width / local.columns) * section.height
    ]
  }

  bodies = {
    for dashboard, sections in local.sections : dashboard => jsonencode({
      widgets = flatten([
        for i, section in sections : [
          for at, widget in local.widgets[dashboard][i] : {
            type       = { graph = "metric", alarm = "metric", alarms = "alarm", log = "log", text = "text", runbooks = "text" }[widget.kind]
            x          = at * section.width % local.columns
            y          = sum(concat([0], slice(local.heights[dashboard], 0, i))) + floor(at * section.width / local.columns) * section.height
            width      = section.width
            height     = section.height
            properties = jsondecode(local.properties[dashboard][i][at])
          }
        ]
      ])
    })
  }
}
