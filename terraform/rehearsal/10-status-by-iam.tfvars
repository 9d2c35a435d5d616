# A status needs IAM.
# order: modified .*rest_api_policy.this < created .*api_gateway_deployment.this

sources       = { default = { preset = "hmac-sha256" } }
status_access = "iam"
