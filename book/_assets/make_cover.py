"""Draw the book's cover, ``card.png``: the spiral as a trained network sees it, layer by layer. Run from anywhere."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import nnlib
from nnlib.plots import style
from nnlib.random import CounterGenerator

INK, GROUND, ORANGE, BLUE = "#16202b", "#f5f7f9", "#d9661b", "#1f77b4"
SEED = 11


def trained():
    """Return data and network of the capacity lab's preset that solves the spiral."""
    data = nnlib.datasets.spiral(rng=CounterGenerator(SEED, "data")).split(0.5, rng=CounterGenerator(SEED, "split"))
    net = nnlib.mlp(
        [2, 8, 8, 1], activation="tanh", output="tanh", init="xavier_uniform", rng=CounterGenerator(SEED, "weights")
    )
    how = {"optimizer": "nesterov", "learning_rate": 0.03, "l2": 0.0001, "batch_size": 50, "epochs": 600}
    *_, last = nnlib.train(net, data, loss="half_mse", rng=CounterGenerator(SEED, "order"), **how)
    assert last.test_loss < 0.05
    return data, net


def maps(net, side):
    """Return, layer by layer, what each unit says of a square of the plane: arrays (side, side) in −1 … 1."""
    x = np.linspace(-6, 6, side)
    h = np.stack(np.meshgrid(x, -x), axis=-1).reshape(-1, 2)
    columns = [h / 6]
    for layer in net.layers:
        h = layer(h)
        if not isinstance(layer, nnlib.layers.Dense):
            columns.append(h)
    return [[unit.reshape(side, side) for unit in column.T] for column in columns]


def draw(path):
    """Write the cover, 1200 × 630 pixels: title at the left, network and output at the right."""
    data, net = trained()
    columns = maps(net, 300)
    figure = plt.figure(figsize=(12, 6.3), dpi=100, facecolor=GROUND)
    colours = {"cmap": style.DIVERGING, "vmin": -1.25, "vmax": 1.25, "extent": (-6, 6, -6, 6)}
    lines = figure.add_axes((0, 0, 1, 1), xlim=(0, 12), ylim=(0, 6.3), zorder=1)
    lines.axis("off")
    places = []
    for k, column in enumerate(columns[:-1]):
        size = 0.44
        gap = 0.58
        ys = 3.15 + gap * (np.arange(len(column))[::-1] - (len(column) - 1) / 2)
        places.append([(5.6 + 1.35 * k, y) for y in ys])
        for (x, y), unit in zip(places[-1], column):
            ax = figure.add_axes(((x - size / 2) / 12, (y - size / 2) / 6.3, size / 12, size / 6.3), zorder=3)
            ax.imshow(unit, **colours)
            ax.set(xticks=[], yticks=[])
    dense = [layer for layer in net.layers if isinstance(layer, nnlib.layers.Dense)]
    for left, right, layer in zip(places, places[1:], dense):
        for i, (x0, y0) in enumerate(left):
            for j, (x1, y1) in enumerate(right):
                w = layer.W[i, j]
                look = {"color": BLUE if w > 0 else ORANGE, "linewidth": min(3, 0.25 + 0.5 * abs(w)), "alpha": 0.6}
                lines.plot([x0, x1], [y0, y1], **look)
    ax = figure.add_axes((8.95 / 12, 1.75 / 6.3, 2.8 / 12, 2.8 / 6.3), zorder=3)
    ax.imshow(columns[-1][0], **colours)
    for label, colour, marker in ((-1, ORANGE, "^"), (1, BLUE, "o")):
        ax.scatter(*data.X[data.y == label].T, s=9, marker=marker, color=colour, edgecolor="white", linewidth=0.3)
    ax.set(xticks=[], yticks=[])
    text = {"color": INK, "family": "DejaVu Sans"}
    figure.text(0.055, 0.62, "From Neuron\nto Network", fontsize=38, weight="bold", linespacing=1.15, **text)
    figure.text(0.057, 0.44, "A textbook that runs", fontsize=20, **text)
    figure.text(0.057, 0.36, "Derive it. Check it. Move the slider.", fontsize=14, alpha=0.75, **text)
    figure.savefig(path)


if __name__ == "__main__":
    draw(Path(__file__).with_name("card.png"))
