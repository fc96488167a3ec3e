# Two commands do all the set-up: `make ask` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt

.PHONY: help ask test bench eval encoder picture clean

help:
	@echo "make ask      set up, index the sample articles, ask questions (or pipe them in)"
	@echo "make test     set up with everything tests need, check style and types, run the tests"
	@echo "make bench    print speed and memory figures (uses ../shared/data where it is)"
	@echo "make eval     measure search on ../shared/data/eval"
	@echo "make encoder  train the bundled encoder anew from ../shared/data"
	@echo "make picture  draw docs/repl.svg from a real answer"

# The set-up speaks on stderr and leaves standard input alone: both belong to the questions.
$(BIN)/python:
	@echo "xunzhang: making $(VENV) ..." >&2
	@$(PYTHON) -m venv $(VENV) </dev/null >&2

$(VENV)/.base: $(BIN)/python pyproject.toml constraints.txt
	@echo "xunzhang: installing (under a minute) ..." >&2
	@$(PIP) -e . </dev/null >&2
	@touch $@

$(VENV)/.test: $(BIN)/python pyproject.toml constraints.txt
	@echo "xunzhang: installing with models, documents and test tools (a few minutes) ..." >&2
	@$(PIP) -e '.[test]' </dev/null >&2
	@touch $(VENV)/.base $@

ask: $(VENV)/.base
	@$(BIN)/xunzhang ask

test: $(VENV)/.test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/pytest

bench: $(VENV)/.base
	$(BIN)/python -m tests.benchmarks

eval: $(VENV)/.base
	$(BIN)/python -m tests.benchmarks.quality

encoder: $(VENV)/.test
	$(BIN)/python -m embeddings.training --data ../shared/data

picture: $(VENV)/.base
	$(BIN)/python -m bot.picture docs/repl.svg

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
