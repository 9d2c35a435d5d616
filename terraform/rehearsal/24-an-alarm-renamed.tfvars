# A composite alarm changes its level, with another name.
# order: created .*composite_alarm.follower["limits-close"] < destroyed .*composite_alarm.part["limits-near"]

sources    = { default = { preset = "hmac-sha256" } }
stage_name = "v2"
alarms_dir = "../alarms-renamed"
