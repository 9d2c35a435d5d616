# A function with more memory: a new version, then the alias, and nothing else.
# order: modified .*aws_lambda_function.this["status"] < modified .*aws_lambda_alias.live["status"]
# only: modified .*(aws_lambda_(function|alias).*["status"]|cloudwatch_dashboard.*)

sources   = { default = { preset = "hmac-sha256" } }
functions = { status = { memory_mb = 512 } }
