# What each kind of widget shows, as JSON, because the kinds have different types.

locals {
  region     = var.deployment.region
  arn_prefix = "arn:${data.aws_partition.current.partition}:cloudwatch:${local.region}:${var.deployment.account}:alarm:${var.deployment.prefix}"
  runbooks   = sort(distinct([for name, alarm in var.alarms : alarm.runbook]))

  properties = {
    for dashboard, sections in local.widgets : dashboard => [
      for widgets in sections : [
        for w in widgets :
        w.kind == "graph" ? jsonencode(merge(
          {
            title   = "${w.title} (${w.unit})"
            region  = local.region
            view    = try(w.number, false) ? "singleValue" : "timeSeries"
            stacked = try(w.stacked, false)
            period  = try(w.period_seconds, 60)
            metrics = concat(
              [
                for id, line in try(w.metrics, {}) : concat(
                  [line.namespace, line.name],
                  flatten([for name, value in line.dimensions : [name, value]]),
                  [{ id = id, stat = line.statistic, label = try(line.label, id), visible = try(line.visible, true) }],
                )
              ],
              [
                for id, line in try(w.expressions, {}) :
                [{ id = id, expression = line.expression, label = try(line.label, id), visible = try(line.visible, true) }]
              ],
            )
            # An alarm that is not made at the deployment's detail, and one without a threshold, has no line.
            annotations = { horizontal = [for name in try(w.alarms, []) : { label = name, value = var.alarms[name].threshold } if try(var.alarms[name].threshold, null) != null] }
            yAxis       = { left = { min = 0, label = w.unit, showUnits = false } }
          },
          { for name, value in { start = try(w.range, null), end = "P0D", setPeriodToTimeRange = true } : name => value if can(w.range) },
        )) :
        w.kind == "alarm" ? jsonencode({
          title       = "${w.title} (${w.unit})"
          region      = local.region
          annotations = { alarms = ["${local.arn_prefix}-${w.alarm}"] }
          view        = "timeSeries"
          stacked     = false
        }) :
        w.kind == "alarms" ? jsonencode({
          title = w.parts == 1 ? w.title : "${w.title}, ${w.part + 1} of ${w.parts}"
          alarms = try(chunklist(flatten([
            for definition in w.alarms : [for name, alarm in var.alarms : "${local.arn_prefix}-${name}" if alarm.definition == definition]
          ]), 100)[w.part], [])
        }) :
        w.kind == "log" ? jsonencode({
          title  = w.title
          region = local.region
          view   = "table"
          query  = join(" | ", concat([for group in local.log_groups[w.query] : "SOURCE '${group}'"], [trimspace(local.queries[w.query].query)]))
        }) :
        w.kind == "runbooks" ? jsonencode({
          markdown = "### ${w.title}\n${join(" · ", [for name in local.runbooks : "[${name}](${var.deployment.runbooks_url}/${name}.md)"])}"
        }) :
        jsonencode({ markdown = w.text })
      ]
    ]
  }
}
