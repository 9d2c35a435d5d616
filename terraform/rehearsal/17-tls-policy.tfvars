# Another security policy.

sources = { default = { preset = "hmac-sha256" } }
custom_domain = {
  domain_name     = "hooks.example.com"
  certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-4000-8000-000000000000"
  hosted_zone     = { id = "Z00000000000000000000" }
}
stage_name = "v2"
tls_policy = "SecurityPolicy_TLS13_1_3_2025_09"
