# Payloads that are too large for their item in the table. The validator puts them before the item that names them, the
# processor reads them, and nothing else does; they expire by their age.
resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_18: Nobody but two functions of this deployment can read the bucket; who must have access logs has data events in CloudTrail.
  #checkov:skip=CKV_AWS_21: An object is its own digest and is never changed; an old version would only outlive the retention.
  #checkov:skip=CKV_AWS_144: Payloads live for days, in the region of the table that names them.
  #checkov:skip=CKV2_AWS_62: Nothing has to know of a new object: the item that names it is what counts.
  bucket        = var.name
  force_destroy = !var.deletion_protection
  tags          = var.tags
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket = aws_s3_bucket.this.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# No ACLs: whatever is in the bucket is this account's.
resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

# With a key for the bucket, S3 asks KMS about once in minutes and not for every object.
resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = "Disabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    id     = "expire"
    status = "Enabled"

    filter {
      prefix = "payloads/"
    }

    expiration {
      days = var.expire_after_days
    }
  }

  # The validator puts each object whole; parts can only come from somebody else, under any name.
  rule {
    id     = "abort"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
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
  })

  # S3 takes one of the two at a time.
  depends_on = [aws_s3_bucket_public_access_block.this]
}
