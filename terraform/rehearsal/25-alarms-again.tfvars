# The definitions as they were.

sources    = { default = { preset = "hmac-sha256" } }
stage_name = "v2"
