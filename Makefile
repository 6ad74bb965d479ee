# make run    start Souffleur with demonstration data
# make test   all tests, on real peers, three at a time
# make check  style, types, import order, browser app types
# make contract  browser app types from the service (after a change to schemas or events)
# make lock   requirements.lock (after a change to the requirements of pyproject.toml)

SHELL := /bin/bash
.PHONY: run test check contract format lock

run:
	@./bootstrap.sh run
	@exec .venv/bin/souffleur serve --demo

test:
	@./bootstrap.sh test
	.venv/bin/python -m pytest -n 3

check:
	@./bootstrap.sh run
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/python -m pytest -q tests/test_import_order.py tests/test_docs.py
	@./bootstrap.sh ui-check

contract:
	@./bootstrap.sh contract

format:
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

lock:
	@./bootstrap.sh lock
