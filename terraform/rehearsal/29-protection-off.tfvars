# The deployment may be destroyed.

sources             = { default = { preset = "hmac-sha256" } }
stage_name          = "v2"
kms_key             = { arn = "arn:aws:kms:eu-west-1:123456789012:key/99999999-2222-4333-8444-555555555555" }
deletion_protection = false
intake_enabled      = false
