# The first apply: two sources, everything else by default.

sources = { default = { preset = "hmac-sha256" }, shop = { preset = "hmac-sha256" } }
