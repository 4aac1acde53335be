# Each target sets up what it needs in .venv; nothing is installed outside it.

PYTHON ?= python3
BIN = .venv/bin

.PHONY: demo test lint docs build matrix bench clean

.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/pip install --quiet --editable . --group dev
	touch $@

# The example site, on http://127.0.0.1:8000
demo: .venv/ready
	$(BIN)/python example/manage.py demo

# Everything that can run here, with coverage
test: .venv/ready
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage report

# Format, lint and types
lint: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# The manual, into docs/_build/html
docs: .venv/ready
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html

# Wheel and sdist, checked
build: .venv/ready
	rm -rf dist
	$(BIN)/python -m build --quiet
	$(BIN)/twine check --strict dist/*

# Every supported pair of Python and Django
matrix: .venv/ready
	$(BIN)/tox run-parallel --parallel-no-spinner --parallel-live

# What the middleware costs beside Django alone and beside its peers; takes a while
bench: .venv/ready
	$(BIN)/pip install --quiet --group bench
	$(BIN)/python -m benchmarks --memory

clean:
	rm -rf .venv .tox dist docs/_build
