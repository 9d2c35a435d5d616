# The signature schemes of sources, each with the header of its signature; `none` has no signature.
# tests/infrastructure compares this map with the code.
locals {
  schemes = {
    "github"      = "X-Hub-Signature-256"
    "hmac-sha256" = "X-Webhook-Signature"
    "none"        = "X-Webhook-Signature"
  }
}
