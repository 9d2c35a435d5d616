# The root called as a module, with inputs that are made in the same configuration and are unknown before the first apply, and
# after something that it has to wait for.

variable "before" {
  description = "Something that the whole module waits for."
  type        = string
  default     = "first"
}

resource "terraform_data" "before" {
  input = var.before
}

resource "aws_kms_key" "own" {
  description         = "The organisation's key"
  enable_key_rotation = true
}

resource "aws_route53_zone" "own" {
  name = "example.com"
}

resource "aws_api_gateway_api_key" "reader" {
  name = "reader"
}

resource "aws_acm_certificate" "own" {
  domain_name       = "hooks.example.com"
  validation_method = "DNS"
}

resource "aws_sqs_queue" "pages" {
  name = "pages"
}

resource "aws_iam_policy" "shop" {
  name   = "shop"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sns:Publish", Resource = "*" }] })
}

resource "aws_secretsmanager_secret" "shop" {
  name = "shop"
}

resource "aws_security_group" "handler" {
  name = "handler"
}

module "tracehook" {
  source = "../.."

  name_prefix  = "hooks"
  runbooks_url = "https://git.example.com/tracehook/alarms/runbooks"
  package_dir  = "${path.module}/../packages"
  waf          = { enabled = false }
  tags         = { Application = "shop", "cost-centre" = "4711" }
  sources      = { default = { preset = "hmac-sha256" }, shop = { preset = "hmac-sha256" } }

  kms_key            = { arn = aws_kms_key.own.arn }
  status_access      = "api_key"
  status_api_key_ids = { reader = aws_api_gateway_api_key.reader.id }
  custom_domain      = { domain_name = "hooks.example.com", certificate_arn = aws_acm_certificate.own.arn, hosted_zone = { id = aws_route53_zone.own.zone_id } }
  subscriptions      = { pager = { severity = "page", protocol = "sqs", endpoint = aws_sqs_queue.pages.arn } }

  processor = {
    environment       = { SHOP_URL = "https://shop.example.com" }
    secrets           = { SHOP_SECRET = { arn = aws_secretsmanager_secret.shop.arn, kms_key_arn = aws_kms_key.own.arn } }
    policy_arns       = { shop = aws_iam_policy.shop.arn }
    policy_statements = { Publish = { actions = ["sqs:SendMessage"], resources = [aws_sqs_queue.pages.arn] } }
    vpc               = { subnet_ids = ["subnet-0a1b2c3d4e5f60718"], security_group_ids = [aws_security_group.handler.id] }
  }

  depends_on = [terraform_data.before]
}

output "function_names" {
  description = "Names of the functions."
  value       = module.tracehook.function_names
}
