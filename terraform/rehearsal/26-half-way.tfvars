# An apply that AWS refuses half-way: the account has no concurrency to reserve. Code and configuration are uploaded and not published.
# env: TERRAFORM_OFFLINE_CONCURRENCY=100
# fails: UnreservedConcurrentExecution

sources    = { default = { preset = "hmac-sha256" } }
stage_name = "v2"
functions  = { processor = { memory_mb = 1024, reserved_concurrency = 50 } }
