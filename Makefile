.DEFAULT_GOAL := help
.PHONY: help run test check doc deny advisories faults judge judge-faults bench redrive stop-all presets check-secret get-secret put-secret clean

# Arguments of the local service, for example: make run ARGS="--port 0 --memory"
ARGS ?=

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## Run the whole service on this machine
	@cargo run --bin tracehook-local -- $(ARGS)

test: test-terraform ## Run all tests
	cargo test --workspace --locked

check: check-terraform deny doc ## Check formatting, lints, documentation and dependencies
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	@tests/faults/run --check

doc: ## Build the documentation without warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --locked

deny: ## Check licences, versions and sources of all dependencies
	@.ci/deny bans licenses sources

advisories: ## Check all dependencies for known vulnerabilities (downloads the advisory database)
	@.ci/deny advisories

# One judge by its name, or several; all of them without it.
NAME ?=

faults: ## Take fixes out one by one, and show that a test fails then: NAME=…
	@tests/faults/run $(NAME)

judge: ## Let implementations that are not ours judge the service: NAME=…
	@tests/judges/run $(NAME)

judge-faults: ## Show that the judges find deliberate faults in the service: NAME=…
	@tests/judges/run --faults $(NAME)

bench: ## Measure size, start, memory, latency and cost (release build)
	cargo build --release --locked --bins $(addprefix --package tracehook-,validator processor status reconciler local bench)
	target/release/tracehook-bench

# Of `make redrive`: one webhook by its TOKEN, or everything of SOURCE that failed since SINCE, or waits (UNTIL, WAITING, CODE, DRY_RUN, RATE).
# The deployment is that of the state in terraform/, unless NAME_PREFIX names it.
NAME_PREFIX ?= $(shell terraform/prefix)

redrive: ## Redrive a failed webhook: TOKEN=…, or all failed: SOURCE=… SINCE=2026-01-31T12:00:00Z [WAITING=1 CODE=… DRY_RUN=1 RATE=10]
	@NAME_PREFIX='$(NAME_PREFIX)' TOKEN='$(TOKEN)' SOURCE='$(SOURCE)' SINCE='$(SINCE)' UNTIL='$(UNTIL)' \
	  DRY_RUN='$(DRY_RUN)' RATE='$(RATE)' WAITING='$(WAITING)' CODE='$(CODE)' functions/reconciler/redrive

stop-all: ## Stop every open webhook, before the deployment is destroyed: [DRY_RUN=1 RATE=100]
	@NAME_PREFIX='$(NAME_PREFIX)' DRY_RUN='$(DRY_RUN)' RATE='$(RATE)' functions/reconciler/stop-all

presets: ## List the presets of producers, or show one: NAME=…
	@cargo run --quiet --locked --package tracehook-core --example presets -- '$(NAME)'

# The file of the secret document.
FILE ?=

# The file of the sources that a secret document is checked with.
SOURCES ?=

check-secret: ## Check a secret document before it is put: FILE=secret.json [SOURCES=sources.yaml]
	@SOURCES='$(SOURCES)' functions/validator/check-secret '$(FILE)'

get-secret: ## Write the current secret document, and its version beside it: FILE=secret.json
	@NAME_PREFIX='$(NAME_PREFIX)' SECRET_ID='$(SECRET_ID)' functions/validator/get-secret '$(FILE)'

put-secret: ## Put a secret document unless another one was put meanwhile: FILE=secret.json [SOURCES=… VERSION=none TWICE=1]
	@NAME_PREFIX='$(NAME_PREFIX)' SECRET_ID='$(SECRET_ID)' VERSION='$(VERSION)' TWICE='$(TWICE)' \
	  SOURCES='$(SOURCES)' NEW_TOKEN_KEY='$(NEW_TOKEN_KEY)' functions/validator/put-secret '$(FILE)'

clean: ## Remove what was built and the local state
	cargo clean
	rm -rf .tracehook

include terraform/terraform.mk
