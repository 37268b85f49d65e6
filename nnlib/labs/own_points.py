"""A reader's own points: what they may be, the data set they make, and how a link and a script carry them.

A point is ``(x1, x2, label, place)``. Its *place*, 0 … 99, says how far from the front of the queue for
training it stands: it trains while it lies below the training share in percent, and is a test point
otherwise. So a point keeps its part whatever is added, moved or deleted around it, and the share
still moves points between the parts. A copied toy set gets the places of its own shuffled
order: its parts are those of the toy set, at every share.

``web/own_points.js`` is the twin.
"""

from __future__ import annotations

import math
import re
from numbers import Real

from nnlib.datasets.dataset import Dataset
from nnlib.labs.messages import MESSAGES

EXTENT = 6.0  # coordinates, and the values of a regression, lie between −EXTENT and EXTENT
MOST = 2000
MOST_CLASSES = 4

#: What ``points_task`` may be; "auto" goes by the labels.
TASKS = ("auto", "binary", "multiclass", "regression")

#: A point's place from its number, where it has none: multiples of the golden ratio fill the queue evenly.
_GOLDEN = 0.6180339887498949
_PLACES = 100

#: Data outside the square, or crowded on less than a speck of it, are shifted and scaled to these ends.
_SPECK = 0.1
_COORDINATE_ENDS, _VALUE_ENDS = 5.0, 1.0


class Points(tuple):
    """Checked points, ((x1, x2, label, place), …): they need not be checked again with every change of a setting."""


def check_points(points):
    """Return the points as :class:`Points`, numbers rounded to 3 decimals; a point without a place gets one.

    Raises
    ------
    ValueError
        If there are too many, or one is not three or four finite numbers within bounds (names the first).
    """
    if isinstance(points, Points):
        return points
    try:
        rows = [tuple(point) for point in points]
    except TypeError:
        raise ValueError(f"points must be a list of (x1, x2, label), not {points!r:.80}") from None
    if len(rows) > MOST:
        raise ValueError(f"points holds {len(rows)} points; a lab takes up to {MOST}")
    return Points(_checked(number, row) for number, row in enumerate(rows, 1))


def _checked(number, row):
    if len(row) == 3:
        row = (*row, place_of(number - 1))
    if len(row) != 4:
        raise ValueError(f"point {number} must be (x1, x2, label), not {row!r:.80}")
    for name, value in zip(("x1", "x2", "label", "place"), row):
        if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
            raise ValueError(f"{name} of point {number} must be a number, not {value!r:.40}")
        if name != "place" and not -EXTENT <= value <= EXTENT:
            raise ValueError(f"{name} of point {number} must lie between −6 and 6, not {value:g}")
    place = row[3]
    if place != math.floor(place) or not 0 <= place < _PLACES:
        raise ValueError(f"place of point {number} must be a whole number from 0 to 99, not {place:g}")
    return (*(round3(value) for value in row[:3]), int(place))


def round3(value):
    """Return the number with 3 decimals, halves up, as JavaScript's Math.round does; never −0."""
    return math.floor(float(value) * 1000 + 0.5) / 1000 + 0.0


def place_of(index):
    """Return the place of a new point when there are ``index`` others; the first of all is for training."""
    return math.floor(_PLACES * ((_GOLDEN * index) % 1))


def task_of(points, task="auto"):
    """Return what is learned: "auto" goes by the labels: −1 and +1, or whole numbers from 0 to 3, or values."""
    if task != "auto":
        return task
    labels = {point[2] for point in points}
    if labels <= {-1, 1}:
        return "binary"
    return "multiclass" if labels <= set(range(MOST_CLASSES)) else "regression"


def problem_of(points, task="auto"):
    """Return a sentence that says why these points cannot be learned from; None if they can."""
    task, count = task_of(points, task), len(points)
    if count < 2:
        return MESSAGES["own_one" if count else "own_none"]
    if task == "regression":
        return None
    allowed = {-1, 1} if task == "binary" else set(range(MOST_CLASSES))
    for number, (_, _, label, _) in enumerate(points, 1):
        if label not in allowed:
            return MESSAGES[f"own_label_{task}"].format(number=number, label=_text(label))
    if len({point[2] for point in points}) < 2:
        return MESSAGES["own_one_class"].format(count=count, label=_text(points[0][2]))
    return None


def _text(label):
    return f"{label:g}".replace("-", "−")


def parts_of(points, train_share):
    """Return (training points, test points), each in the order of the list; two points or more fill both."""
    trains = [place + 0.5 < _PLACES * train_share for _, _, _, place in points]
    if len(points) > 1 and not any(trains):
        trains[min(range(len(points)), key=lambda i: points[i][3])] = True
    if len(points) > 1 and all(trains):
        trains[max(range(len(points)), key=lambda i: (points[i][3], i))] = False
    return (
        [point for point, trained in zip(points, trains) if trained],
        [point for point, trained in zip(points, trains) if not trained],
    )


def own_data(settings):
    """Return the Dataset of the settings' own points, with its test part; ValueError says why there is none."""
    problem = problem_of(settings.points, settings.points_task)
    if problem:
        raise ValueError(problem)
    task = task_of(settings.points, settings.points_task)
    (X, y), (X_test, y_test) = (
        ([point[:2] for point in part], [point[2] for point in part])
        for part in parts_of(settings.points, settings.train_share)
    )
    return Dataset(X, y, task, X_test=X_test, y_test=y_test, features=("x₁", "x₂"))


def copy_points(data):
    """Return (points, task) of a data set in the plane that has been split: what an editor begins with.

    Coordinates beyond the square, which noise leaves there, are put on its edge.
    """
    rows = [(*x, label) for x, label in zip(data.X.tolist(), data.y.tolist())]
    rows += [(*x, label) for x, label in zip(data.X_test.tolist(), data.y_test.tolist())]
    inside = (tuple(min(EXTENT, max(-EXTENT, value)) for value in row) for row in rows)
    return check_points((*row, _PLACES * i // len(rows)) for i, row in enumerate(inside)), data.task


def from_data(data):
    """Return (points, task, remarks) of a Dataset in the plane, such as :func:`nnlib.datasets.from_csv` gives.

    Columns that do not fit the square are shifted and scaled; each remark says so of one column.

    Raises
    ------
    ValueError
        If there are not two coordinates, too many points or too many classes.
    """
    if data.X.shape[1] != 2:
        raise ValueError(MESSAGES["csv_columns"].format(count=data.X.shape[1] + 1))
    if len(data.X) > MOST:
        raise ValueError(MESSAGES["csv_many"].format(count=len(data.X), most=MOST))
    if data.task == "multiclass" and data.classes > MOST_CLASSES:
        raise ValueError(MESSAGES["csv_classes"].format(count=data.classes, most=MOST_CLASSES))
    columns = [data.X[:, 0].tolist(), data.X[:, 1].tolist(), data.y.tolist()]
    names, remarks = [*data.features, data.names[0]], []
    for j, ends in enumerate((_COORDINATE_ENDS, _COORDINATE_ENDS, _VALUE_ENDS)):
        if j < 2 or data.task == "regression":
            columns[j], remark = _fitted(columns[j], names[j], ends)
            remarks += remark
    return check_points(zip(*columns)), data.task, remarks


def _fitted(column, name, ends):
    """Return the column, shifted and scaled to −ends … ends where it does not fit, and what to say of it."""
    low, high = min(column), max(column)
    crowded = 0 < high - low < _SPECK
    if low >= -EXTENT and high <= EXTENT and not crowded:
        return column, []
    middle, half = low / 2 + high / 2, (high / 2 - low / 2) or 1.0
    fitted = [max(-ends, min(ends, ends * ((value - middle) / half))) for value in column]
    values = {"name": name, "low": _text(low), "high": _text(high), "ends": f"{ends:g}"}
    return fitted, [MESSAGES["csv_rescaled"].format(**values)]


# --- in a link: k or v, then for each point x1 and x2 (3 signs each), label (1 or 3) and place (2) ---------------


def encode(points):
    """Return the points as letters and digits, 9 for a point with a class and 11 for one with a value.

    Coordinates are counted in thousandths from −6, to the base 36; after ``k`` a label is one digit, counted from
    −1; after ``v`` a value is written like a coordinate.
    """
    classes = all(label in range(-1, MOST_CLASSES) for _, _, label, _ in points)
    texts = [
        f"{_base36(x1)}{_base36(x2)}{str(int(label) + 1) if classes else _base36(label)}{place:02d}"
        for x1, x2, label, place in points
    ]
    return ("k" if classes else "v") + "".join(texts)


def decode(text):
    """Return the points of :func:`encode`'s text; ValueError if it is damaged."""
    width = {"k": 9, "v": 11}.get(text[:1], 0)
    if not re.fullmatch(r"k([0-9a-z]{6}\d{3})*|v([0-9a-z]{9}\d\d)*", text, re.ASCII):
        raise ValueError("points cannot be read: the link is cut short or damaged")
    points = []
    for start in range(1, len(text), width):
        each = text[start : start + width]
        label = int(each[6]) - 1 if width == 9 else _from36(each[6:9])
        points.append((_from36(each[:3]), _from36(each[3:6]), label, int(each[-2:])))
    return check_points(points)


def _base36(value):
    number, digits = round((value + EXTENT) * 1000), ""
    for _ in range(3):
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits


def _from36(text):
    return (int(text, 36) - 6000) / 1000


# --- in a script ------------------------------------------------------------------------------------------------


def script_lines(settings):
    """Return the Python that makes the data set, for a script that stands alone."""
    train, test = parts_of(settings.points, settings.train_share)
    task = task_of(settings.points, settings.points_task)
    return f"""\
train = [  # x1, x2, label
{point_table(train)}]
test = [
{point_table(test)}]
data = nnlib.datasets.Dataset(
    [point[:2] for point in train], [point[2] for point in train], "{task}",
    X_test=[point[:2] for point in test], y_test=[point[2] for point in test],
)
"""


def point_table(points):
    """Return the lines of a list of (x1, x2, label)."""
    lines, line = [], "   "
    for x1, x2, label, *_ in points:
        text = f" ({x1:g}, {x2:g}, {label:g}),"
        if len(line) + len(text) > 112:
            lines.append(line)
            line = "   "
        line += text
    return "".join(f"{each}\n" for each in [*lines, line])
