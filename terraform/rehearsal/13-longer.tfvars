# Payloads are kept for longer, and the reconciler may take longer: the queue hides its messages for six times that.
# order: modified .*sqs_queue.dead_letters < modified .*aws_lambda_alias.live["reconciler"]

sources        = { default = { preset = "hmac-sha256" } }
retention_days = 14
functions      = { reconciler = { timeout_seconds = 900 } }
