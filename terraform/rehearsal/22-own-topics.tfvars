# Topics of one's own, and the deployment's web ACL again. The alarms notify by them before the last ones go.
# order: modified .*composite_alarm.* < destroyed .*sns_topic.this.*
# order: modified .*metric_alarm.* < destroyed .*sns_topic.this.*
# order: destroyed aws_wafv2_web_acl_association.this["v2"] < created aws_wafv2_web_acl_association.this["v2"]

sources    = { default = { preset = "hmac-sha256" } }
stage_name = "v2"
topics = {
  page   = { arn = "arn:aws:sns:eu-west-1:123456789012:on-call" }
  ticket = { arn = "arn:aws:sns:eu-west-1:123456789012:tickets" }
}
