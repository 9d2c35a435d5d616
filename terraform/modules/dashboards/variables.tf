variable "definitions_dir" {
  description = "The directory with definitions of dashboards, *.yaml, and of saved queries, queries/*.yaml. modules/dashboards/README.md has their form."
  type        = string
}

variable "deployment" {
  description = "What definitions name, as the module alarms gets it."
  type = object({
    prefix            = string
    namespace         = string
    region            = string
    account           = string
    runbooks_url      = string
    api               = string
    stage             = string
    table             = string
    dead_letter_queue = string
    web_acl           = string
    concurrency_quota = number
    functions = map(object({
      name       = string
      timeout_ms = number
      memory_mb  = number
    }))
    sources        = map(object({}))
    silent_sources = map(object({ silence_seconds = number }))
  })
}

variable "region" {
  description = "The region, for the names of dashboards, which are global."
  type        = string
}

variable "alarms" {
  description = "The alarms, as the module alarms gives them: what is drawn of each, and its threshold."
  type = map(object({
    kind       = string
    definition = string
    title      = string
    runbook    = string
    unit       = string
    threshold  = number
  }))
}
