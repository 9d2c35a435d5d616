# An allow-list of addresses: the policy is deployed.
# order: modified .*rest_api_policy.this < created .*api_gateway_deployment.this
# order: created .*api_gateway_deployment.this < modified .*api_gateway_stage.this

sources       = { default = { preset = "hmac-sha256" } }
allowed_cidrs = ["192.0.2.0/24", "2001:db8::/32"]
