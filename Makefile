# Everything sets itself up: system packages by apt (sudo when not root), a virtual environment in
# .venv, pinned dependencies. A second run finds all that done and is quick.

VENV := .venv
PY := $(VENV)/bin/python
RUFF := $(VENV)/bin/ruff
STYLED := pos_terminal drivers hw-sim hw-sim/hw-sim tests
DEMO := demo-latest
SIM := bench-sim
JOBS ?= 2
# more than cores: the slowest tests wait for processes, paper and clocks
WORKERS ?= 3
QUICK := tests/core tests/wire tests/ui tests/profiles tests/flows $(wildcard tests/test_*.py)

.PHONY: help demo sim test quick check style types arrows tests compiled bench setup clean

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*  ## /\1\t/p' Makefile | expand -t 10

demo: setup  ## a refund, a void, a ticket of two legs that two cards paid, an exchange and a refused card on emulated devices, shown step by step
	@hw-sim/hw-sim demo $(DEMO)

sim: setup  ## the same bench, left running for you to play with
	@hw-sim/hw-sim sim $(SIM)

test: setup  ## everything: style, types, import rules, all tests
	@$(MAKE) --no-print-directory -j 2 check compiled
	@$(MAKE) --no-print-directory tests

quick: check  ## between two edits, under a minute: make check, then what is pure and the flows
	$(VENV)/bin/pytest -n $(JOBS) $(QUICK)

check: style types arrows  ## style, types and import rules only

# each says last what it was that failed: what stands above may be long
style: setup
	@$(RUFF) check --config tests/ruff.toml $(STYLED) || { echo "FAILED: style, at the lines named above"; exit 1; }
	@$(RUFF) format --check --config tests/ruff.toml $(STYLED) \
		|| { echo "FAILED: style. Mend it: $(RUFF) format --config tests/ruff.toml $(STYLED)"; exit 1; }

types: setup
	@$(VENV)/bin/mypy || { echo "FAILED: types, at the lines named above"; exit 1; }

arrows: setup
	@$(VENV)/bin/lint-imports || { echo "FAILED: import rules, those called BROKEN above"; exit 1; }

tests: setup
	$(VENV)/bin/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# in a fresh clone each worker would compile all tests for itself, and types are checked on one core;
# what is wrong with a file is said by the tests
compiled: setup
	@$(VENV)/bin/pytest -q --collect-only >/dev/null 2>&1 || true

bench: setup  ## the speed table, each row with its floor (docs/bench-figures.md)
	@$(PY) -P -m hw_sim.measure

setup:  ## all that the other commands need (they call it)
	@.ci/setup

clean:  ## remove what make and the bench have made here
	rm -rf $(VENV) build $(DEMO) $(SIM) *.egg-info hw-sim/*.egg-info
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
