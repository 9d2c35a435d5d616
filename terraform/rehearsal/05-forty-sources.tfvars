# Forty sources.

sources_file = "rehearsal/forty-sources.yaml"
sources      = { default = { preset = "hmac-sha256" } }
