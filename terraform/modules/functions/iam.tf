locals {
  # What the code of each function calls, and nothing else; tests/infrastructure compares this map with the code.
  statements = {
    validator = {
      ReadSecret     = { actions = ["secretsmanager:GetSecretValue"], resources = [var.secret_arn] }
      StoreWebhook   = { actions = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], resources = [var.table.arn] }
      StartExecution = { actions = ["lambda:InvokeFunction"], resources = [local.processor_alias_arn] }
      StorePayload   = { actions = ["s3:PutObject"], resources = local.payload_objects, condition = local.own_bucket }
    }

    processor = {
      # The ARN of a durable execution extends that of a version, and an alias does not count here.
      Checkpoint = {
        actions   = ["lambda:CheckpointDurableExecution", "lambda:GetDurableExecutionState"]
        resources = ["${local.function_arns.processor}:*"]
      }
      MoveRecord = {
        actions   = ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem"]
        resources = [var.table.arn]
      }
      ReadPayload = { actions = ["s3:GetObject"], resources = local.payload_objects, condition = local.own_bucket }
    }

    status = {
      ReadRecord = { actions = ["dynamodb:GetItem"], resources = [var.table.arn] }
    }

    reconciler = {
      FindOpen = { actions = ["dynamodb:Query"], resources = [var.table.open_index_arn] }
      # A copy onto itself makes an object young again that a redriven webhook still needs.
      KeepPayload = {
        actions   = ["s3:GetObject", "s3:PutObject"]
        resources = local.payload_objects
        condition = local.own_bucket
      }
      MoveRecord = {
        # Scan is for an operator's redrive of all that failed; the cursor of a sweep is put and deleted.
        actions   = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan", "dynamodb:UpdateItem"]
        resources = [var.table.arn]
      }
      CompareExecutions = {
        actions   = ["lambda:GetDurableExecution", "lambda:ListDurableExecutionsByFunction", "lambda:StopDurableExecution"]
        resources = [local.function_arns.processor, "${local.function_arns.processor}:*"]
      }
      StartExecution = { actions = ["lambda:InvokeFunction"], resources = [local.processor_alias_arn] }
    }
  }

  # What the platform does with the function's role.
  platform_statements = {
    for function, _ in var.functions : function => merge(
      {
        # Variables, items, objects, secret and messages are encrypted with this key. Without `kms:ViaService`: AWS does not say
        # through which service Lambda decrypts variables, and what a function can read is decrypted for it in any case.
        UseKey = { actions = ["kms:Decrypt"], resources = concat([var.kms_key_arn], values(var.retired_key_arns)) }
        WriteLogs = {
          actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
          resources = ["${local.log_group_arns[function]}:*"]
        }
      },
      {
        for sid, statement in {
          EncryptDeadLetters = { actions = ["kms:GenerateDataKey"], resources = [var.kms_key_arn] }
          SendDeadLetters    = { actions = ["sqs:SendMessage"], resources = [var.dead_letter_queue_arn] }
        } : sid => statement if contains(["processor", "reconciler"], function)
      },
      {
        for sid, statement in {
          # S3 encrypts what a function puts with the function's right to the key.
          EncryptPayloads = { actions = ["kms:GenerateDataKey"], resources = [var.kms_key_arn] }
        } : sid => statement if var.payloads != null && contains(["validator", "reconciler"], function)
      },
      {
        for sid, statement in {
          # Without it S3 answers 403 in place of 404 for an object that is gone.
          SeeThatPayloadIsGone = {
            actions   = ["s3:ListBucket"]
            resources = var.payloads[*].arn
            condition = local.own_bucket
          }
        } : sid => statement if var.payloads != null && contains(["processor", "reconciler"], function)
      },
      {
        for sid, statement in {
          # What hands the queue's messages to the function does so with its role.
          TakeDeadLetters = {
            actions   = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
            resources = [var.dead_letter_queue_arn]
          }
        } : sid => statement if function == "reconciler"
      },
      {
        for sid, statement in {
          # X-Ray's actions take no resource. AWS names one or the other for its OTLP endpoint.
          ExportSpans = { actions = ["xray:PutSpans", "xray:PutTraceSegments"], resources = ["*"] }
        } : sid => statement if lookup(var.telemetry, "OTEL_TRACES_EXPORTER", "none") == "xray"
      },
    )
  }
}

locals {
  # What the user's own handler may do.
  handler_statements = merge(
    {
      for sid, statement in var.processor.policy_statements : sid => {
        actions   = statement.actions
        resources = statement.resources
        condition = length(statement.condition) == 0 ? null : statement.condition
      }
    },
    {
      for sid, statement in {
        ReadHandlerSecrets    = { actions = ["secretsmanager:GetSecretValue"], resources = [for secret in values(var.processor.secrets) : secret.arn], condition = null }
        DecryptHandlerSecrets = { actions = ["kms:Decrypt"], resources = [for secret in values(var.processor.secrets) : secret.kms_key_arn if secret.kms_key_arn != null], condition = null }
      } : sid => statement if length(var.processor.secrets) > 0
    },
    {
      # Lambda makes the network interfaces with the function's role; AWS takes no resource for most of these.
      for sid, statement in {
        AttachToSubnets = {
          actions = [
            "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs", "ec2:UnassignPrivateIpAddresses",
          ]
          resources = ["*"]
          condition = null
        }
      } : sid => statement if var.processor.vpc != null
    },
  )
}

resource "aws_iam_role" "this" {
  for_each = var.functions

  # Roles are global: a deployment with the same prefix in another region has others.
  name                 = "${local.names[each.key]}-${var.region}"
  description          = local.descriptions[each.key]
  permissions_boundary = var.permissions_boundary_arn
  # A policy that somebody attached by hand does not hold up a destroy.
  force_detach_policies = true

  # Without `aws:SourceAccount`: AWS does not say that Lambda sets it, and a role is given to functions of its own account only.
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Lambda"
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })

  tags = var.tags
}

resource "aws_iam_role_policy" "this" {
  for_each = var.functions

  name = "function"
  role = aws_iam_role.this[each.key].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      for sid, statement in merge(local.statements[each.key], local.platform_statements[each.key], { for sid, statement in local.handler_statements : sid => statement if each.key == "processor" }) : merge(
        { Sid = sid, Effect = "Allow", Action = statement.actions, Resource = statement.resources },
        { for name, condition in { Condition = try(statement.condition, null) } : name => condition if condition != null },
      ) if length(statement.resources) > 0
    ]
  })

  lifecycle {
    precondition {
      condition     = each.key != "processor" ? true : length(setintersection(keys(local.handler_statements), concat(keys(local.statements.processor), keys(local.platform_statements.processor)))) == 0
      error_message = "processor.policy_statements names a statement that the processor has already: ${join(", ", setintersection(keys(local.handler_statements), concat(keys(local.statements.processor), keys(local.platform_statements.processor))))}."
    }
  }
}

resource "aws_iam_role_policy_attachment" "handler" {
  for_each = var.processor.policy_arns

  role       = aws_iam_role.this["processor"].name
  policy_arn = each.value
}
