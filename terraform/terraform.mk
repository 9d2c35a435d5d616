# Deployment. Included by the Makefile at the root.

.PHONY: package release lock account deploy destroy leftovers rehearse test-terraform check-terraform mutations

package: ## Build the deployment packages for arm64 and x86_64
	@functions/package

release: ## Build packages, bills of materials and digests of this commit: target/dist/VERSION
	@functions/release

lock: ## Write terraform/.terraform.lock.hcl with the provider's digests for Linux and macOS, to be kept in git
	@terraform -chdir=terraform providers lock -platform=linux_amd64 -platform=linux_arm64 -platform=darwin_amd64 -platform=darwin_arm64

account: ## Set what an account has once in each region, before the first deployment there
	@terraform -chdir=terraform/account init -input=false && terraform -chdir=terraform/account apply

deploy: ## Deploy to the AWS account of the current credentials, after a look at the plan
	@terraform/deploy

destroy: ## Delete the deployment and everything that it stored, after a look at the plan
	@terraform -chdir=terraform init -input=false >/dev/null && terraform -chdir=terraform destroy

leftovers: ## List what AWS still has of a destroyed deployment: NAME_PREFIX=…
	@NAME_PREFIX='$(NAME_PREFIX)' terraform/leftovers

rehearse: ## Rehearse a month of changes with a stand-in provider: REHEARSE_PROVIDER=FILE [NAME=STEP]
	@REHEARSE_PROVIDER='$(REHEARSE_PROVIDER)' terraform/rehearse $(NAME)

test-terraform: ## Validate and test every Terraform directory
	@.ci/terraform

mutations: ## Take what is right out of Terraform piece by piece, and show that a test or a rehearsal fails: [NAME=…]
	@.ci/terraform mutations $(NAME)

check-terraform: ## Check Terraform's format, and the modules with checkov
	@.ci/terraform fmt
	@tests/judges/run terraform
