"""Execute a notebook under a variant, and keep what each cell printed and whether it failed."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

ROOT = Path(__file__).parents[2]

#: Seconds that a cell may take: two notebooks at once, on slow cores.
LONGEST = 900

#: The cell before the first one; the name keeps what is entered from being collected, which would end it.
_PERTURB = "from tests.robustness.perturbing import perturbed\n_entered = perturbed({})\n_entered.__enter__()"

_ADDRESS = re.compile(r"0x[0-9a-f]{6,}")


@dataclass(frozen=True)
class Cell:
    """What a code cell did: its printed text, and the error that ended it, if any (``"AssertionError: …"``)."""

    printed: str
    error: str = ""


def execute(path, variant):
    """Return {place of a code cell: Cell} of the notebook under the variant.

    A failing cell does not end it. One that takes too long or ends the kernel does; those behind it print nothing.
    """
    notebook = nbformat.read(path, as_version=4)
    if variant.perturbation:
        notebook.cells.insert(0, nbformat.v4.new_code_cell(_PERTURB.format(variant.perturbation)))
    environment = {**os.environ, "NNLIB_HEADLESS": "1", "PYTHONPATH": str(ROOT), **variant.environment}
    client = NotebookClient(
        notebook, timeout=LONGEST, allow_errors=True, resources={"metadata": {"path": str(Path(path).parent)}}
    )
    ended = ""
    try:
        # A kernel's log is nobody's business here; a kernel that dies is told below.
        client.execute(env=environment, stderr=subprocess.DEVNULL)
    except (CellTimeoutError, DeadKernelError) as error:
        ended = str(error).strip().splitlines()[0]
    cells = notebook.cells[1:] if variant.perturbation else notebook.cells
    found = {place: _cell(cell) for place, cell in enumerate(cells) if cell.cell_type == "code"}
    if ended:
        begun = [place for place in found if "execution" in cells[place].metadata]  # the client's notes on times
        last = max(begun, default=min(found))
        found[last] = Cell(found[last].printed, ended)
    return found


def _cell(cell):
    errors = [output for output in cell.outputs if output.output_type == "error"]
    error = f"{errors[0].ename}: {errors[0].evalue}".strip(": \n").splitlines()[0] if errors else ""
    printed = "".join(map(_text, cell.outputs))
    return Cell(_ADDRESS.sub("0x…", printed), error)


def _text(output):
    """Return what a reader of an output is told: printed text, a table, a value, the description of a lab's picture."""
    if output.output_type == "stream":
        return output.text
    if output.output_type not in ("display_data", "execute_result"):
        return ""
    described = output.metadata.get("image/png", {}).get("alt")
    return (described or output.data.get("text/markdown") or output.data.get("text/plain", "")) + "\n"
