# And one again.

sources = { default = { preset = "hmac-sha256" } }
