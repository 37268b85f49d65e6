"""Execute every notebook of the book under other processors, threads and last bits, and tell what does not hold.

A table shows each cell that prints something else than in the plain run, variant by variant: ``FAILS`` where it ends
with an error, ``≠`` where it prints other words, otherwise the largest relative difference of its numbers. Printing
other digits is no fault; a cell that fails is one, and so is a number in prose that the cell beside it does not print
under every variant, and a preset of a lab that is neither tame nor called sensitive.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import nbformat

from tests.robustness import presets
from tests.robustness.comparing import difference, numbers, quoted
from tests.robustness.executing import ROOT, execute
from tests.robustness.variants import VARIANTS

BOOK = ROOT / "book"


def notebooks(name=""):
    """Return the book's notebooks, or those whose file has this name: a chapter and its solutions."""
    found = [*sorted(BOOK.glob("*.ipynb")), *sorted(BOOK.glob("solutions/*.ipynb"))]
    return [path for path in found if not name or path.stem == Path(name).stem]


def compare(name, notebook, variants, results):
    """Return (rows of the table, faults) of a notebook; ``results`` holds the cells as executed under each variant."""
    rows, faults = [], []
    for place, cell in results[0].items():
        runs = [cells[place] for cells in results]
        row = ["FAILS" if run.error else difference(cell.printed, run.printed) for run in runs]
        rows += [[f"{name} [{place}]", *row]] if any(row) else []
        faults += [
            f"{name} [{place}] fails, {variant.name}: {run.error}" for variant, run in zip(variants, runs) if run.error
        ]
    printed = [{place: cell.printed for place, cell in cells.items()} for cells in results]
    for place, number, source in quoted(notebook, printed):
        elsewhere = [
            variant.name
            for variant, texts in zip(variants, printed)
            if not any(map(number.tells, numbers(texts[source])))
        ]
        if elsewhere:
            faults.append(f"{name} [{place}] says {number}, which [{source}] does not print: {', '.join(elsewhere)}")
    return rows, faults


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tests.robustness", description=__doc__)
    parser.add_argument(
        "notebook", nargs="?", default="", help="such as 08_capacity; all notebooks and presets without"
    )
    parser.add_argument(
        "--only",
        nargs="*",
        metavar="VARIANT",
        choices=[variant.name for variant in VARIANTS],
        help="such as SSE: compare the plain run with these only",
    )
    options = parser.parse_args(arguments)
    variants, paths = VARIANTS, notebooks(options.notebook)
    if options.only is not None:
        variants = [variant for variant in VARIANTS if variant is VARIANTS[0] or variant.name in options.only]
    if not paths:
        parser.error(f"no notebook {options.notebook!r}; there are: {', '.join(path.stem for path in notebooks())}")

    table, faults = [], []
    with ProcessPoolExecutor(2) as pool:
        runs = {path: [pool.submit(execute, path, variant) for variant in variants] for path in paths}
        for path, futures in runs.items():
            name, notebook = path.relative_to(BOOK).with_suffix(""), nbformat.read(path, as_version=4)
            rows, found = compare(name, notebook, variants, [future.result() for future in futures])
            print(f"{path.relative_to(BOOK)}: {len(found)} faults" if found else path.relative_to(BOOK), flush=True)
            table, faults = table + rows, faults + found
    print_table([["", *(variant.name for variant in variants)], *table])
    faults += [] if options.notebook else presets.check()
    print(*faults, f"{len(faults)} faults" if faults else "Everything holds under every variant.", sep="\n")
    return 1 if faults else 0


def print_table(rows):
    """Print rows of equally many texts in columns."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip())


if __name__ == "__main__":
    sys.exit(main())
