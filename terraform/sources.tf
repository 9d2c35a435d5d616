# What of the sources other parts of the deployment need.
locals {
  # The presets of the functions. tests/infrastructure compares this list with the code.
  presets = ["github", "hmac-sha256", "none", "standard-webhooks"]

  # The header of the signature of the presets whose signature is the HMAC-SHA256 of the body in hex. tests/infrastructure
  # compares this map with the code.
  headers_of_presets = {
    "github"      = "X-Hub-Signature-256"
    "hmac-sha256" = "X-Webhook-Signature"
  }

  # The header of each source's signature; null where this map does not have it.
  headers_of_sources = {
    for name, source in var.sources : name => try(source.verify, null) == null ? lookup(local.headers_of_presets, try(source.preset, ""), null) : null
  }

  # The headers of the signatures of all sources; none when that of one is not known, or a source takes unsigned webhooks.
  signature_headers = anytrue([for header in values(local.headers_of_sources) : header == null]) ? [] : distinct(values(local.headers_of_sources))
}
