output "processor_role_arn" {
  description = "ARN of the processor's role, for the policies of what it reaches."
  value       = module.tracehook.functions["processor"].role_arn
}
