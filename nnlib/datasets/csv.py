"""A reader's own points, from a CSV file or text.

One sample a row, coordinates first, label or value in the last column. Whatever is wrong is said
with the row and column where it stands, counted from 1 as a spreadsheet counts them.
"""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import numpy as np

from nnlib.datasets.dataset import TASKS, Dataset
from nnlib.wording import counted

_MOST_CLASSES = 10


def from_csv(source, task=None):
    """Return the Dataset of a CSV table: columns x, y and perhaps more, the label or value last.

    Parameters
    ----------
    source : str, pathlib.Path or open file
        A path, or the text itself, recognised by its line break. Cells are separated by commas,
        semicolons or tabs; the first row may be a header; empty lines are skipped.
    task : {"binary", "multiclass", "regression"}, optional
        Without it the last column decides. Names are classes; so are whole numbers if at most ten
        different ones occur; other numbers are a regression. Classes are sorted. Two are binary, the
        first of them −1; more are numbered from 0.

    Raises
    ------
    ValueError
        If the table is empty or ragged, a cell is not a finite number (the first bad cell is named),
        or the labels do not make up the task, such as one class only.
    FileNotFoundError
        If there is no such file.
    """
    if task is not None and task not in TASKS:
        raise ValueError(f"task must be one of {', '.join(TASKS)}, not {task!r}")
    rows = _rows(_text(source))
    has_header = bool(rows) and len(rows[0][1]) > 1 and all(_number(cell) is None for cell in rows[0][1][:-1])
    if len(rows) == has_header:
        raise ValueError("the CSV holds no samples" + (", only a header" if has_header else ""))
    first_row, cells = rows[0]
    if len(cells) < 2:
        raise ValueError(f"row {first_row} has 1 cell; coordinates are needed, and a label or value in the last column")
    titles = cells if has_header else [""] * len(cells)
    columns = [title or f"x{j + 1}" for j, title in enumerate(titles[:-1])] + [titles[-1] or "value"]
    table = [_checked(row, cells, columns, first_row) for row, cells in rows[has_header:]]
    X = np.array([[_number(cell) for cell in cells[:-1]] for _, cells in table])
    y, task, names = _targets([(row, cells[-1]) for row, cells in table], task, columns)
    return Dataset(X, y, task, names, features=tuple(columns[:-1]))


def _text(source):
    if isinstance(source, str) and ("\n" in source or not source.strip()):
        return source
    try:
        read = source.read() if hasattr(source, "read") else Path(source).read_bytes()
        return read.decode("utf-8-sig") if isinstance(read, bytes) else read
    except FileNotFoundError:
        raise FileNotFoundError(f"there is no file {str(source)!r} (CSV text itself needs a line break)") from None
    except UnicodeDecodeError:
        raise ValueError("the CSV is not text in UTF-8; save it again as 'CSV UTF-8'") from None


def _rows(text):
    """Return (row number, stripped cells) of every row that is not empty."""
    text = text.lstrip("\ufeff")
    start = text.lstrip().partition("\n")[0]
    delimiter = next((mark for mark in "\t;" if mark in start), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    try:
        numbered = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise ValueError(f"row {reader.line_num} cannot be read as CSV: {error}") from None
    return [(row, cells) for row, cells in numbered if any(cells)]


def _number(cell):
    """Return the cell as a float, perhaps not finite; None if it is not a number. "−" is read as "-"."""
    try:
        return None if "_" in cell else float(cell.replace("−", "-"))
    except ValueError:
        return None


def _checked(row, cells, columns, first_row):
    """Return (row, cells) if the row is as long as the first and its coordinates are finite numbers."""
    if len(cells) != len(columns):
        raise ValueError(f"row {row} has {counted(len(cells), 'cell')}, but row {first_row} has {len(columns)}")
    for j, cell in enumerate(cells):
        number = _number(cell)
        if not cell:
            raise ValueError(f"{_place(row, j, columns)} is empty")
        if number is None and j < len(columns) - 1:
            hint = "; write decimals with a point" if "," in cell else ""
            raise ValueError(f"{_place(row, j, columns)} is not a number: {cell!r}{hint}")
        if number is not None and not math.isfinite(number):
            raise ValueError(f"{_place(row, j, columns)} is not a finite number: {cell!r}")
    return row, cells


def _place(row, j, columns):
    return f"row {row}, column {j + 1} ({columns[j]})"


def _targets(cells, task, columns):
    """Return (y, task, names) of the last column, given as (row, cell)."""
    numbers = [_number(cell) for _, cell in cells]
    last = len(columns) - 1
    numeric = numbers[0] is not None
    for (row, cell), number in zip(cells, numbers):
        if (number is not None) != numeric or (task == "regression" and number is None):
            kind = "a number like the others above" if numeric else "a name like the others above"
            kind = "a number" if task == "regression" else kind
            raise ValueError(f"{_place(row, last, columns)} is not {kind}: {cell!r}")
    values = numbers if numeric else [cell for _, cell in cells]
    found = sorted(set(values))
    if task is None and numeric and (len(found) > _MOST_CLASSES or any(v != math.floor(v) for v in found)):
        task = "regression"
    if task == "regression":
        return np.array(values), task, (columns[last],)
    if len(found) < 2:
        raise ValueError(f"every row has the label {cells[0][1]!r}; at least two classes are needed")
    if task == "binary" and len(found) > 2:
        third = next(i for i in range(len(values)) if len(set(values[: i + 1])) > 2)
        raise ValueError(
            f"{_place(cells[third][0], last, columns)} is a third label, {cells[third][1]!r}: binary has two"
        )
    if task is None:
        if len(found) > _MOST_CLASSES:
            raise ValueError(
                f"column {last + 1} ({columns[last]}) holds {len(found)} names; up to {_MOST_CLASSES} are classes"
            )
        task = "binary" if len(found) == 2 else "multiclass"
    index = np.array([found.index(value) for value in values])
    if found == [-1, 1]:
        names = ("−1", "+1")
    else:
        names = tuple(f"{value:g}".replace("-", "−") if numeric else value for value in found)
    return (2.0 * index - 1 if task == "binary" else index), task, names
