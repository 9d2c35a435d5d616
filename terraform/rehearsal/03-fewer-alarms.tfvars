# Only what pages: alarms go before those that they name.
# order: destroyed .*composite_alarm.follower["producer-trouble"] < destroyed .*metric_alarm.this["(waf-blocks|secret-missing-default)"]
# order: destroyed .*composite_alarm.part["limits-near"] < destroyed .*metric_alarm.this["durable-(operations|storage)"]

sources = { default = { preset = "hmac-sha256" } }
alarms  = { detail = "pages" }
