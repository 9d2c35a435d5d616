# The definitions have an alarm less.
# order: modified .*composite_alarm.*["producer-trouble"] < destroyed .*metric_alarm.this["delivery-conflict-default"]

sources    = { default = { preset = "hmac-sha256" } }
stage_name = "v2"
alarms_dir = "../alarms-less"
