# A source goes. The composite alarms let go of its alarms before these are deleted, which AWS refuses otherwise.
# order: modified .*composite_alarm.*["producer-trouble"] < destroyed .*metric_alarm.this["signature-missing-shop"]

sources = { default = { preset = "hmac-sha256" } }
