mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name              = "hooks-payloads-123456789012-eu-west-1"
  kms_key_arn       = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-4333-8444-555555555555"
  expire_after_days = 9
}

run "nobody_else_gets_in" {
  assert {
    condition = (
      aws_s3_bucket_public_access_block.this.block_public_acls && aws_s3_bucket_public_access_block.this.block_public_policy &&
      aws_s3_bucket_public_access_block.this.ignore_public_acls && aws_s3_bucket_public_access_block.this.restrict_public_buckets
    )
    error_message = "no public access"
  }

  assert {
    condition     = aws_s3_bucket_ownership_controls.this.rule[0].object_ownership == "BucketOwnerEnforced"
    error_message = "no ACLs"
  }

  assert {
    condition = jsondecode(aws_s3_bucket_policy.this.policy).Statement == [
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "CurrentTlsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]
        Condition = { NumericLessThan = { "s3:TlsVersion" = "1.2" } }
      },
    ]
    error_message = "TLS only: ${aws_s3_bucket_policy.this.policy}"
  }
}

run "objects_are_encrypted_with_the_given_key_through_one_of_the_bucket" {
  assert {
    condition = [for rule in aws_s3_bucket_server_side_encryption_configuration.this.rule :
      [rule.bucket_key_enabled, rule.apply_server_side_encryption_by_default[0].sse_algorithm, rule.apply_server_side_encryption_by_default[0].kms_master_key_id]
    ] == [[true, "aws:kms", var.kms_key_arn]]
    error_message = "customer-managed key"
  }
}

run "objects_expire_by_age_and_leave_no_version" {
  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Disabled"
    error_message = "no versions"
  }

  assert {
    condition = [for rule in aws_s3_bucket_lifecycle_configuration.this.rule : join(" ", concat([rule.id, rule.status],
      [for expiration in rule.expiration : "${rule.filter[0].prefix} ${expiration.days}"],
      [for abort in rule.abort_incomplete_multipart_upload : abort.days_after_initiation]))
    ] == ["expire Enabled payloads/ 9", "abort Enabled 1"]
    error_message = "payloads expire, and so does what was never finished"
  }
}

run "a_protected_bucket_is_deleted_only_when_it_is_empty" {
  assert {
    condition     = aws_s3_bucket.this.bucket == var.name && !aws_s3_bucket.this.force_destroy
    error_message = "objects are not deleted with the bucket"
  }
}

run "an_unprotected_one_goes_with_its_objects" {
  command = plan

  variables {
    deletion_protection = false
  }

  assert {
    condition     = aws_s3_bucket.this.force_destroy
    error_message = "objects are deleted with the bucket"
  }
}

run "a_name_that_breaks_tls_is_refused" {
  command = plan

  variables {
    name = "hooks.payloads"
  }

  expect_failures = [var.name]
}
