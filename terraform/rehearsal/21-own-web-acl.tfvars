# A web ACL of one's own. The provider deletes an association by its stage, so the last one goes before the next is made.
# order: destroyed aws_wafv2_web_acl_association.this["v2"] < created aws_wafv2_web_acl_association.this["v2"]
# loses: aws_cloudwatch_log_group.this

sources    = { default = { preset = "hmac-sha256" } }
stage_name = "v2"
waf = {
  web_acl = { arn = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/central/00000000-0000-4000-8000-000000000000", metric_name = "central" }
}
