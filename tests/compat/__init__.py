"""Other projects' test suites, without and with the middleware.

make compat runs it, and docs/compatibility.md says what it shows.
"""
