mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name        = "hooks-webhooks"
  kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-4333-8444-555555555555"
}

run "has_the_keys_of_the_code" {
  assert {
    condition     = aws_dynamodb_table.this.hash_key == "executionToken" && aws_dynamodb_table.this.range_key == "item"
    error_message = "the token is the partition key, the item the sort key"
  }

  assert {
    condition = { for a in aws_dynamodb_table.this.attribute : a.name => a.type } == {
      executionToken = "S", item = "S", openShard = "S", openSince = "N"
    }
    error_message = "types of the key attributes"
  }

  assert {
    condition = [for i in aws_dynamodb_table.this.global_secondary_index :
      { name = i.name, projection = i.projection_type, keys = [for k in i.key_schema : "${k.key_type} ${k.attribute_name}"] }
    ] == [{ name = "open", projection = "KEYS_ONLY", keys = ["HASH openShard", "RANGE openSince"] }]
    error_message = "one sparse index, keys only"
  }

  assert {
    condition     = output.table.open_index_arn == "${aws_dynamodb_table.this.arn}/index/open"
    error_message = "ARN of the index"
  }
}

run "loses_nothing_and_keeps_nothing_for_ever" {
  assert {
    condition     = aws_dynamodb_table.this.ttl[0].enabled && aws_dynamodb_table.this.ttl[0].attribute_name == "ttl"
    error_message = "records expire by ttl"
  }

  assert {
    condition     = aws_dynamodb_table.this.point_in_time_recovery[0].enabled && aws_dynamodb_table.this.point_in_time_recovery[0].recovery_period_in_days == 35
    error_message = "the table can be restored to any moment of 35 days"
  }

  assert {
    condition     = aws_dynamodb_table.this.timeouts.update == "180m"
    error_message = "an index that is added to a large table takes its time"
  }

  assert {
    condition     = aws_dynamodb_table.this.deletion_protection_enabled
    error_message = "the table is protected from deletion"
  }

  assert {
    condition     = aws_dynamodb_table.this.billing_mode == "PAY_PER_REQUEST"
    error_message = "the table takes any load"
  }
}

run "is_encrypted_with_the_given_key" {
  assert {
    condition     = aws_dynamodb_table.this.server_side_encryption[0].enabled && aws_dynamodb_table.this.server_side_encryption[0].kms_key_arn == var.kms_key_arn
    error_message = "customer-managed key"
  }
}

run "a_long_recovery_is_refused" {
  command = plan

  variables {
    recovery_days = 36
  }

  expect_failures = [var.recovery_days]
}
