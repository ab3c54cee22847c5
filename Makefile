# make help lists what can be done. Everything runs in .venv, which is made when it is missing or older than the lock.
.DEFAULT_GOAL := help
SHELL := /bin/bash
BIN := .venv/bin
CODE := core manifests integrations tests
# Two more than there are cores: a test that waits for a process or a lease leaves its core to another.
WORKERS ?= $(shell expr $$(nproc 2>/dev/null || echo 2) + 2)
# What is checked, built and installed before the tests waits for the network as much as for a core.
MAKEFLAGS += --jobs=3
# Images of containers set it; then each of the thousands of processes of the tests would compile its modules anew.
unexport PYTHONDONTWRITEBYTECODE
PYTEST := $(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.PHONY: help
help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/.ready: pyproject.toml uv.lock
	@scripts/bootstrap environment

.PHONY: demo
demo: ui ## Run the example end to end: two connectors, dbt, DuckDB
	@cd examples/shop && rm -rf .penstock shop.duckdb && ../../$(BIN)/penstock build
	@cat examples/shop/NEXT.txt

.PHONY: demo-postgres
demo-postgres: .venv/.ready postgres ## Run the example on a PostgreSQL server that is started for it
	@$(BIN)/python -m tests.tools.demo_postgres

.PHONY: check
check: types lint ## Lint, format, types, import contracts

.PHONY: types
types: .venv/.ready
	$(BIN)/mypy

.PHONY: lint
lint: .venv/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

# Types take as long as a minute of one core: the tests begin meanwhile.
.PHONY: test
test: types tests ## Check everything and run the tests

.PHONY: tests
tests: lint ui postgres chromium .venv/.asserts
	$(PYTEST) -m "not long and not bench"

.PHONY: test-all
test-all: types tests-all ## The tests with the long crash, fault and fuzz suites

.PHONY: tests-all
tests-all: lint ui postgres chromium .venv/.asserts
	$(PYTEST) -m "not bench"

# In a fresh clone each worker would take the asserts of every test apart for itself: once is enough. What fails is told by the tests.
.venv/.asserts: .venv/.ready
	@$(BIN)/pytest --collect-only -qq >/dev/null 2>&1 || true
	@touch $@

.PHONY: postgres
postgres:
	@scripts/bootstrap postgres

.PHONY: chromium
chromium: | postgres
	@scripts/bootstrap chromium

.PHONY: ui
ui: .venv/.ready ## Build the web pages, when they changed
	@$(BIN)/python hatch_build.py

.PHONY: bench
bench: .venv/.ready ## Print the ratios of the budgets, measured here and now
	$(BIN)/python -m tests.perf

.PHONY: clients
clients: .venv/.ready ## Run the suites of Snowflake's and Databricks' clients on the other versions that are allowed
	$(BIN)/python -m tests.tools.clients

.PHONY: format
format: .venv/.ready ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: lock
lock: .venv/.ready ## Renew uv.lock
	$(BIN)/uv lock

.PHONY: clean
clean: ## Remove what was built
	rm -rf .venv dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf core/ui/node_modules core/penstock/web/static
	rm -rf examples/shop/.penstock examples/shop/*.duckdb examples/shop/alerts.log
