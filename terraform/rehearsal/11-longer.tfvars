# Payloads are kept for longer.

sources        = { default = { preset = "hmac-sha256" } }
retention_days = 14
