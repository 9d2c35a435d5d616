# All of them again.
# order: created .*metric_alarm.this["waf-blocks"] < created .*composite_alarm.follower["producer-trouble"]

sources = { default = { preset = "hmac-sha256" } }
