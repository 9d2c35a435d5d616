# And one again.

sources    = { default = { preset = "hmac-sha256" } }
stage_name = "v2"
