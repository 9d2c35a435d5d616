output "table" {
  description = "Name and ARN of the table, and the ARN of its index of open webhooks."
  value = {
    name           = aws_dynamodb_table.this.name
    arn            = aws_dynamodb_table.this.arn
    open_index_arn = "${aws_dynamodb_table.this.arn}/index/open"
  }
}
