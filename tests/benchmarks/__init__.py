"""The speed budgets, measured: ``make bench``, or ``python -m tests.benchmarks [part …]``.

A budget is a ratio wherever it can be, taken side by side in one run, because a number of
milliseconds says more about the machine than about the code. Nothing here fails: a benchmark
informs, a test decides.
"""

import os

# One thread each, set before anything imports numpy: a ratio of thread pools is not a ratio of code.
for _library in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM"):
    os.environ[f"{_library}_NUM_THREADS"] = "1"
