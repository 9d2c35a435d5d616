# A status needs an API key.
# order: created .*api_gateway_deployment.this < modified .*api_gateway_stage.this

sources            = { default = { preset = "hmac-sha256" } }
status_access      = "api_key"
status_api_key_ids = { reader = "key0000001" }
