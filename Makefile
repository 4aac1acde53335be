# Each target sets up what it needs in .venv; nothing is installed outside it.

PYTHON ?= python3
BIN = .venv/bin

.DEFAULT_GOAL = help
.PHONY: help demo test core browser lint format hooks docs messages build matrix \
	bench size screenshots clean

# This list: the first line of the comment above each target
help:
	@awk '/^# / && !said { said = substr($$0, 3); next }; \
		/^[a-z]+:/ && said { sub(/:.*/, ""); printf "make %-12s %s\n", $$0, said }; \
		!/^#/ { said = "" }' $(firstword $(MAKEFILE_LIST))

.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/pip install --quiet --editable . --group dev
	touch $@

# The example site, on http://127.0.0.1:8000
demo: .venv/ready
	$(BIN)/python example/manage.py demo

# Every test that can run here, with coverage
# Where tests may be skipped, so may what they cover.
test: core browser
	$(BIN)/coverage combine --quiet .coverage.core .coverage.browser
	$(BIN)/coverage report $(if $(SESSION_TIMEOUT_TESTS_STRICT),,--fail-under=0)

# Those outside of a browser alone
core: .venv/ready
	COVERAGE_FILE=.coverage.core $(BIN)/coverage run -m pytest --ignore=tests/browser

# Those in a browser alone
# Playwright switches greenlets; to follow them in all other tests too makes coverage
# hang there now and then.
browser: .venv/ready
	COVERAGE_FILE=.coverage.browser \
		$(BIN)/coverage run --concurrency=thread,greenlet -m pytest tests/browser

# Format, lint and types
lint: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# Format the sources, and mend what ruff can mend
format: .venv/ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Look at what is committed, before each commit (.pre-commit-config.yaml)
hooks: .venv/ready
	$(BIN)/pre-commit install

# The manual, into docs/_build/html
docs: .venv/ready
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html

LOCALES = session_timeout/locale
ENGLISH = $(LOCALES)/en/LC_MESSAGES/django.po

# The sentences into every catalogue, and the catalogues into .mo; needs GNU gettext
# After a change of a sentence: make messages, write what is new and
# check what is marked "fuzzy" in session_timeout/locale/*/LC_MESSAGES/django.po (then
# delete the mark, and the old sentence after "#|"), make messages again, and run
# tests/test_locale.py. English fills itself in. A new language begins with
# mkdir session_timeout/locale/<its locale name>.
messages: .venv/ready
	cd session_timeout && ../$(BIN)/django-admin makemessages --all --no-obsolete \
		--add-location file --verbosity 0
	sed -i.old -E '/^"(POT-Creation-Date|Report-Msgid-Bugs-To):/d' $(LOCALES)/*/*/*.po
	msgattrib --clear-fuzzy --clear-previous --empty $(ENGLISH) | \
		msgen --output-file=$(ENGLISH) -
	rm -f $(LOCALES)/*/*/*.old $(LOCALES)/*/*/*.mo
	cd session_timeout && ../$(BIN)/django-admin compilemessages --verbosity 0

# The day of the latest release, so that a second build gives the same bytes.
EPOCH = import calendar, re, time; \
	day = re.search(r"^\#\# [\d.]+ \((.+)\)", open("CHANGELOG.md").read(), re.M)[1]; \
	print(calendar.timegm(time.strptime(day, "%Y-%m-%d")))

# Wheel and sdist, checked; the same bytes each time
build: .venv/ready
	rm -rf dist
	SOURCE_DATE_EPOCH=$$($(BIN)/python -c '$(EPOCH)') $(BIN)/python -m build --quiet
	$(BIN)/twine check --strict dist/*

TOX = run-parallel --parallel-no-spinner --parallel-live

# Every supported pair of Python and Django
matrix: .venv/ready
	$(BIN)/tox $(TOX)

# What it costs beside Django alone and beside its peers; takes a while
bench: .venv/ready
	$(BIN)/pip install --quiet --group bench
	$(BIN)/python -m benchmarks --memory

SCRIPT = session_timeout/static/session_timeout/session_timeout.js

# The script in bytes: minified, and compressed besides; needs npx
size:
	npx --yes terser@5 $(SCRIPT) --compress --mangle | wc -c
	npx --yes terser@5 $(SCRIPT) --compress --mangle | gzip -9 | wc -c

# The pictures of the manual, into docs/images; needs Chromium
screenshots: .venv/ready
	$(BIN)/python -m docs.screenshots

# Remove what the other targets have made
clean:
	rm -rf .venv .tox dist docs/_build
