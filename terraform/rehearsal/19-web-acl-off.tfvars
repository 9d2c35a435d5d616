# No web ACL.
# loses: aws_cloudwatch_log_group.this

sources    = { default = { preset = "hmac-sha256" } }
stage_name = "v2"
waf        = { enabled = false }
