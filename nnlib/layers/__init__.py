"""Layers: what a network is stacked from, with forward and backward side by side.

Between layers, arrays have the shape (n, …): (n, d) for rows, (n, C, H, W) for pictures of C channels.
"""

from nnlib.layers.convolution import Conv2D, convolve
from nnlib.layers.dense import Activate, Dense, Flatten, as_layer
from nnlib.layers.layer import Layer, Space, bind_in_a_row, mark_in_a_row, share, whole
from nnlib.layers.normalization import BatchNorm, Dropout
from nnlib.layers.pooling import AveragePool2D, MaxPool2D
from nnlib.layers.residual import Residual

__all__ = [
    "Activate",
    "AveragePool2D",
    "BatchNorm",
    "Conv2D",
    "Dense",
    "Dropout",
    "Flatten",
    "Layer",
    "MaxPool2D",
    "Residual",
    "Space",
    "as_layer",
    "bind_in_a_row",
    "convolve",
    "mark_in_a_row",
    "share",
    "whole",
]
