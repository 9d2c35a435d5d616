# What the functions do. The code accepts the same ranges.

variable "sources" {
  description = "Where webhooks come from, by name, in the form of functions/core/SOURCES.md: a preset and what differs from it, or a source of its own. POST /webhook is the source `default`. functions/core/sources.schema.json checks it while it is written. The functions refuse to start with what the form does not have."
  type        = any
  default     = { default = { preset = "hmac-sha256" } }
  nullable    = false

  validation {
    condition     = can(keys(var.sources)) && length(merge(local.sources_of_file, var.sources)) > 0
    error_message = "sources must name at least one source."
  }

  validation {
    condition     = alltrue([for name in keys(merge(local.sources_of_file, var.sources)) : can(regex("^[a-z0-9][a-z0-9_-]{0,39}$", name))])
    error_message = "The name of a source must be 1 to 40 lower-case letters, digits, hyphens and underscores, beginning with a letter or digit."
  }

  validation {
    condition     = alltrue([for source in values(merge(local.sources_of_file, var.sources)) : try(source.preset, null) == null ? try(length(source.verify), 0) > 0 : contains(keys(local.presets), source.preset)])
    error_message = "A source has a preset of functions/core/PRESETS.md, or says with verify how it is verified."
  }

  validation {
    condition = alltrue(flatten([
      for source in values(merge(local.sources_of_file, var.sources)) : [
        for locator in concat(try(coalesce(source.id), []), try(coalesce(source.event), [])) :
        locator == "none" || alltrue([for part in split("+", locator) : can(regex("^(header:[0-9A-Za-z!#$%&'*.^_|~-]+|json:/([^~]|~[01])*|form:.+|hash|const:.+)$", part))])
      ]
    ]))
    error_message = "id and event of a source are lists of header:NAME, json:/POINTER, form:NAME, hash, const:TEXT, several of them joined by +, or none."
  }

  validation {
    condition = alltrue(flatten([
      for source in values(merge(local.sources_of_file, var.sources)) : [
        for name in concat(
          try(coalesce(source.keep_headers), []),
          flatten([for locator in concat(try(coalesce(source.id), []), try(coalesce(source.event), [])) : regexall("header:([^+]+)", locator)]),
        ) :
        can(regex("^[0-9A-Za-z!#$%&'*.^_|~-]+$", name)) && !can(regex("^(cookie|set-cookie|x-trello-webhook|x-adobesign-clientid)$|signature|hmac|secret|password|credential|authorization|authentication|api-key|apikey|verif-hash|-(auth|sig|mac)$", lower(name))) && (!can(regex("token", lower(name))) || can(regex("idempotency", lower(name))))
      ]
    ]))
    error_message = "A source may not choose a header that carries a credential or a signature: its value would be stored and shown."
  }

  validation {
    condition = alltrue(flatten([
      for source in values(merge(local.sources_of_file, var.sources)) : [
        for name in try(coalesce(source.keep_headers), []) :
        !can(regex("^(forwarded|x-forwarded-for|x-forwarded-host|x-original-forwarded-for|x-real-ip|cloudfront-viewer-address|via)$|connecting-ip$|client-ip$", lower(name)))
      ]
    ]))
    error_message = "keep_headers of a source may not name a header with an address: it names the sender's machines and not the webhook."
  }

  validation {
    condition = alltrue([
      for source in values(merge(local.sources_of_file, var.sources)) :
      max([for list in [try(source.id, []), try(source.event, []), try(source.keep_headers, [])] : try(length(list), 0)]...) <= 20
      && !anytrue([for locator in try(coalesce(source.id), []) : can(regex("^const:[^+]+([+]const:[^+]+)*$", locator))])
    ])
    error_message = "id, event and keep_headers of a source have at most 20 entries, and an id is no constant."
  }

  validation {
    condition     = alltrue([for source in values(merge(local.sources_of_file, var.sources)) : contains(["duplicate", "accept"], try(coalesce(source.on_conflict), "accept")) && contains(["on", "off"], try(coalesce(source.summary), "on"))])
    error_message = "on_conflict of a source must be duplicate or accept, and summary on or off."
  }

  validation {
    condition = alltrue([
      for source in values(merge(local.sources_of_file, var.sources)) : try(source.retention_days, null) == null ? true : (
        try(source.retention_days <= var.deduplication_days && floor(source.retention_days) == source.retention_days, false) && source.retention_days * 86400 >= coalesce(var.durable.execution_timeout_seconds, var.step_retry.retry_seconds + 7200) + 86400
      )
    ])
    error_message = "retention_days of a source must be at least a day longer than an execution may take, and at most deduplication_days."
  }

  validation {
    condition = var.allow_unsigned || alltrue([
      for source in values(merge(local.sources_of_file, var.sources)) :
      try(source.allow_unsigned, false) || !contains(try(source.verify[*].kind, [try(source.preset, "")]), "none")
    ])
    error_message = "A source without verification accepts webhooks from anybody. Give it a preset, or set allow_unsigned."
  }
}

variable "sources_file" {
  description = "Path of a file in YAML or JSON with more sources; the local service takes the same file. `sources = {}` leaves out the default source beside it."
  type        = string
  default     = null

  validation {
    condition     = var.sources_file == null || can(keys(yamldecode(file(var.sources_file))))
    error_message = "sources_file must be the path of a YAML file with sources by name."
  }
}

variable "allow_unsigned" {
  description = "Whether sources without verification are accepted. Whoever knows the URL of such a source can send it anything."
  type        = bool
  default     = false
  nullable    = false
}

variable "max_body_bytes" {
  description = "The largest body that is accepted, 1 to 4669440 bytes; at most 358400 without a payload bucket, which is what the table takes."
  type        = number
  default     = 4669440
  nullable    = false

  validation {
    condition     = var.max_body_bytes >= 1 && var.max_body_bytes <= 4669440 && floor(var.max_body_bytes) == var.max_body_bytes
    error_message = "max_body_bytes must be a whole number from 1 to 4669440: as base64, and with the largest headers beside it, that is what Lambda takes."
  }
}

variable "payload_bucket" {
  description = "Whether there is a bucket for large payloads. Without one the table keeps every payload, and bodies of more than 358400 bytes are refused."
  type        = bool
  default     = true
  nullable    = false
}

variable "inline_payload_bytes" {
  description = "The largest payload that the table keeps where there is a payload bucket, 0 to 358400 bytes; larger ones are objects. README.md has the price of both."
  type        = number
  default     = 32768
  nullable    = false

  validation {
    condition     = var.inline_payload_bytes >= 0 && var.inline_payload_bytes <= 358400 && floor(var.inline_payload_bytes) == var.inline_payload_bytes
    error_message = "inline_payload_bytes must be a whole number from 0 to 358400: an item of DynamoDB holds 400 KiB."
  }
}

variable "retention_days" {
  description = "How long a payload is kept, up to 3650 days: at least a day longer than an execution may take."
  type        = number
  default     = 7
  nullable    = false

  validation {
    condition     = var.retention_days <= 3650 && floor(var.retention_days) == var.retention_days && var.retention_days * 86400 >= coalesce(var.durable.execution_timeout_seconds, var.step_retry.retry_seconds + 7200) + 86400
    error_message = "retention_days must be a whole number, at most 3650, and at least a day longer than an execution may take."
  }
}

variable "deduplication_days" {
  description = "How long a record is kept, which recognises a repeated delivery: at least retention_days, up to 3650 days. Some producers repeat a delivery for a month."
  type        = number
  default     = 35
  nullable    = false

  validation {
    condition     = var.deduplication_days >= var.retention_days && var.deduplication_days <= 3650 && floor(var.deduplication_days) == var.deduplication_days
    error_message = "deduplication_days must be a whole number from retention_days to 3650."
  }
}

variable "answer_budget_ms" {
  description = "The longest time from a webhook's arrival to its answer, 1000 to 25000 ms: reads of the secrets take at most 64 % of it, then the writes until 84 %, and the start of the execution at most 300 ms more. What is not stored by then is refused, so that the producer sends it again. It counts from the call of the function: a cold start comes before it."
  type        = number
  default     = 2500
  nullable    = false

  validation {
    condition     = var.answer_budget_ms >= 1000 && var.answer_budget_ms <= 25000 && floor(var.answer_budget_ms) == var.answer_budget_ms
    error_message = "answer_budget_ms must be a whole number from 1000 to 25000."
  }
}

variable "max_redeliveries" {
  description = "How many times a producer that sends a failed webhook again has it processed again, 0 to 100. An operator's redrives are not counted."
  type        = number
  default     = 3
  nullable    = false

  validation {
    condition     = var.max_redeliveries >= 0 && var.max_redeliveries <= 100 && floor(var.max_redeliveries) == var.max_redeliveries
    error_message = "max_redeliveries must be a whole number from 0 to 100."
  }
}

variable "step_retry" {
  description = "How a durable step is tried again after a transient failure: for how long from the opening of its attempt on (0 to 31615200 s), the most tries (1 to 1000), the first delay (1 to 3600 s) and the longest (1 to 86400 s); the tries that a kill or the function's timeout may interrupt (1 to 1000); and how late validate or finalize has to begin (0 to 3600 s) to be marked by one more write, so that its interrupted tries are counted."
  type = object({
    retry_seconds         = optional(number, 86400)
    max_tries             = optional(number, 1000)
    initial_delay_seconds = optional(number, 2)
    max_delay_seconds     = optional(number, 900)
    max_interrupted_tries = optional(number, 5)
    mark_after_seconds    = optional(number, 15)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for value in values(var.step_retry) : floor(value) == value])
    error_message = "The values of step_retry must be whole numbers."
  }

  validation {
    condition     = var.step_retry.retry_seconds >= 0 && var.step_retry.retry_seconds <= 31615200
    error_message = "step_retry.retry_seconds must be from 0 to 31615200: two hours less than an execution may take."
  }

  validation {
    condition     = var.step_retry.max_tries >= 1 && var.step_retry.max_tries <= 1000
    error_message = "step_retry.max_tries must be from 1 to 1000."
  }

  validation {
    condition     = var.step_retry.initial_delay_seconds >= 1 && var.step_retry.initial_delay_seconds <= 3600
    error_message = "step_retry.initial_delay_seconds must be from 1 to 3600."
  }

  validation {
    condition     = var.step_retry.max_delay_seconds >= 1 && var.step_retry.max_delay_seconds <= 86400
    error_message = "step_retry.max_delay_seconds must be from 1 to 86400."
  }

  validation {
    condition     = var.step_retry.max_interrupted_tries >= 1 && var.step_retry.max_interrupted_tries <= 1000
    error_message = "step_retry.max_interrupted_tries must be from 1 to 1000."
  }

  validation {
    condition     = var.step_retry.mark_after_seconds >= 0 && var.step_retry.mark_after_seconds <= 3600
    error_message = "step_retry.mark_after_seconds must be from 0 to 3600."
  }
}

variable "reconciler" {
  description = "When the reconciler acts: the ages in seconds from which it starts a webhook that is received (1 to 3600) and asks the engine about one that is started (1 to 86400), the attempts up to which it starts one again by itself (1 to 100), the records of one sweep (1 to 100000), its starts of executions per second (1 to 10000; the account has 300), and its reads of executions per second (1 to 30)."
  type = object({
    received_age_seconds    = optional(number, 60)
    started_age_seconds     = optional(number, 300)
    max_attempts            = optional(number, 3)
    sweep_max_records       = optional(number, 20000)
    starts_per_second       = optional(number, 200)
    engine_calls_per_second = optional(number, 15)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for value in values(var.reconciler) : floor(value) == value])
    error_message = "The values of reconciler must be whole numbers."
  }

  validation {
    condition     = var.reconciler.received_age_seconds >= 1 && var.reconciler.received_age_seconds <= 3600
    error_message = "reconciler.received_age_seconds must be from 1 to 3600."
  }

  validation {
    condition     = var.reconciler.started_age_seconds >= var.reconciler.received_age_seconds && var.reconciler.started_age_seconds <= 86400
    error_message = "reconciler.started_age_seconds must be from received_age_seconds to 86400."
  }

  validation {
    condition = (
      var.reconciler.max_attempts >= 1 && var.reconciler.max_attempts <= 100 &&
      var.reconciler.starts_per_second >= 1 && var.reconciler.starts_per_second <= 10000 &&
      var.reconciler.sweep_max_records >= 1 && var.reconciler.sweep_max_records <= 100000 &&
      var.reconciler.engine_calls_per_second >= 1 && var.reconciler.engine_calls_per_second <= 30
    )
    error_message = "reconciler: max_attempts must be from 1 to 100, sweep_max_records from 1 to 100000, starts_per_second from 1 to 10000, engine_calls_per_second from 1 to 30."
  }
}
