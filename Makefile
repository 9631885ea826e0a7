# What each target does: make help
.DEFAULT_GOAL := help
.PHONY: help setup dev lab run container test test-times test-long check images bench notebooks lock clean

BIN := .venv/bin
OUT := out
export PATH := $(CURDIR)/$(BIN):$(PATH)

# Outputs stay in notebooks: they are what a reader sees and what tests compare. Widget state and
# what differs from run to run do not.
STRIP := nbstripout --keep-output --keep-count --keep-id --extra-keys \
  "metadata.papermill metadata.language_info.version cell.metadata.papermill"

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

COMPILE := env -u PIP_FIND_LINKS uv pip compile --quiet --universal --python-version 3.11 \
  --generate-hashes --no-annotate --custom-compile-command "make lock" pyproject.toml

setup: ## make .venv with the labkernel command in it, and the first image
	@scripts/setup

dev: ## the same, with every tool of developers in it
	@scripts/setup --dev

lab: setup ## open JupyterLab with the course; images are built as labs need them
	@labkernel open

run: ## run every lab headless; the report goes to out/ (OUT=directory)
	@scripts/setup --vms
	@labkernel image build
	@labkernel run --all --out $(OUT)

images: setup ## build the images of the nodes, or find that they are built
	@labkernel image build

container: dev ## make a container image with JupyterLab in it, for Docker and Podman: out/labkernel.tar
	@python -m images.container.build $(OUT)/labkernel.tar

test: ## check, then unit, backend, lab, notebook and browser tests
	@scripts/setup --test
	@$(MAKE) --no-print-directory check images
	@LABKERNEL_NO_SKIPS=1 python -m tests.pools $(OUT)

test-times: dev ## where the time of the last make test went, written into CONTRIBUTING.md
	@python -m tests.times --write $(OUT)

test-long: ## all tests with full patience, and what takes long without KVM (PART=tests/labs: a part)
ifdef PART
	@scripts/setup --test
	@$(MAKE) --no-print-directory images
	@LABKERNEL_LONG=1 LABKERNEL_NO_SKIPS=1 pytest --quiet --numprocesses 2 --dist loadgroup $(PART)
else
	@LABKERNEL_LONG=1 $(MAKE) --no-print-directory test
endif

check: dev ## lint, format, types (Python and JavaScript), spelling, notebooks without widget state
	@ruff check
	@ruff format --check --quiet
	@mypy
	@python -m tests.javascript
	@codespell
	@$(STRIP) --verify notebooks/*.ipynb

bench: dev images ## measure against peers, side by side
	@for benchmark in $$(grep -l __main__ benchmarks/*.py); do python $$benchmark || exit; done

notebooks: dev images ## run every notebook and write its outputs into it
	@python -P -m labkernel.notebook.refresh notebooks/*.ipynb

lock: dev ## bring both locks up to pyproject.toml (UPGRADE=--upgrade: newest versions)
	@$(COMPILE) $(UPGRADE) --group setup --output-file requirements.lock
	@$(COMPILE) $(UPGRADE) --group dev --constraint requirements.lock --output-file requirements-dev.lock

clean: ## remove what make made in this directory (images: labkernel image remove)
	@rm -rf .venv build dist out tests/browser/screenshots tests/javascript/node_modules .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find . -name .git -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
