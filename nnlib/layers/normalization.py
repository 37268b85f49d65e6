"""Layers that behave differently in training and in use: Dropout and BatchNorm.

In training both look at more than the sample itself, at random masks or at the rest of the batch;
in use their answer depends on the sample alone.
"""

from __future__ import annotations

import numpy as np

from nnlib.layers.layer import Layer, Space, share


class Dropout(Layer):
    """Inverted dropout: in training y = x·m/(1 − rate), m being 0 with probability ``rate``, else 1; in use y = x.

    The division keeps every unit's mean, E[y] = x, so that nothing changes in use. It does not keep
    the variance: Var[y] = x²·rate/(1 − rate). Each sample of a batch has a mask of its own, drawn anew
    in every step. Backward, from g = ∂L/∂y: ∂L/∂x = g·m/(1 − rate).

    Source: Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, "Dropout", JMLR 2014.

    Parameters
    ----------
    rate : float
        The probability that a unit is dropped, 0 ≤ rate < 1.
    """

    def __init__(self, rate):
        self.rate = share("a dropout rate", rate)

    def fresh(self):
        return Dropout(self.rate)

    def space(self, n):
        return Space(output=None)

    def forward(self, x, space):
        if space.output is None:
            space.output, space.mask = np.empty_like(x), np.empty_like(x)
        if self.rng is None:
            raise ValueError("Dropout draws masks in training: pass rng=np.random.default_rng(0)")
        np.greater_equal(self.rng.random(x.shape), self.rate, out=space.mask, casting="unsafe")
        space.mask *= 1 / (1 - self.rate)
        return np.multiply(x, space.mask, out=space.output)

    def backward(self, g, space, first=False):
        return np.multiply(g, space.mask, out=g)

    def __call__(self, x):
        return x

    def __repr__(self):
        return f"Dropout({self.rate:g})"


class BatchNorm(Layer):
    """Batch normalisation: x̂ = (x − μ)/√(σ² + ε), y = γ x̂ + β, for each feature, or each channel of pictures.

    In training μ and σ² are the mean and the variance (over m values, divided by m) of the batch; for pictures a
    channel's values are those of all places of all samples. In use they are running averages,
    ``running ← (1 − momentum)·running + momentum·new``, where the new variance is divided by m − 1;
    a batch with m = 1 leaves them as they are. γ starts at 1 and β at 0; both are trained, neither is penalised.

    Backward, from g = ∂L/∂y. Directly, ∂L/∂γ = Σ g x̂ and ∂L/∂β = Σ g, sums over the m values. For x write
    h = γ g = ∂L/∂x̂ and s = √(σ² + ε). Every x_j acts on x̂_i in three ways::

        ∂x̂_i/∂x_j = [i = j]/s − (1/s)·∂μ/∂x_j − (x_i − μ)/(2 s³)·∂σ²/∂x_j
                  = ([i = j] − 1/m − x̂_i x̂_j/m)/s

    because ∂μ/∂x_j = 1/m and ∂σ²/∂x_j = 2(x_j − μ)/m. Summed over i with h_i::

        ∂L/∂x_j = (h_j − mean(h) − x̂_j·mean(h x̂))/s = (γ/s)·(g_j − (∂L/∂β)/m − x̂_j (∂L/∂γ)/m)

    The gradient has mean 0 and no part along x̂: moving or stretching a whole feature cannot help, since
    normalisation would undo it.

    Source: Ioffe & Szegedy, "Batch normalization", ICML 2015.

    Parameters
    ----------
    momentum : float
        The share of a new batch in the running averages, 0 ≤ momentum < 1 (PyTorch's convention).
    epsilon : float
        Keeps the division safe where a feature is constant.

    Raises
    ------
    ValueError
        For a momentum or an epsilon out of range.
    """

    def __init__(self, momentum=0.1, epsilon=1e-5):
        self.momentum, self.epsilon = share("momentum", momentum), epsilon
        if not 0 < epsilon < 1:
            raise ValueError(f"epsilon must be a small positive number, not {epsilon!r}")

    def fresh(self):
        return BatchNorm(self.momentum, self.epsilon)

    def _connect(self, shape):
        self.features = shape[0]
        self.size = self.statistics_size = 2 * self.features
        self._others = (0, *range(2, 1 + len(shape)))  # the axes that a feature's values are spread over
        self._column = (slice(None), *[None] * (len(shape) - 1))  # makes (features,) broadcast along them
        return shape

    def bind(self, parameters, gradient, statistics):
        self.gamma, self.beta = np.split(parameters, 2)
        self.gamma_gradient, self.beta_gradient = np.split(gradient, 2)
        self.running_mean, self.running_variance = np.split(statistics, 2)

    def initialize(self, initializer, bias, rng):
        self.gamma[...] = self.running_variance[...] = 1
        self.beta[...] = self.running_mean[...] = 0

    def space(self, n):
        return Space(normed=None)

    def forward(self, x, space):
        if space.normed is None:  # made like x, whose axes may lie in memory in another order
            space.normed, space.scratch, space.output = (np.empty_like(x) for _ in range(3))
        m = x.size // self.features
        mean = x.mean(axis=self._others)
        normed = np.subtract(x, mean[self._column], out=space.normed)
        variance = np.multiply(normed, normed, out=space.scratch).mean(axis=self._others)
        space.inverse = 1 / np.sqrt(variance + self.epsilon)
        normed *= space.inverse[self._column]
        if m > 1:
            self.running_mean += self.momentum * (mean - self.running_mean)
            self.running_variance += self.momentum * (variance * (m / (m - 1)) - self.running_variance)
        np.multiply(normed, self.gamma[self._column], out=space.output)
        space.output += self.beta[self._column]
        return space.output

    def backward(self, g, space, first=False):
        normed = space.normed
        m = g.size // self.features
        np.multiply(g, normed, out=space.scratch).sum(axis=self._others, out=self.gamma_gradient)
        g.sum(axis=self._others, out=self.beta_gradient)
        if first:
            return None
        normed *= (self.gamma_gradient / m)[self._column]
        normed += (self.beta_gradient / m)[self._column]
        g -= normed
        g *= (self.gamma * space.inverse)[self._column]
        return g

    def __call__(self, x):
        scale = self.gamma / np.sqrt(self.running_variance + self.epsilon)
        return x * scale[self._column] + (self.beta - self.running_mean * scale)[self._column]
