# What the user's own handler needs reaches the processor and no other function.

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
  kms_key_arn           = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-4333-8444-555555555555"
  retired_key_arns      = { first = "arn:aws:kms:eu-west-1:123456789012:key/00000000-2222-4333-8444-555555555555" }
  table                 = { name = "t", arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/t", open_index_arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/t/index/open" }
  secret_arn            = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:s-AbCdEf"
  dead_letter_queue_arn = "arn:aws:sqs:eu-west-1:123456789012:q"
  sources               = { github = { preset = "github" } }

  processor = {
    environment = { FORWARD_URL = "https://shop.example.com" }
    secrets     = { SHOP_SECRET = { arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-AbCdEf", kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/shop" } }
    policy_statements = {
      SendOrders = { actions = ["sqs:SendMessage"], resources = ["arn:aws:sqs:eu-west-1:123456789012:orders"], condition = { StringEquals = { "aws:ResourceAccount" = ["123456789012"] } } }
    }
    policy_arns          = { shop = "arn:aws:iam::123456789012:policy/shop" }
    layers               = ["arn:aws:lambda:eu-west-1:123456789012:layer:tools:3"]
    vpc                  = { subnet_ids = ["subnet-0a1b2c3d4e5f60718"], security_group_ids = ["sg-0a1b2c3d4e5f60718"] }
    ephemeral_storage_mb = 1024
  }
}

run "the_processor_alone_gets_what_its_handler_needs" {
  assert {
    condition = (
      output.environment["processor"]["FORWARD_URL"] == "https://shop.example.com" &&
      output.environment["processor"]["SHOP_SECRET"] == "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-AbCdEf" &&
      length([for name, variables in output.environment : name if contains(keys(variables), "FORWARD_URL")]) == 1
    )
    error_message = "variables, and a secret's ARN in the place of its value"
  }

  assert {
    condition = { for name, f in aws_lambda_function.this : name => [length(f.layers), length(f.vpc_config), f.ephemeral_storage[0].size] if name == "processor" || name == "status" } == {
      processor = [1, 1, 1024], status = [0, 0, 512]
    }
    error_message = "layers, network and the size of /tmp"
  }

  assert {
    condition = [for s in jsondecode(aws_iam_role_policy.this["processor"].policy).Statement : s if contains(["AttachToSubnets", "DecryptHandlerSecrets", "ReadHandlerSecrets", "SendOrders"], s.Sid)] == [
      {
        Sid = "AttachToSubnets", Effect = "Allow", Resource = ["*"]
        Action = [
          "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces",
          "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs", "ec2:UnassignPrivateIpAddresses",
        ]
      },
      { Sid = "DecryptHandlerSecrets", Effect = "Allow", Action = ["kms:Decrypt"], Resource = ["arn:aws:kms:eu-west-1:123456789012:key/shop"] },
      { Sid = "ReadHandlerSecrets", Effect = "Allow", Action = ["secretsmanager:GetSecretValue"], Resource = ["arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-AbCdEf"] },
      {
        Sid       = "SendOrders", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = ["arn:aws:sqs:eu-west-1:123456789012:orders"]
        Condition = { StringEquals = { "aws:ResourceAccount" = ["123456789012"] } }
      },
    ]
    error_message = "statements of the handler: ${aws_iam_role_policy.this["processor"].policy}"
  }

  assert {
    condition = alltrue([
      for name, policy in aws_iam_role_policy.this : length([for s in jsondecode(policy.policy).Statement : s.Sid if contains(["ReadHandlerSecrets", "SendOrders"], s.Sid)]) == (name == "processor" ? 2 : 0)
    ]) && { for name, a in aws_iam_role_policy_attachment.handler : name => [a.role, a.policy_arn] } == { shop = ["hooks-processor-eu-west-1", "arn:aws:iam::123456789012:policy/shop"] }
    error_message = "no other role has them"
  }

  # An execution that still runs on an older version reads variables that the last key encrypted.
  assert {
    condition = alltrue([
      for policy in aws_iam_role_policy.this : [for s in jsondecode(policy.policy).Statement : s.Resource if s.Sid == "UseKey"] == [[var.kms_key_arn, var.retired_key_arns["first"]]]
    ])
    error_message = "retired keys decrypt"
  }
}
