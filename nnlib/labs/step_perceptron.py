"""The perceptron lab: Rosenblatt's rule look by look, with the mistakes counted against their bound."""

from __future__ import annotations

import math

import numpy as np

from nnlib.labs.lab import make
from nnlib.labs.scene import ScenePlan
from nnlib.labs.settings import Field
from nnlib.perceptron import best_separator, learn, truth_table
from nnlib.plots import style
from nnlib.random import CounterGenerator
from nnlib.wording import counted

#: The plane goes from −PLANE to PLANE; points lie on a grid of 1/GRID, so that with η a power of two every number of
#: a run is exact, and a score of exactly 0 is 0 in the page too.
PLANE, GRID = 3, 8
PASSES = 100
MOST_POINTS = 40
_COUNT = 20
_GATES = ("and", "or", "xor")


def snap(value):
    """Return the nearest number of the grid within the plane."""
    return min(PLANE, max(-PLANE, math.floor(value * GRID + 0.5) / GRID))


def _clouds(rng):
    u = rng.uniform(-1.0, 1.0, 2 * _COUNT)
    labels = [1 if i % 2 else -1 for i in range(_COUNT)]
    return [
        (snap(0.75 * u[2 * i] + label + 0.75), snap(2.25 * u[2 * i + 1] + 0.25 * label), label)
        for i, label in enumerate(labels)
    ]


def _narrow(rng):
    points = []
    while len(points) < _COUNT:
        x1, x2 = map(snap, rng.uniform(-2.5, 2.5, 2))
        side = x1 + 2 * x2 - 0.5
        if 0.25 <= abs(side) <= 2:
            points.append((x1, x2, 1 if side > 0 else -1))
    return points


def points_of(settings):
    """Return (X, y) of the settings: the named points, or the reader's own."""
    if settings.point_set in _GATES:
        data = truth_table(settings.point_set)
        return data.X, data.y
    if settings.point_set == "own":
        points = read_points(settings.own)
    else:
        points = (_narrow if settings.point_set == "narrow" else _clouds)(CounterGenerator(settings.seed, "data"))
    rows = np.array(points, dtype=float).reshape(-1, 3)
    return rows[:, :2], rows[:, 2]


def read_points(text):
    """Return [(x₁, x₂, label), …] from ``"1 0.5 +1; …"``; ValueError names the point that cannot be read."""
    points = []
    for number, part in enumerate((part for part in text.split(";") if part.strip()), start=1):
        try:
            x1, x2, label = map(float, part.split())
            if not (math.isfinite(x1) and math.isfinite(x2) and label in (-1, 1)):
                raise ValueError
        except ValueError:
            raise ValueError(
                f"own: point {number} must be two numbers and a label −1 or 1, such as 1 0.5 -1, not {part.strip()!r}"
            ) from None
        points.append((snap(x1), snap(x2), int(label)))
    if len(points) > MOST_POINTS:
        raise ValueError(f"own: up to {MOST_POINTS} points, not {len(points)}")
    return points


def _check_own(text):
    return "; ".join(f"{x1:g} {x2:g} {label}" for x1, x2, label in read_points(text))


def looks(settings):
    """Return all steps of :func:`nnlib.perceptron.learn` that these settings can show; none with one class only."""
    X, y = points_of(settings)
    if len(set(y)) < 2:
        return []
    rng = CounterGenerator(settings.seed, "order") if settings.shuffle else None
    return list(learn(X, y, learning_rate=settings.learning_rate, passes=PASSES, rng=rng))


def numbers(settings):
    """Return what the lab shows as numbers."""
    X, y = points_of(settings)
    steps = looks(settings)
    step = min(settings.step, len(steps))
    last = steps[step - 1] if step else None
    w, b = (last.w, last.b) if last else (np.zeros(2), 0.0)
    separator = best_separator(X, y) if steps else None
    radius, gamma = None, None
    if separator:
        radius = math.sqrt(float((np.square(X).sum(axis=1) + 1).max()))
        gamma = float((y * (X @ separator[0] + separator[1])).min())
    return {
        "step": step,
        "epoch": last.epoch if last else None,
        "sample": last.sample if last else None,
        "score": last.score if last else None,
        "mistakes": last.mistakes if last else 0,
        "w1": float(w[0]),
        "w2": float(w[1]),
        "b": float(b),
        "wrong": int(((X @ w + b >= 0) != (y > 0)).sum()),
        "radius": radius,
        "gamma": gamma,
        "bound": (radius / gamma) ** 2 if separator else None,
    }


def describe(settings):
    """Return what the lab shows, in words."""
    X, _ = points_of(settings)
    shown, steps = numbers(settings), looks(settings)
    text = f"A perceptron on {counted(len(X), 'point')} ({settings.point_set})"
    if not steps:
        return f"{text}: the rule needs points of both classes."
    text += (
        f" after {counted(shown['step'], 'look')}: w = ({shown['w1']:g}, {shown['w2']:g}), b = {shown['b']:g}, "
        f"{counted(shown['mistakes'], 'mistake')} so far, {counted(shown['wrong'], 'point')} on the wrong side."
    )
    if shown["bound"]:
        most = counted(math.floor(shown["bound"] + 1e-9), "mistake")
        text += f" No order of the points can bring more than {most}."
    else:
        text += " No line separates these points."
    ending = steps[-1].ending if shown["step"] == len(steps) else ""
    return f"{text} {ending}".strip()


def draw(settings):
    """Return a figure: the points, the line and w."""
    X, y = points_of(settings)
    shown = numbers(settings)
    w, b = np.array([shown["w1"], shown["w2"]]), shown["b"]
    ax = style.new_axes(5, 5)
    for label, k in ((-1, 0), (1, 1)):
        rows = X[y == label]
        ax.scatter(
            *rows.T,
            marker=style.MARKERS[k],
            s=48 * style.MARKER_SIZES[k],
            color=style.POINTS[k],
            label=f"y = {label:+d}",
        )
    norm = np.linalg.norm(w)
    if norm:
        foot, along = -b * w / norm**2, np.array([-w[1], w[0]]) / norm
        ends = np.array([foot - 10 * along, foot + 10 * along])
        ax.plot(*ends.T, color=style.INK, linewidth=2, label="w·x + b = 0")
        tip = foot + 0.9 * w / norm
        ax.annotate("", tip, foot, arrowprops={"arrowstyle": "-|>", "color": style.ACCENT, "linewidth": 2})
        ax.annotate("w", foot + 1.15 * w / norm, color=style.ACCENT, ha="center", va="center")
    style.quiet(ax)
    ax.set(xlim=(-PLANE, PLANE), ylim=(-PLANE, PLANE), xlabel="x₁", ylabel="x₂", aspect="equal")
    ax.set_title(f"after {counted(shown['step'], 'look')} and {counted(shown['mistakes'], 'mistake')}", size="medium")
    if len(X):
        ax.legend(loc="upper left", fontsize="small")
    return ax.figure


def script(settings):
    """Return a script that prints :func:`numbers`."""
    X, y = points_of(settings)
    if len(set(y)) < 2:
        raise ValueError("the perceptron rule needs points of both classes; add some to get a script")
    shuffle = f', rng=CounterGenerator({settings.seed}, "order")' if settings.shuffle else ""
    return f"""\
from itertools import islice

import numpy as np

from nnlib.perceptron import best_separator, learn, mistake_bound
from nnlib.random import CounterGenerator

X = np.array({X.tolist()})
y = np.array({y.tolist()})
w, b, mistakes, step = np.zeros(2), 0.0, 0, 0
looks = learn(X, y, learning_rate={settings.learning_rate}, passes={PASSES}{shuffle})
for look in islice(looks, {settings.step}):
    w, b, mistakes, step = look.w, look.b, look.mistakes, look.step
print("step", step)
if step:
    print("epoch", look.epoch)
    print("sample", look.sample)
    print("score", look.score)
print("mistakes", mistakes)
print("w1", w[0])
print("w2", w[1])
print("b", b)
print("wrong", int(((X @ w + b >= 0) != (y > 0)).sum()))
separator = best_separator(X, y)  # None where no line separates the classes
if separator:
    best_w, best_b = separator
    print("radius", np.sqrt((np.square(X).sum(axis=1) + 1).max()))
    print("gamma", (y * (X @ best_w + best_b)).min())
    print("bound", mistake_bound(X, y, best_w, best_b))
"""


PERCEPTRON = ScenePlan(
    name="perceptron",
    specs={
        "point_set": Field("name", ("clouds", "narrow", "and", "or", "xor", "own")),
        "learning_rate": Field("scale", (0.25, 0.5, 1.0, 2.0), minimum=0.001, maximum=100.0),
        "shuffle": Field("switch"),
        "seed": Field("integer", maximum=9_999),
        "step": Field("integer", maximum=PASSES * MOST_POINTS, typed=True),
        "own": Field("text", check=_check_own),
    },
    groups={"group_points": ("point_set", "own", "seed"), "group_rule": ("learning_rate", "shuffle", "step")},
    values={
        "start": {"point_set": "clouds", "learning_rate": 1.0, "shuffle": False, "seed": 9, "step": 0, "own": ""},
        "narrow": {"point_set": "narrow", "seed": 6, "step": 0},
        "and": {"point_set": "and", "step": 0},
        "or": {"point_set": "or", "step": 0},
        "xor": {"point_set": "xor", "step": 0},
    },
    numbers=numbers,
    describe=describe,
    draw=draw,
    scripts={"nnlib": script},
)


def perceptron(preset="start", **settings):
    """Show the perceptron lab: the learning rule look by look, w as it turns, and the mistakes against their bound.

    Parameters
    ----------
    preset : str
        Where to begin: ``"start"`` (two clouds), ``"narrow"`` (a small margin), ``"and"``, ``"or"`` or ``"xor"``.
    **settings
        ``point_set`` (also ``"own"``, with ``own="1 0.5 1; -1 0 -1"``: x₁, x₂ and label of each point),
        ``learning_rate``, ``shuffle``, ``seed``, and ``step``, the number of looks.

    Returns
    -------
    SceneLab

    Raises
    ------
    ValueError
        For a preset or setting that does not exist, or a value it does not allow.
    """
    return make(PERCEPTRON, preset, **settings)
