"""Minutes of a busy site whose servers, cache and database are restarted meanwhile.

python -m benchmarks.soak
"""
