output "transaction_search" {
  description = "Where X-Ray keeps spans: CloudWatchLogs, or null where this root does not decide it."
  value       = one(aws_xray_trace_segment_destination.this[*].destination)
}
