mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name        = "hooks-secrets"
  kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-4333-8444-555555555555"
}

run "is_encrypted_and_can_be_brought_back" {
  assert {
    condition     = aws_secretsmanager_secret.this.kms_key_id == var.kms_key_arn
    error_message = "customer-managed key"
  }

  assert {
    condition     = aws_secretsmanager_secret.this.recovery_window_in_days == 30
    error_message = "a deleted secret can be brought back for 30 days"
  }

  assert {
    condition     = output.arn == aws_secretsmanager_secret.this.arn
    error_message = "ARN of the secret"
  }
}
