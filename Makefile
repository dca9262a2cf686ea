# `make demo` and `make test` need Python 3.11 or newer with venv, and what pip brings; no more.

VENV ?= .venv
EXTRAS ?= dev
ARGS ?=
AXE ?= 4.14.1
BASE ?= HEAD
MERMAID ?= 11.17.2
version_jax ?= 0.10.2
version_torch ?= 2.13.0

BIN = $(VENV)/bin
BENCH = $(or $(BENCH_PYTHON),$(VENV)/bench/bin/python)
BROWSER_TOOLS = $(VENV)/axe-core-$(AXE).js $(VENV)/mermaid-$(MERMAID).js
DEMO = $(BIN)/dzviz "sin(x)" --x 1.0 --retain-grad -o
# The first that runs and is new enough: a pyenv shim may stand there without a Python behind it.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$python && break; done)

export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help
help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

.PHONY: demo
demo: $(VENV)/installed-core ## Draw sin(x) with its gradients into demo/
	@mkdir -p demo
	$(DEMO) demo/sin.png
	$(DEMO) demo/sin.svg
	@echo "Drawn: $(CURDIR)/demo/sin.png"
	@echo "       $(CURDIR)/demo/sin.svg"

.PHONY: test
test: $(VENV)/installed-test ## Run the tests, except those that take minutes (ARGS="-k sin -n 0": some, in this process)
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

.PHONY: test-torch
test-torch: $(VENV)/torch/installed ## Run the tests of PyTorch in a separate environment (downloads PyTorch)
	$(VENV)/torch/bin/python -m pytest -n auto --dist worksteal tests/pytorch tests/test_docs.py -k "pytorch or torch.md" $(ARGS)

.PHONY: test-jax
test-jax: $(VENV)/jax/installed ## Run the tests of JAX in a separate environment (downloads JAX)
	$(VENV)/jax/bin/python -m pytest -n auto --dist worksteal tests/jaxpr tests/test_docs.py -k "jaxpr or jax.md" $(ARGS)

.PHONY: check
check: lint types ## Run what CI runs: lint, types, and all tests, even those that take minutes
	@DZVIZ_THOROUGH=1 $(MAKE) --no-print-directory test

.PHONY: lint
lint: $(VENV)/installed-$(EXTRAS) ## Check the style
	$(BIN)/ruff format --check
	$(BIN)/ruff check

.PHONY: types
types: $(VENV)/installed-$(EXTRAS) ## Check the types
	$(BIN)/mypy

.PHONY: docs-check
docs-check: $(VENV)/installed-test ## Run what README and docs/ show, and check that pictures are up to date
	$(BIN)/python -m pytest tests/test_docs.py tests/test_documents.py tests/test_gallery.py

.PHONY: docs
docs: $(VENV)/installed-core ## Make the generated parts of docs/: the reference and all pictures
	$(BIN)/python tools/reference.py
	$(BIN)/python tools/gallery.py
	$(BIN)/dzviz embed README.md docs/*.md docs/howto/*.md

.PHONY: site
site: $(VENV)/installed-mkdocs ## Make a web site from docs/ in build/site
	$(BIN)/mkdocs build --strict

.PHONY: browser-tools
browser-tools: $(BROWSER_TOOLS) ## Download what some tests run in a browser (with npm)

.PHONY: bench
bench: $(if $(BENCH_PYTHON),,$(VENV)/bench/installed) ## Measure speed beside other packages (downloads them, also torch)
	$(BENCH) -m pip install --quiet .
	$(BENCH) tools/bench.py
	$(BENCH) tools/large.py

.PHONY: processors
processors: $(VENV)/installed-test ## Draw the gallery as older processors would; the pictures must be the same
	$(BIN)/python tools/processors.py

.PHONY: compare
compare: $(VENV)/installed-test ## Compare byte by byte what a commit and these files write (BASE=main ARGS="tutorial sin")
	@rm -rf $(VENV)/base # which an interrupted run left
	git worktree add --quiet --force --detach $(VENV)/base $(BASE)
	@$(BIN)/python tools/compare.py $(VENV)/base . $(ARGS); status=$$?; \
	git worktree remove --force $(VENV)/base; exit $$status

.PHONY: gradcheck-rates
gradcheck-rates: $(VENV)/installed-test ## Measure how often gradcheck is wrong in thousands of checks (ARGS="--right 1000")
	$(BIN)/python tools/gradcheck_rates.py $(ARGS)

.PHONY: fuzz
fuzz: $(VENV)/installed-fuzz ## Try random input for 5 minutes; failures become tests (ARGS="--seconds 60 text")
	$(BIN)/python tools/fuzz.py $(ARGS)

.PHONY: torture
torture: $(VENV)/installed-test ## Make calls fail, break streams, kill processes (takes most of an hour) (ARGS="kills --runs 50")
	$(BIN)/python tools/torture.py $(ARGS)

.PHONY: format
format: $(VENV)/installed-$(EXTRAS) ## Format the code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: clean
clean: ## Remove what the other targets made
	rm -rf $(VENV) demo build dist .mypy_cache .pytest_cache .ruff_cache

# Packages without those they are made of: each has a script with them in it.
$(VENV)/axe-core-$(AXE).js: PACKAGE = axe-core@$(AXE)
$(VENV)/axe-core-$(AXE).js: SCRIPT = axe.min.js
$(VENV)/mermaid-$(MERMAID).js: PACKAGE = mermaid@$(MERMAID)
$(VENV)/mermaid-$(MERMAID).js: SCRIPT = dist/mermaid.min.js

$(BROWSER_TOOLS):
	@mkdir -p $(VENV)
	@rm -f $(VENV)/$(firstword $(subst @, ,$(PACKAGE)))-*
	npm pack --silent --pack-destination $(VENV) $(PACKAGE)
	tar -xzOf $(basename $@).tgz package/$(SCRIPT) > $@.part
	@rm $(basename $@).tgz
	@mv $@.part $@

# The book's package has the name of ours, so it has a place of its own.
$(VENV)/bench/installed:
	$(PYTHON) -m venv $(VENV)/bench
	$(BENCH) -m pip install --quiet torch==$(version_torch) torchviz torchview torchlens micrograd autograd jax graphviz matplotlib pillow
	$(BENCH) -m pip install --quiet --no-deps --target $(VENV)/bench/book dezero
	@touch $@

# A backend is large, and has an environment beside the project's.
$(VENV)/%/installed: pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer? make PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)/$*
	$(VENV)/$*/bin/python -m pip install --quiet --editable ".[$*]" $*==$(version_$*) jsonschema pytest pytest-xdist
	@touch $@

# A file a set of extras, so that pip runs once; "core" is the project alone.
$(VENV)/installed-%: pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer? make PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable ".$(if $(filter core,$*),,[$*])"
	@touch $@
