# What of the sources other parts of the deployment need.
locals {
  # Those of the file, and those that are said beside it.
  sources_of_file = try(yamldecode(file(var.sources_file)), {})
  sources         = merge(local.sources_of_file, var.sources)

  # Where the signatures and the credentials of each preset of the functions are. A test makes this file of the code:
  # UPDATE_PRESETS=1 cargo test -p tracehook-infrastructure
  presets = jsondecode(file("${path.module}/presets.json"))

  # The places of each source's proofs: `header:NAME`, or others. What a source says itself takes the place of its preset's.
  own_proofs = {
    for name, source in local.sources : name => flatten([
      for way in try(coalesce(source.verify), []) : [
        [for place in ["header:authorization"] : place if try(way.kind, "") == "basic"],
        [for place in flatten([try(way.signature.from, way.from, "elsewhere")]) : place if try(way.kind, "") != "basic"],
      ]
    ])
  }
  proofs = { for name, source in local.sources : name => length(local.own_proofs[name]) > 0 ? local.own_proofs[name] : try(local.presets[source.preset].places, ["elsewhere"]) }

  # The headers with a proof of any source, and the sources that have a proof elsewhere, or take unsigned webhooks.
  signature_headers = distinct([for place in flatten(values(local.proofs)) : lower(trimprefix(place, "header:")) if startswith(place, "header:")])
  proofs_elsewhere  = [for name, places in local.proofs : name if anytrue([for place in places : !startswith(place, "header:")])]

  # Those whose value is the secret itself.
  credentials = distinct(flatten([
    for name, source in local.sources : length(local.own_proofs[name]) > 0 ? flatten([
      for way in source.verify : try(way.from, ["header:authorization"]) if contains(["token", "basic", "jwt"], try(way.kind, ""))
    ]) : try(local.presets[source.preset].credentials, [])
  ]))
  credential_headers = [for place in local.credentials : lower(trimprefix(place, "header:")) if startswith(place, "header:")]

  # Those that are verified as a colleague's service signs: their secret may be made here. The other ones' are of their producers.
  own_scheme      = [for name, source in local.sources : name if try(source.preset, "") == "hmac-sha256" && length(local.own_proofs[name]) == 0]
  unsigned        = [for name, source in local.sources : name if contains(try(source.verify[*].kind, [try(source.preset, "")]), "none")]
  secrets_by_hand = setsubtract(keys(local.sources), concat(var.bootstrap_secret ? local.own_scheme : [], local.unsigned))
}
