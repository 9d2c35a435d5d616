# Who may reach the API.

variable "stage_name" {
  description = "Name of the API's stage; the first part of every path on API Gateway's own domain."
  type        = string
  default     = "v1"
  nullable    = false

  validation {
    condition     = can(regex("^[0-9A-Za-z_-]{1,128}$", var.stage_name))
    error_message = "stage_name must be letters, digits, hyphens and underscores."
  }
}

variable "throttling" {
  description = "Requests per second and bursts: of webhooks, of producers' challenges, of statuses, and of everything else together. The durable service starts 300 executions per second and account."
  type = object({
    webhook   = optional(object({ rate = number, burst = number }), { rate = 200, burst = 400 })
    challenge = optional(object({ rate = number, burst = number }), { rate = 5, burst = 10 })
    status    = optional(object({ rate = number, burst = number }), { rate = 50, burst = 100 })
    other     = optional(object({ rate = number, burst = number }), { rate = 5, burst = 10 })
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for limits in values(var.throttling) : limits.rate > 0 && limits.burst >= 1 && floor(limits.burst) == limits.burst])
    error_message = "Every throttle needs a rate above 0 and a whole number from 1 on as its burst; without them one caller could use up the account's quota."
  }

  validation {
    condition     = alltrue([for limits in values(var.throttling) : tonumber(format("%.6f", limits.rate)) == limits.rate])
    error_message = "The rate of a throttle has at most six decimals: API Gateway keeps no more, and every plan would show a change."
  }
}

variable "status_access" {
  description = "Who may read a status: public (whoever has the token), api_key, or iam."
  type        = string
  default     = "public"
  nullable    = false

  validation {
    condition     = contains(["public", "api_key", "iam"], var.status_access)
    error_message = "status_access must be public, api_key or iam."
  }
}

variable "status_api_key_ids" {
  description = "Ids of API keys that may read statuses, by any name, when status_access is api_key. Create the keys outside Terraform, so that no state holds their values."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "allowed_cidrs" {
  description = "The only addresses that may call the API, by resource policy and web ACL; empty for all."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for cidr in var.allowed_cidrs : can(cidrhost(cidr, 0)) && !endswith(cidr, "/0")])
    error_message = "Every element of allowed_cidrs must be an address range such as 192.0.2.0/24; a web ACL takes no /0. An empty list lets everybody in."
  }
}

variable "cors_allow_origin" {
  description = "The origin whose pages may read the answers, such as https://status.example.com, or *; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.cors_allow_origin == null ? true : can(regex("^(\\*|https?://[0-9A-Za-z.-]+(:[0-9]+)?)$", var.cors_allow_origin))
    error_message = "cors_allow_origin must be an origin such as https://status.example.com without a path, or *."
  }
}

variable "tls_policy" {
  description = "The security policy of the API and of its custom domain, TLS_1_2 or one of AWS's SecurityPolicy_TLS13_… for regional APIs; those with TLS13_1_3 take TLS 1.3 alone. AWS needs a quarter of an hour to change it."
  type        = string
  default     = "SecurityPolicy_TLS13_1_2_2021_06"
  nullable    = false

  validation {
    condition = contains([
      "TLS_1_2",
      "SecurityPolicy_TLS13_1_2_2021_06",
      "SecurityPolicy_TLS13_1_2_Ext2_FIPS_PQ_2025_09",
      "SecurityPolicy_TLS13_1_2_Ext2_PQ_2025_09",
      "SecurityPolicy_TLS13_1_2_FIPS_PFS_PQ_2025_09",
      "SecurityPolicy_TLS13_1_2_FIPS_PQ_2025_09",
      "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09",
      "SecurityPolicy_TLS13_1_2_PQ_2025_09",
      "SecurityPolicy_TLS13_1_3_2025_09",
      "SecurityPolicy_TLS13_1_3_FIPS_2025_09",
    ], var.tls_policy)
    error_message = "tls_policy must be TLS_1_2 or one of AWS's security policies for regional APIs, such as SecurityPolicy_TLS13_1_2_2021_06; older TLS is not offered."
  }
}

variable "custom_domain" {
  description = "A custom domain: its name, the ARN of its certificate in this region, the Route 53 zone for its record, and for mutual TLS the S3 URI (and version) of a file with the authorities whose clients alone may connect."
  type = object({
    domain_name        = string
    certificate_arn    = string
    hosted_zone        = optional(object({ id = string }))
    truststore_uri     = optional(string)
    truststore_version = optional(string)
  })
  default = null

  validation {
    condition     = var.custom_domain == null ? true : can(regex("^[0-9a-z.-]+\\.[a-z]{2,}$", var.custom_domain.domain_name))
    error_message = "custom_domain.domain_name must be a domain such as hooks.example.com."
  }

  validation {
    condition     = var.custom_domain == null ? true : can(regex("^arn:aws[a-z-]*:acm:", var.custom_domain.certificate_arn))
    error_message = "custom_domain.certificate_arn must be the ARN of an ACM certificate."
  }

  validation {
    condition     = var.custom_domain == null ? true : try(split(":", var.custom_domain.certificate_arn)[3], "") == data.aws_region.current.region
    error_message = "custom_domain.certificate_arn must be of the region of the deployment: a regional API takes no other."
  }

  validation {
    condition     = try(var.custom_domain.truststore_uri, null) == null ? true : startswith(var.custom_domain.truststore_uri, "s3://") && var.tls_policy == "TLS_1_2" && !var.default_endpoint
    error_message = "Mutual TLS needs custom_domain.truststore_uri as s3://BUCKET/KEY, tls_policy = \"TLS_1_2\" (AWS has it with no other policy), and default_endpoint = false (it asks for no certificate)."
  }
}

variable "default_endpoint" {
  description = "Whether API Gateway's own domain answers, too. Set it to false when all producers use the custom domain, in an apply of its own: it goes off at once, and a new domain needs minutes."
  type        = bool
  default     = true
  nullable    = false
}

variable "intake_enabled" {
  description = "Whether webhooks are taken. false stops the validator: producers get 5xx at once and send again later; what was accepted goes on."
  type        = bool
  default     = true
  nullable    = false
}

variable "waf" {
  description = "The web ACL: whether there is one, what each rule does (block, count or off), the rates of one address (webhooks that carry a signature's header: a third of throttling.webhook unless signed_requests says otherwise, and all else) and of one source (source_requests: four fifths of it), and blocked addresses and countries. web_acl is one of your own for the whole region, with the name of its metric in CloudWatch: then there are no rules of this deployment, and the rest of this variable says nothing."
  type = object({
    enabled = optional(bool, true)
    web_acl = optional(object({ arn = string, metric_name = string }))
    rules = optional(object({
      rate_per_ip       = optional(string, "block")
      rate_per_source   = optional(string, "block")
      ip_reputation     = optional(string, "block")
      known_bad_inputs  = optional(string, "block")
      oversize_webhooks = optional(string, "off")
      bodies_elsewhere  = optional(string, "block")
    }), {})
    rate_limit = optional(object({
      requests        = optional(number, 1000)
      signed_requests = optional(number)
      source_requests = optional(number)
      window_seconds  = optional(number, 300)
    }), {})
    blocked_cidrs     = optional(list(string), [])
    blocked_countries = optional(list(string), [])
    redacted_headers  = optional(set(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.waf.web_acl == null ? true : can(regex("^arn:aws[a-z-]*:wafv2:[a-z0-9-]+:[0-9]{12}:regional/webacl/[^/]+/[^/]+$", var.waf.web_acl.arn))
    error_message = "waf.web_acl.arn must be the ARN of a regional web ACL."
  }

  validation {
    condition     = var.waf.web_acl == null ? true : try(split(":", var.waf.web_acl.arn)[3], "") == data.aws_region.current.region && try(length(var.waf.web_acl.metric_name), 0) > 0
    error_message = "waf.web_acl must be of the region of the deployment, and metric_name the name of its metric in CloudWatch."
  }

  validation {
    condition     = alltrue([for action in values(var.waf.rules) : contains(["block", "count", "off"], action)])
    error_message = "Every rule in waf.rules must be block, count or off."
  }

  validation {
    condition     = alltrue([for requests in [var.waf.rate_limit.requests, var.waf.rate_limit.signed_requests, var.waf.rate_limit.source_requests] : requests == null ? true : requests >= 10 && requests <= 2000000000 && floor(requests) == requests])
    error_message = "waf.rate_limit.requests, signed_requests and source_requests must be whole numbers from 10 to 2000000000."
  }

  validation {
    condition     = alltrue([for cidr in var.waf.blocked_cidrs : can(cidrhost(cidr, 0)) && !endswith(cidr, "/0")])
    error_message = "Every element of waf.blocked_cidrs must be an address range such as 192.0.2.0/24; a web ACL takes no /0."
  }

  validation {
    condition     = contains([60, 120, 300, 600], var.waf.rate_limit.window_seconds)
    error_message = "waf.rate_limit.window_seconds must be 60, 120, 300 or 600."
  }

  validation {
    condition     = length(setsubtract(var.waf.blocked_countries, local.countries)) == 0
    error_message = "Every element of waf.blocked_countries must be a country of ISO 3166 in two capital letters, as AWS WAF has it: GB, not UK."
  }

  validation {
    condition     = alltrue([for name in var.waf.redacted_headers : can(regex("^[0-9a-z_-]{1,40}$", name))])
    error_message = "Every element of waf.redacted_headers must be 1 to 40 lower-case letters, digits, hyphens and underscores."
  }
}

locals {
  # The countries of AWS WAF, which refuses others with the apply only.
  countries = split(" ", replace(trimspace(<<-EOT
      AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS
      BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE
      EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM
      HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC
      LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
      NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
      SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
      TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
  EOT
  ), "\n", " "))
}
