# The signature schemes of sources, each with the header of its signature; `none` has no signature.
# tests/infrastructure compares this map with the code.
locals {
  schemes = {
    "github"      = "X-Hub-Signature-256"
    "hmac-sha256" = "X-Webhook-Signature"
    "none"        = "X-Webhook-Signature"
  }

  # The headers of the signatures of all sources; none when one of them takes unsigned webhooks.
  signature_headers = anytrue([for source in var.sources : source.scheme == "none"]) ? [] : [for source in var.sources : local.schemes[source.scheme]]
}
