locals {
  addresses = {
    for version, cidrs in {
      IPV4 = [for cidr in var.allowed_cidrs : cidr if !strcontains(cidr, ":")]
      IPV6 = [for cidr in var.allowed_cidrs : cidr if strcontains(cidr, ":")]
    } : version => cidrs if length(var.allowed_cidrs) > 0
  }
}

resource "aws_wafv2_ip_set" "allowed" {
  for_each = local.addresses

  name               = "${var.name}-allowed-${lower(each.key)}"
  description        = "The only addresses that may call ${var.name}"
  scope              = "REGIONAL"
  ip_address_version = each.key
  addresses          = each.value
  tags               = var.tags

  lifecycle {
    # The web ACL lets go of a set before the set is deleted.
    create_before_destroy = true
  }
}

resource "aws_wafv2_ip_set" "blocked" {
  for_each = {
    IPV4 = [for cidr in var.blocked_cidrs : cidr if !strcontains(cidr, ":")]
    IPV6 = [for cidr in var.blocked_cidrs : cidr if strcontains(cidr, ":")]
  }

  name               = "${var.name}-blocked-${lower(each.key)}"
  description        = "Addresses that may not call ${var.name}"
  scope              = "REGIONAL"
  ip_address_version = each.key
  addresses          = each.value
  tags               = var.tags
}
