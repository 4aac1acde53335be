# Each target sets up what it needs in .venv; nothing is installed outside it.

PYTHON ?= python3
BIN = .venv/bin

.DEFAULT_GOAL = help
.PHONY: help demo quick test core races browser lint format hooks lock docs messages \
	build matrix compat bench release-check size screenshots clean

# This list: the first line of the comment above each target
help:
	@awk '/^# / && !said { said = substr($$0, 3); next }; \
		/^[a-z-]+:/ && said { sub(/:.*/, ""); printf "make %-13s %s\n", $$0, said }; \
		!/^#/ { said = "" }' $(firstword $(MAKEFILE_LIST))

# uv installs what uv.lock names, and itself: pip only has to begin.
UV = $(shell awk '$$0 == "name = \"uv\"" { getline; print $$3 }' uv.lock)

.venv/bin/uv:
	@echo "Installing into .venv. This happens once, and takes a minute or two."
	@echo "1 of 3: making .venv"
	@$(PYTHON) -m venv .venv
	@echo "2 of 3: installing uv $(UV)"
	@$(BIN)/pip install --quiet --disable-pip-version-check uv==$(UV)

.venv/ready: pyproject.toml uv.lock | .venv/bin/uv
	@echo "3 of 3: installing the packages that uv.lock names"
	@$(BIN)/uv sync --quiet --locked
	@touch $@

PORT = 8000

# The example site, on http://127.0.0.1:8000; make demo PORT=8001 for another port
demo: .venv/ready
	@$(BIN)/python example/manage.py demo --port $(PORT)

PYTEST = $(BIN)/python -m pytest
PARALLEL = --numprocesses=auto --dist=worksteal
PARTS = core races browser

# What to run before each commit: no server, no browser, no races, nothing slow
quick: .venv/ready
	$(PYTEST) -q $(PARALLEL) -m "not (servers or races or browser or slow)"

# Every test that can run here, with coverage
# Each part runs, whatever becomes of the others. Where tests may be skipped, so may what
# they cover.
test: .venv/ready
	@rm -f .coverage .coverage.*
	@failed=; for part in $(PARTS); do $(MAKE) $$part || failed="$$failed $$part"; done; \
	$(BIN)/coverage combine --quiet && \
	$(BIN)/coverage report $(if $(SESSION_TIMEOUT_TESTS_STRICT),,--fail-under=0) || \
	failed="$$failed coverage"; \
	test -z "$$failed" || { echo "Failed:$$failed"; exit 1; }

# Those that can run side by side
core: .venv/ready
	COVERAGE_FILE=.coverage.core \
		$(PYTEST) -q $(PARALLEL) -m "not (races or browser)" --cov --cov-report= --cov-fail-under=0

# Those that need the machine for themselves: races, servers that die, sockets
races: .venv/ready
	COVERAGE_FILE=.coverage.races $(PYTEST) -q -m races --cov --cov-report= --cov-fail-under=0

# Those in a browser
browser: .venv/ready
	$(PYTEST) -q $(PARALLEL) -m browser

TEXTLINT = npx --yes --package=textlint@15.8.0 --package=textlint-rule-max-comma@4.0.0 \
	--package=textlint-rule-prh@6.1.0 --package=textlint-rule-sentence-length@5.2.1 \
	--package=textlint-rule-stop-words@5.2.0 --package=textlint-rule-terminology@5.2.16 \
	textlint --config .ci/textlint/textlint.config.js

# Format, lint, imports and types, and the prose of the manual; needs npx
# .ci/textlint/prose.yml lists words to avoid in the manual, with what to write instead.
lint: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	npx --yes @biomejs/biome@2.6.8 lint --config-path=.ci session_timeout example
	$(TEXTLINT) README.md docs/*.md
	$(BIN)/check-jsonschema --builtin-schema=vendor.github-workflows .github/workflows/*
	$(BIN)/check-jsonschema --builtin-schema=vendor.github-issue-forms \
		.github/ISSUE_TEMPLATE/bug.yml .github/ISSUE_TEMPLATE/feature.yml
	$(BIN)/check-jsonschema --builtin-schema=vendor.readthedocs .readthedocs.yaml
	$(BIN)/zizmor --offline --quiet .github

# Format the sources, and mend what ruff can mend
format: .venv/ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The newest versions of what development needs, with their hashes, into uv.lock
lock: .venv/bin/uv
	$(BIN)/uv lock --upgrade

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
# tests/packaging/test_catalogues.py. English fills itself in. A new language begins with
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

# The tests on each pair of Python and Django whose Python is on the PATH
matrix: .venv/ready
	$(BIN)/tox run

# Other projects' test suites, without and with the middleware; takes 40 minutes
# SUITES=ci are the few of .ci/run, and SUITES="axes hijack" any others by name.
compat: .venv/ready
	$(BIN)/python -m tests.compat $(SUITES)

# What it costs beside Django alone and beside its peers; takes a while
bench: .venv/ready
	$(BIN)/uv sync --quiet --locked --group bench
	$(BIN)/python -m benchmarks --memory

# All that must hold before a tag; takes two hours
# The tests of packaging install the wheel in a new project, and compare the changelog and
# the version.
release-check: .venv/ready
	git diff --exit-code --stat HEAD
	$(MAKE) lint docs build compat
	$(PYTEST) -q $(PARALLEL) tests/packaging tests/docs
	$(BIN)/uv sync --quiet --locked --group bench
	$(BIN)/python -m benchmarks --memory --strict

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
	rm -rf .venv .tox .compat dist docs/_build
