# No custom domain any more.

sources    = { default = { preset = "hmac-sha256" } }
stage_name = "v2"
