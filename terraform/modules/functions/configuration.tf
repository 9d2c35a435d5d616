# What the functions do with webhooks, as one document under the hash of its bytes. An environment has room for 4 KB, and an older
# version of a function reads the document that it was deployed with: whoever reads one first keeps it.
locals {
  configuration        = jsonencode({ sources = var.sources })
  configuration_sha256 = sha256(local.configuration)
}

# A plan shows here what changes, source by source.
resource "terraform_data" "sources" {
  input = var.sources
}

resource "terraform_data" "configuration_sha256" {
  input = local.configuration_sha256
}

# The next document is there before a function names it, and the last one goes after that.
resource "aws_dynamodb_table_item" "configuration" {
  table_name = var.table.name
  hash_key   = "executionToken"
  range_key  = "item"

  item = jsonencode({
    executionToken = { S = "configuration" }
    item           = { S = "deployed#${local.configuration_sha256}" }
    document       = { S = local.configuration }
  })

  lifecycle {
    create_before_destroy = true
    # An update would delete the last document before the functions name the next one.
    replace_triggered_by = [terraform_data.configuration_sha256]

    precondition {
      condition     = length(local.configuration) <= 350000
      error_message = "The sources are longer than 350000 characters; an item of the table holds 400 KB."
    }
  }
}
