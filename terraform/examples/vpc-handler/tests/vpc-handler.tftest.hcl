mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  package_dir = "../../tests/packages"
  vpc_id      = "vpc-0a1b2c3d4e5f60718"
  subnet_ids  = ["subnet-0a1b2c3d4e5f60718"]
}

run "plans" {
  command = plan

  assert {
    condition     = module.tracehook.table_name == "tracehook-webhooks" && aws_security_group.handler.vpc_id == var.vpc_id
    error_message = "a handler in a network"
  }
}
