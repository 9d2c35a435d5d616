# Every statement of every role, word for word.

mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name_prefix  = "hooks"
  region       = "eu-west-1"
  package_dir  = "../../tests/packages"
  architecture = "arm64"
  functions = {
    validator  = { memory_mb = 512, timeout_seconds = 15, reserved_concurrency = -1 }
    processor  = { memory_mb = 512, timeout_seconds = 60, reserved_concurrency = -1 }
    status     = { memory_mb = 256, timeout_seconds = 10, reserved_concurrency = -1 }
    reconciler = { memory_mb = 256, timeout_seconds = 75, reserved_concurrency = -1 }
  }
  kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-4333-8444-555555555555"
  table = {
    name           = "hooks-webhooks"
    arn            = "arn:aws:dynamodb:eu-west-1:123456789012:table/hooks-webhooks"
    open_index_arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/hooks-webhooks/index/open"
  }
  payloads = {
    name = "hooks-payloads-123456789012-eu-west-1"
    arn  = "arn:aws:s3:::hooks-payloads-123456789012-eu-west-1"
  }
  secret_arn            = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:hooks-secrets-AbCdEf"
  dead_letter_queue_arn = "arn:aws:sqs:eu-west-1:123456789012:hooks-dead-letters"
  sources               = { github = { preset = "github" } }
}

run "lambda_alone_takes_the_roles" {
  assert {
    condition = alltrue([for role in aws_iam_role.this : jsondecode(role.assume_role_policy).Statement == [
      { Sid = "Lambda", Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }
    ]])
    error_message = "trust policy"
  }

  assert {
    condition     = { for name, role in aws_iam_role.this : name => role.name } == { for name, _ in var.functions : name => "hooks-${name}-eu-west-1" }
    error_message = "a role of its own for each function"
  }

  assert {
    condition     = alltrue([for role in aws_iam_role.this : role.force_detach_policies])
    error_message = "a policy that somebody attached by hand holds up no destroy"
  }
}

run "the_validator_reads_the_secret_stores_and_starts" {
  assert {
    condition = jsondecode(aws_iam_role_policy.this["validator"].policy).Statement == [
      { Sid = "EncryptPayloads", Effect = "Allow", Action = ["kms:GenerateDataKey"], Resource = [var.kms_key_arn] },
      { Sid = "ReadSecret", Effect = "Allow", Action = ["secretsmanager:GetSecretValue"], Resource = [var.secret_arn] },
      {
        Sid      = "StartExecution", Effect = "Allow", Action = ["lambda:InvokeFunction"]
        Resource = ["arn:aws:lambda:eu-west-1:123456789012:function:hooks-processor:live"]
      },
      {
        Sid       = "StorePayload", Effect = "Allow", Action = ["s3:PutObject"]
        Resource  = ["arn:aws:s3:::hooks-payloads-123456789012-eu-west-1/payloads/*"]
        Condition = { StringEquals = { "aws:ResourceAccount" = "123456789012" } }
      },
      { Sid = "StoreWebhook", Effect = "Allow", Action = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], Resource = [var.table.arn] },
      { Sid = "UseKey", Effect = "Allow", Action = ["kms:Decrypt"], Resource = [var.kms_key_arn] },
      {
        Sid      = "WriteLogs", Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/hooks-validator:*"]
      },
    ]
    error_message = "the validator's policy: ${aws_iam_role_policy.this["validator"].policy}"
  }
}

run "the_processor_checkpoints_and_moves_the_record" {
  assert {
    condition = jsondecode(aws_iam_role_policy.this["processor"].policy).Statement == [
      {
        Sid      = "Checkpoint", Effect = "Allow", Action = ["lambda:CheckpointDurableExecution", "lambda:GetDurableExecutionState"]
        Resource = ["arn:aws:lambda:eu-west-1:123456789012:function:hooks-processor:*"]
      },
      { Sid = "EncryptDeadLetters", Effect = "Allow", Action = ["kms:GenerateDataKey"], Resource = [var.kms_key_arn] },
      { Sid = "MoveRecord", Effect = "Allow", Action = ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem"], Resource = [var.table.arn] },
      {
        Sid       = "ReadPayload", Effect = "Allow", Action = ["s3:GetObject"]
        Resource  = ["arn:aws:s3:::hooks-payloads-123456789012-eu-west-1/payloads/*"]
        Condition = { StringEquals = { "aws:ResourceAccount" = "123456789012" } }
      },
      {
        Sid       = "SeeThatPayloadIsGone", Effect = "Allow", Action = ["s3:ListBucket"]
        Resource  = ["arn:aws:s3:::hooks-payloads-123456789012-eu-west-1"]
        Condition = { StringEquals = { "aws:ResourceAccount" = "123456789012" } }
      },
      { Sid = "SendDeadLetters", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = [var.dead_letter_queue_arn] },
      { Sid = "UseKey", Effect = "Allow", Action = ["kms:Decrypt"], Resource = [var.kms_key_arn] },
      {
        Sid      = "WriteLogs", Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/hooks-processor:*"]
      },
    ]
    error_message = "the processor's policy: ${aws_iam_role_policy.this["processor"].policy}"
  }
}

run "the_status_function_reads_one_item" {
  assert {
    condition = jsondecode(aws_iam_role_policy.this["status"].policy).Statement == [
      { Sid = "ReadRecord", Effect = "Allow", Action = ["dynamodb:GetItem"], Resource = [var.table.arn] },
      { Sid = "UseKey", Effect = "Allow", Action = ["kms:Decrypt"], Resource = [var.kms_key_arn] },
      {
        Sid      = "WriteLogs", Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/hooks-status:*"]
      },
    ]
    error_message = "the status function's policy: ${aws_iam_role_policy.this["status"].policy}"
  }
}

run "the_reconciler_finds_moves_and_starts" {
  assert {
    condition = jsondecode(aws_iam_role_policy.this["reconciler"].policy).Statement == [
      {
        Sid      = "CompareExecutions", Effect = "Allow", Action = ["lambda:GetDurableExecution", "lambda:ListDurableExecutionsByFunction", "lambda:StopDurableExecution"]
        Resource = ["arn:aws:lambda:eu-west-1:123456789012:function:hooks-processor", "arn:aws:lambda:eu-west-1:123456789012:function:hooks-processor:*"]
      },
      { Sid = "EncryptDeadLetters", Effect = "Allow", Action = ["kms:GenerateDataKey"], Resource = [var.kms_key_arn] },
      { Sid = "EncryptPayloads", Effect = "Allow", Action = ["kms:GenerateDataKey"], Resource = [var.kms_key_arn] },
      { Sid = "FindOpen", Effect = "Allow", Action = ["dynamodb:Query"], Resource = [var.table.open_index_arn] },
      {
        Sid       = "KeepPayload", Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"]
        Resource  = ["arn:aws:s3:::hooks-payloads-123456789012-eu-west-1/payloads/*"]
        Condition = { StringEquals = { "aws:ResourceAccount" = "123456789012" } }
      },
      {
        Sid    = "MoveRecord", Effect = "Allow", Resource = [var.table.arn]
        Action = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan", "dynamodb:UpdateItem"]
      },
      {
        Sid       = "SeeThatPayloadIsGone", Effect = "Allow", Action = ["s3:ListBucket"]
        Resource  = ["arn:aws:s3:::hooks-payloads-123456789012-eu-west-1"]
        Condition = { StringEquals = { "aws:ResourceAccount" = "123456789012" } }
      },
      { Sid = "SendDeadLetters", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = [var.dead_letter_queue_arn] },
      {
        Sid      = "StartExecution", Effect = "Allow", Action = ["lambda:InvokeFunction"]
        Resource = ["arn:aws:lambda:eu-west-1:123456789012:function:hooks-processor:live"]
      },
      {
        Sid      = "TakeDeadLetters", Effect = "Allow", Action = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
        Resource = [var.dead_letter_queue_arn]
      },
      { Sid = "UseKey", Effect = "Allow", Action = ["kms:Decrypt"], Resource = [var.kms_key_arn] },
      {
        Sid      = "WriteLogs", Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/hooks-reconciler:*"]
      },
    ]
    error_message = "the reconciler's policy: ${aws_iam_role_policy.this["reconciler"].policy}"
  }
}

run "spans_may_be_written_to_xray_where_they_go_there" {
  variables {
    telemetry = { OTEL_TRACES_EXPORTER = "xray" }
  }

  assert {
    condition = alltrue([for p in aws_iam_role_policy.this : length([
      for statement in jsondecode(p.policy).Statement : statement
      if statement == { Sid = "ExportSpans", Effect = "Allow", Action = ["xray:PutSpans", "xray:PutTraceSegments"], Resource = ["*"] }
    ]) == 1])
    error_message = "every function exports its own spans"
  }
}
