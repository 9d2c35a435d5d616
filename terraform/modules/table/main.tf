# Two items per webhook under one token: its state, and its payload. The names are those of the code's store; a
# released name never changes, because items outlive deployments.
resource "aws_dynamodb_table" "this" {
  name                        = var.name
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "executionToken"
  range_key                   = "item"
  deletion_protection_enabled = var.deletion_protection

  attribute {
    name = "executionToken"
    type = "S"
  }

  attribute {
    name = "item"
    type = "S"
  }

  attribute {
    name = "openShard"
    type = "S"
  }

  attribute {
    name = "openSince"
    type = "N"
  }

  # Sparse: only a webhook that has not ended has these attributes, so the sweep reads what is open and nothing else.
  global_secondary_index {
    name            = "open"
    projection_type = "KEYS_ONLY"

    key_schema {
      attribute_name = "openShard"
      key_type       = "HASH"
    }

    key_schema {
      attribute_name = "openSince"
      key_type       = "RANGE"
    }
  }

  ttl {
    attribute_name = "ttl"
    enabled        = true
  }

  point_in_time_recovery {
    enabled                 = true
    recovery_period_in_days = var.recovery_days
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.kms_key_arn
  }

  # An index that is added to a large table is filled for longer than the provider waits by default.
  timeouts {
    update = "180m"
  }

  tags = var.tags
}
