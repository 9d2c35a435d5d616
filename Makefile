.DEFAULT_GOAL := help
.PHONY: help run test check bench clean

# Arguments of the local service, for example: make run ARGS="--port 0 --memory"
ARGS ?=

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## Run the whole service on this machine
	@cargo run --bin tracehook-local -- $(ARGS)

test: test-terraform ## Run all tests
	cargo test --workspace --locked

check: check-terraform ## Check formatting and lints
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings

bench: ## Measure size, start, memory, latency and cost (release build)
	cargo build --release --locked --bins $(addprefix --package tracehook-,validator processor status reconciler local bench)
	target/release/tracehook-bench

clean: ## Remove what was built and the local state
	cargo clean
	rm -rf .tracehook

include terraform/terraform.mk
