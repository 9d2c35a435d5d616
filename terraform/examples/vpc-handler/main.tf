# A handler of one's own that reaches a database in a network, with a secret, a setting and a permission.

provider "aws" {
  region = var.region
}

module "tracehook" {
  source = "../.."

  package_dir = var.package_dir
  functions   = { processor = { memory_mb = 1024, timeout_seconds = 120 } }

  processor = {
    environment = { ORDERS_TABLE = "orders" }
    secrets     = { DATABASE_SECRET = { arn = aws_secretsmanager_secret.database.arn } }
    policy_statements = {
      PublishOrders = { actions = ["sns:Publish"], resources = [aws_sns_topic.orders.arn] }
    }
    vpc = { subnet_ids = var.subnet_ids, security_group_ids = [aws_security_group.handler.id] }
  }

  accepted_warnings = ["custom_domain", "runbooks", "subscriptions"]
}

# The value is put by who runs the database. The subnets need a way to the APIs of AWS: a NAT gateway or endpoints.
resource "aws_secretsmanager_secret" "database" {
  #checkov:skip=CKV2_AWS_57: Who runs the database rotates it.
  #checkov:skip=CKV_AWS_149: An example; a key of one's own is one argument.
  name = "orders-database"
}

resource "aws_sns_topic" "orders" {
  name              = "orders"
  kms_master_key_id = "alias/aws/sns"
}

resource "aws_security_group" "handler" {
  #checkov:skip=CKV2_AWS_5: The processor is in it, which the call of the module hides from the check.
  name        = "tracehook-handler"
  description = "What the processor may reach"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_egress_rule" "https" {
  security_group_id = aws_security_group.handler.id
  description       = "APIs of AWS; a database has a port of its own"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}
