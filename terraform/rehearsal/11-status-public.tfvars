# The token is enough again.

sources = { default = { preset = "hmac-sha256" } }
