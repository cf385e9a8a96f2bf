# Every target is one line; what takes more is in .ci/. Extra arguments: make start ARGS=--yes
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
BIN := .venv/bin
ARGS ?=
# LABS_LONG=1, of before there was make test-all, takes every test.
QUICK := $(if $(LABS_LONG),,-m "not full")
# Some containers and CI runners have no HOME, and Jupyter and Chromium want one.
export HOME := $(or $(HOME),$(shell python3 -c 'import pathlib; print(pathlib.Path.home())'))

.PHONY: help start stop doctor venv dev test test-unit test-all test-lesson lint format site bench build release lock clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

start: venv ## Open the course in JupyterLab: .venv, engine and images are made if missing
	@$(BIN)/labs start $(ARGS)

stop: ## Stop the playgrounds and whatever engine the course started
	@test ! -x $(BIN)/labs || $(BIN)/labs stop $(ARGS)

doctor: venv ## Say what is fine on this machine and what is not
	@$(BIN)/labs doctor $(ARGS)

venv: ## Make .venv from requirements.lock, if it is not up to date
	@sh .ci/bootstrap

dev: ## Make .venv with what tests, site and bench need besides
	@sh .ci/bootstrap dev

test: dev ## Prove the course on this machine (15 min); installs Chromium and an engine if missing
	@sh .ci/test $(QUICK) --times=build/tests.json $(ARGS)

test-unit: dev ## Run the tests that need no engine, no browser and no process (1 min)
	@$(BIN)/python -m pytest -m "not engine and not site and not notebooks and not process and not full" $(ARGS)

test-all: dev ## Run every test (about two hours); its line goes into the note that closes an issue
	@sh .ci/test --times=build/test-all.json $(ARGS)

test-lesson: dev ## Run every test of one lesson: make test-lesson L=run-a-registry
	@sh .ci/test --lesson="$(L)" $(ARGS)

lint: dev ## Check style, types, spelling and the notebooks
	@sh .ci/lint

format: dev ## Rewrite the Python files in the course's style
	@$(BIN)/ruff check --fix-only --quiet . ; $(BIN)/ruff format --exclude '*.ipynb' .

site: dev ## Build the site into build/site
	@$(BIN)/labs site $(ARGS)

bench: dev ## Measure speed and size into build/bench.json
	@$(BIN)/labs bench $(ARGS)

build: dev ## Run solutions/ and make notebooks/ and the site lesson pages from them
	@$(BIN)/labs build $(ARGS)

release: build ## The name that build had in version 0.1.0

lock: ## Write requirements.lock again from pyproject.toml (ARGS=--upgrade for newer versions)
	@sh .ci/bootstrap lock $(ARGS)

clean: ## Remove .venv and what builds and tests left; progress and playgrounds stay
	@rm -rf .venv .uv build .pytest_cache .mypy_cache .ruff_cache site/lessons site/errors
