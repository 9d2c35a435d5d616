# Without the list everybody may call again: the policy is changed and deployed, and the web ACL lets go of the sets before they are deleted.
# order: modified .*rest_api_policy.this < created .*api_gateway_deployment.this
# order: created .*api_gateway_deployment.this < modified .*api_gateway_stage.this
# order: modified .*wafv2_web_acl.this < destroyed .*wafv2_ip_set.allowed["IPV4"]

sources = { default = { preset = "hmac-sha256" } }
