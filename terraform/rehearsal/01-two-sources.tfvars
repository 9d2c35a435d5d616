# The first apply: two sources, everything else by default.
# waits: module.api.aws_api_gateway_stage.this -> module.api.aws_api_gateway_account.this

sources = { default = { preset = "hmac-sha256" }, shop = { preset = "hmac-sha256" } }
