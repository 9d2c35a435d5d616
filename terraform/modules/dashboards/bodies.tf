# From definitions to bodies. A section is a number of widgets of one size, once or for each key of what it is for; its
# widgets flow from left to right and then down.

locals {
  columns = 24

  values = merge(var.deployment, {
    alarms        = var.alarms
    metric_alarms = { for name, alarm in var.alarms : name => alarm if alarm.threshold != null }
  })

  definitions = {
    for file in fileset(var.definitions_dir, "*.yaml") : trimsuffix(file, ".yaml") => yamldecode(file("${var.definitions_dir}/${file}"))
  }

  sections = {
    for dashboard, definition in local.definitions : dashboard => [
      for section in definition.sections : {
        width  = section.width
        height = section.height
        keys   = try(local.values[section.for_each], section.for_each, { "" = {} })
        # The metrics of a graph's sets join its own.
        texts = [
          for widget in section.widgets : jsonencode(merge(
            { for field, value in widget : field => value if field != "metric_sets" },
            {
              for field, value in {
                metrics = merge(concat([for name in try(widget.metric_sets, []) : definition.metric_sets[name]], [try(widget.metrics, {})])...)
              } : field => value if can(widget.metric_sets)
            },
          ))
        ]
      }
    ]
  }

  widgets = {
    for dashboard, sections in local.sections : dashboard => [
      for section in sections : flatten([
        for key, each in section.keys : [
          for text in section.texts : jsondecode(templatestring(text, merge(local.values, { key = key, each = each })))
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
