# One secret with the token key and the sources' secrets. Terraform makes the secret, and its first value where it is asked to;
# every other value is put by the operator. No value is in a state, a plan or a log.
resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV2_AWS_57: A source's secret is changed at the producer; a rotation function could not do that. Rotation is one documented command, and the previous value stays valid.
  name                    = var.name
  description             = "Token key and sources' secrets of ${var.name}"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.recovery_window_days
  tags                    = var.tags
}

# What the secret holds already.
data "aws_secretsmanager_secret_versions" "this" {
  count = var.bootstrap == null ? 0 : 1

  secret_id = aws_secretsmanager_secret.this.id
}

# The first value, which is written and never read back. A later one takes the stage AWSCURRENT, which is not taken back; the other stage keeps this version, so that
# it is never missed and written again.
resource "aws_secretsmanager_secret_version" "first" {
  count = var.bootstrap == null ? 0 : 1

  secret_id      = aws_secretsmanager_secret.this.id
  version_stages = ["AWSCURRENT", local.first_stage]

  secret_string_wo_version = 1
  secret_string_wo = jsonencode({
    # 256 random bits of the operating system each, made with the apply.
    tokenKey = sha256("${uuid()}${uuid()}")
    sources  = { for name in var.bootstrap.sources : name => sha256("${uuid()}${uuid()}") }
  })

  lifecycle {
    ignore_changes = [version_stages]

    precondition {
      condition = length(data.aws_secretsmanager_secret_versions.this[0].versions) == 0 || anytrue([
        for version in data.aws_secretsmanager_secret_versions.this[0].versions : contains(version.version_stages, local.first_stage)
      ])
      error_message = "The secret has a value that was put: bootstrap_secret would replace it. Set bootstrap_secret = false."
    }
  }
}

locals {
  first_stage = "tracehook-first"
}
