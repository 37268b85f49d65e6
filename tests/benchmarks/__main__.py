"""Measure the budgets and print them as a table: all parts, or those named on the command line."""

from __future__ import annotations

import argparse
import sys
import time

from tests.benchmarks import engine_bench, labs, notebooks, startup, sweep, training
from tests.benchmarks.table import Row, describe_machine, format_rows


def page_engine():
    """Return the row of the page engine's arithmetic."""
    found = engine_bench.measure()
    what = "page engine, [2,8,8,1], 250 points, batch 10, one epoch in Chromium"
    budget = f"≤ {found['largest_ratio']:.2f} of an object-per-neuron engine's time"
    measured = f"{found['ratio']:.2f} ({found['page_ms']:.2f} ms of {found['object_ms']:.2f} ms)"
    return [Row(what, budget, measured, found["ratio"] <= found["largest_ratio"])]


PARTS = {
    "training": training.measure,
    "sweep": sweep.measure,
    "engine": page_engine,
    "jupyterlab": labs.measure_in_jupyterlab,
    "page": labs.measure_on_page,
    "startup": startup.measure,
    "notebooks": notebooks.measure,
}


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"one or more of: {', '.join(PARTS)}; all without one")
    parts = parser.parse_args(arguments).parts or list(PARTS)
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        parser.error(f"unknown part {unknown[0]!r}; the parts are: {', '.join(PARTS)}")
    print(describe_machine(), flush=True)
    rows = []
    for part in parts:
        print(f"Measuring: {part} …", file=sys.stderr, flush=True)
        begin = time.perf_counter()
        try:
            rows += PARTS[part]()
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # one part that cannot be measured must not hide the others
            rows.append(Row(part, "", f"could not be measured: {str(error).splitlines()[0][:150]}"))
        print(f"  {time.perf_counter() - begin:.0f} s", file=sys.stderr, flush=True)
    print(format_rows(rows))


if __name__ == "__main__":
    main()
