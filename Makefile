# `make demo` shows it, `make test` proves it; both work from a fresh checkout.

PYTHON ?= python3
BIN := .venv/bin
VENV := .venv/installed
DEV := .venv/installed-dev
WORKERS ?= $(shell nproc)

.PHONY: demo demo-reset test lint format bench requirements messages

demo: $(VENV)
	@exec $(BIN)/python -m cuakhauso.demo

demo-reset: $(VENV)
	@exec $(BIN)/python -m cuakhauso.demo --reset

test: $(DEV)
	@exec $(BIN)/pytest -n $(WORKERS) --dist loadgroup $(ARGS)

lint: $(DEV)
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/python manage.py update_catalogues --check
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python -m cuakhauso.audit

format: $(DEV)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(DEV)
	@var=$$(mktemp -d) && VAR_DIR=$$var DEMO=1 $(BIN)/python manage.py bench; status=$$?; rm -rf "$$var"; exit $$status

# Finds the messages of code and templates and merges them into the catalogues.
messages: $(DEV)
	$(BIN)/python manage.py update_catalogues

# Compiles the pinned lists anew; needs uv.
requirements:
	uv pip compile --quiet --generate-hashes --universal --python-version 3.11 requirements.in -o requirements.txt
	uv pip compile --quiet --generate-hashes --universal --python-version 3.11 requirements-dev.in -o requirements-dev.txt

define install
sha256sum --check --status $@ 2>/dev/null || { echo "installing $(1) into .venv"; \
	$(BIN)/pip --disable-pip-version-check --quiet --quiet install --require-hashes -r $(1); }
endef

# A stamp bears the digest of the list it was installed from: touching a file costs nothing, changing it installs.
$(VENV): requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(call install,requirements.txt)
	@sha256sum requirements.txt > $@

$(DEV): $(VENV) requirements-dev.txt
	@$(call install,requirements-dev.txt)
	@sha256sum requirements-dev.txt > $@
