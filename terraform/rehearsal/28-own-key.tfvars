# A key of one's own. Everything moves to it before the last one is scheduled for deletion.
# order: modified .*dynamodb_table.this < destroyed .*kms_key.this
# order: modified .*secretsmanager_secret.this < destroyed .*kms_key.this
# order: modified .*sqs_queue.dead_letters < destroyed .*kms_key.this
# loses: aws_kms_key.this

sources    = { default = { preset = "hmac-sha256" } }
stage_name = "v2"
kms_key    = { arn = "arn:aws:kms:eu-west-1:123456789012:key/99999999-2222-4333-8444-555555555555" }
