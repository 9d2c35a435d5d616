# Deployment. Included by the Makefile at the root.

.PHONY: package deploy destroy rehearse test-terraform check-terraform

package: ## Build the deployment packages for arm64 and x86_64
	@functions/package

deploy: ## Deploy to the AWS account of the current credentials, after a look at the plan
	@terraform -chdir=terraform init -input=false && terraform -chdir=terraform apply

destroy: ## Delete the deployment and everything that it stored, after a look at the plan
	@terraform -chdir=terraform destroy

rehearse: ## Apply, plan again and destroy with a stand-in provider: REHEARSE_PROVIDER=FILE
	@REHEARSE_PROVIDER='$(REHEARSE_PROVIDER)' terraform/rehearse

test-terraform: ## Validate and test every Terraform directory
	@.ci/terraform

check-terraform: ## Check Terraform's format, and the modules with checkov
	@.ci/terraform fmt
	@tests/judges/run terraform
