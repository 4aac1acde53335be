"""What the check costs, beside Django alone and beside other packages.

python -m benchmarks
"""
