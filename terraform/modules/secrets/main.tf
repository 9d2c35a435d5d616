# One secret with the token key and the sources' secrets. Terraform makes the secret and never its value: the value is
# put by the operator, so that it is in no state, plan or log.
resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV2_AWS_57: A source's secret is changed at the producer; a rotation function could not do that. Rotation is one documented command, and the previous value stays valid.
  name                    = var.name
  description             = "Token key and sources' secrets of ${var.name}"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.recovery_window_days
  tags                    = var.tags
}
