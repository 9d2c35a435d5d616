# The rules of alarms on alarms. They are known before region and account, as the names of alarms are.

locals {
  rule_texts = { for definition, entry in local.definitions.composite : definition => entry.rule }
  rules_written = {
    for name, of in local.named.composite : name => templatestring(local.rule_texts[of.definition], { key = of.key, each = of.own })
  }

  # A rule names at most 100 alarms. One with `tiers_by` is ALARM(…) OR ALARM(…): where the map has more keys than this, the
  # alarms of these keys are named through tiers, alarms of their own for as many keys each. The keys are taken in their order and
  # not by a hash, so that no tier is larger than another's limit: a key that comes or goes changes rules in place and no name but
  # the last tier's.
  tier_keys = 10
  divided   = { for definition, names in local.divided_names : definition => local.definitions.composite[definition].tiers_by if can(names.of_keys) }

  # The definitions that each rule with so many keys names, by whether their alarms are those of the keys. One that has no alarm at
  # this detail is in no tier.
  made = toset([for of in values(merge(local.named.metric, local.named.composite)) : of.definition])
  divided_names = {
    for definition, entry in local.definitions.composite : definition => {
      for name in flatten(regexall("ALARM\\(([^)]*)\\)", local.rules_written[definition])) :
      (
        try(tostring(merge(local.definitions.metric, local.definitions.composite)[name].for_each), "") != entry.tiers_by ? "others" :
        contains(local.made, name) ? "of_keys" : "left_out"
      ) => name...
    } if contains(local.made, definition) && try(length(var.deployment[entry.tiers_by]) > local.tier_keys, false)
  }

  tiers = merge([
    for definition, map in local.divided : {
      for at, keys in chunklist(sort(keys(var.deployment[map])), local.tier_keys) : "${definition}-tier-${at + 1}" => {
        definition = "${definition}-tier"
        whole      = definition
        number     = at + 1
        keys       = keys
      }
    }
  ]...)

  tier_alarms = {
    for name, tier in local.tiers : name => {
      definition    = tier.definition
      title         = "${local.alarms.composite[tier.whole].title}, tier ${tier.number}"
      why           = "A part of ${tier.whole}: the ${local.divided[tier.whole]} ${tier.keys[0]} to ${tier.keys[length(tier.keys) - 1]}."
      severity      = "none"
      runbook       = local.alarms.composite[tier.whole].runbook
      suppressed_by = null
    }
  }

  rules_divided = merge(
    local.rules_written,
    {
      for definition, _ in local.divided : definition =>
      join(" OR ", [for name in concat(try(local.divided_names[definition].others, []), ["${definition}-tier"]) : "ALARM(${name})"])
    },
    {
      for tier, of in local.tiers : tier =>
      join(" OR ", flatten([for name in local.divided_names[of.whole].of_keys : [for key in of.keys : "ALARM(${name}-${key})"]]))
    },
  )

  # A state and a name, or what joins them.
  words = {
    for name, rule in local.rules_divided : name => regexall("(ALARM|OK|INSUFFICIENT_DATA)\\(([^)]*)\\)|([()]|AND|OR|NOT)", rule)
  }

  all_named       = merge(local.named.metric, local.named.composite, local.tiers)
  composite_named = merge(local.named.composite, local.tiers)

  # A name in a rule stands for every alarm of that definition, or for the alarm itself.
  names_of = merge(
    { for name, _ in local.all_named : name => [name] },
    { for definition in keys(merge(local.definitions.metric, local.definitions.composite)) : definition => [] },
    { for name, of in local.all_named : of.definition => name... },
  )

  rules = {
    for name, words in local.words : name => join(" ", [
      for word in words : (
        word[2] != null ? word[2] :
        length(local.names_of[word[1]]) == 0 ? "FALSE" :
        "(${join(" OR ", [for alarm in local.names_of[word[1]] : "${word[0]}(\"${var.deployment.prefix}-${alarm}\")"])})"
      )
    ])
  }

  # The alarms that each rule names.
  children = {
    for name, words in local.words : name => flatten([for word in words : local.names_of[word[1]] if word[1] != null])
  }

  too_large         = [for name, children in local.children : name if length(children) > 100 || length(local.rules[name]) > 10240]
  too_large_message = "CloudWatch takes at most 100 alarms and 10240 characters in a rule; `tiers_by` divides one."

  # An alarm must exist before another names it: first those on metrics alone, then those on these, then those that another
  # suppresses.
  levels = {
    for name, of in local.composite_named : name => (
      try(local.definitions.composite[of.definition].suppressed_by, null) != null ? "follower" :
      anytrue([for child in local.children[name] : can(local.composite_named[child])]) ? "whole" : "part"
    )
  }

  parts     = { for name, level in local.levels : name => name if level == "part" }
  wholes    = { for name, level in local.levels : name => name if level == "whole" }
  followers = { for name, level in local.levels : name => name if level == "follower" }
}
