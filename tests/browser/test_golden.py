"""Golden traces: whole runs that the library, the page engine and PyTorch must tell alike.

The library writes some tame runs of 200 steps; Chromium and PyTorch follow them from the same
settings. Losses and all parameters agree to 1e-9 at every tenth step. The runs are tame, because
tanh and exp differ between languages in the last bit and a wild run amplifies that without bound.
"""

import numpy as np
import pytest
import torch

import nnlib
from nnlib.labs.run import Run
from nnlib.labs.settings import Settings
from nnlib.random import CounterGenerator
from tests.browser.test_engine import probe  # noqa: F401 - a fixture
from tests.robustness.presets import PLANS

STEPS, EVERY = 200, 10
TAME = {
    "spiral": Settings(optimizer="sgd", learning_rate=0.03),
    "circle": Settings(
        dataset="circle", noise=0.1, activation="sigmoid", width=6, depth=1, loss="binary_cross_entropy",
        optimizer="adam", learning_rate=0.01, l1=0.001, l2=0.0, batch_size=13, seed=1,
    ),
    "bumps": Settings(
        dataset="bumps", activation="gelu", width=5, depth=3, init="he_normal", loss="huber", optimizer="momentum",
        learning_rate=0.01, l2=0.01, batch_size=30, seed=2,
    ),
    "blobs": Settings(
        dataset="blobs", noise=0.2, activation="softplus", width=7, depth=2, init="xavier_normal", optimizer="adamw",
        learning_rate=0.003, batch_size=20, seed=3,
    ),
    "moons": Settings(
        dataset="moons", noise=0.1, activation="prelu", width=4, depth=2, init="he_uniform", loss="mse",
        optimizer="nesterov", learning_rate=0.003, l1=0.0003, l2=0.001, train_share=0.7, seed=4,
    ),
    "xor": Settings(
        dataset="xor", features=("x1", "x2", "x1_x2", "sin_x1", "sin_x2"), widths=(6, 3, 2),
        activations=("elu", "tanh"), activation="silu", bias=0.1, optimizer="sgd", learning_rate=0.03, seed=5,
    ),
    "rings": Settings(dataset="rings", dropout=0.2, optimizer="momentum", learning_rate=0.003, seed=6),
    "gauss": Settings(
        dataset="gauss", noise=0.3, batch_norm=True, activation="gelu", optimizer="sgd", learning_rate=0.03, seed=7,
    ),
    "checkerboard": Settings(
        dataset="checkerboard", features=("x1", "x2_squared", "x2", "x1_squared"), widths=(5, 4), activation="softplus",
        dropout=0.1, batch_norm=True, loss="hinge", batch_size=20, optimizer="nesterov", learning_rate=0.003, seed=8,
    ),
    "own": Settings(
        dataset="own", points=[(i % 7 - 3, i % 11 / 2 - 2.5, i % 3) for i in range(40)], width=5, depth=1,
        optimizer="sgd", learning_rate=0.01, batch_size=7, train_share=0.3, seed=5,
    ),
}  # fmt: skip

PRESETS = {
    f"{plan.name}, {name}": settings
    for plan in PLANS
    for name, settings in plan.presets.items()
    if name not in plan.sensitive
}


def library_trace(settings):
    """(step, training loss, test loss, parameters and statistics) at every tenth step."""
    run = Run(settings)
    trace = [_point(run)]
    while run.step < STEPS:
        run.advance(EVERY)
        trace.append(_point(run))
    return trace


def _point(run):
    values = np.concatenate([run.network.parameters, run.network.statistics])
    return run.step, run.trainer.train_loss(), run.trainer.test_loss(), values


def assert_same_trace(trace, expected):
    assert len(trace) == len(expected) == STEPS // EVERY + 1
    for (step, *losses, parameters), (expected_step, *expected_losses, expected_parameters) in zip(trace, expected):
        assert step == expected_step
        np.testing.assert_allclose(losses, expected_losses, rtol=0, atol=1e-9, err_msg=f"losses at step {step}")
        np.testing.assert_allclose(
            parameters, expected_parameters, rtol=0, atol=1e-9, err_msg=f"parameters at step {step}"
        )


@pytest.mark.parametrize("name", TAME)
def test_the_page_engine_follows_the_trace(probe, name):  # noqa: F811
    states = probe("trace", {"settings": TAME[name].to_json(), "steps": STEPS, "every": EVERY})
    trace = [
        (each["step"], each["trainLoss"], each["testLoss"], each["parameters"] + each["statistics"]) for each in states
    ]
    assert_same_trace(trace, library_trace(TAME[name]))


@pytest.mark.parametrize("name", PRESETS)
def test_a_tame_preset_ends_alike_in_both_engines(probe, name):  # noqa: F811
    run = Run(PRESETS[name]).to_end()
    script = [["advanceEpochs", PRESETS[name].epochs]]
    [page] = probe("drive", {"settings": PRESETS[name].to_json(), "script": script})
    assert page["step"] == run.step
    assert [page["trainLoss"], page["testLoss"]] == pytest.approx(run.losses(), rel=1e-6)


@pytest.mark.parametrize("name", TAME)
def test_pytorch_follows_the_trace(name):
    assert_same_trace(TorchRun(TAME[name]).trace(), library_trace(TAME[name]))


functional = torch.nn.functional
TORCH_OPTIMIZERS = {
    "sgd": lambda p, rate: torch.optim.SGD(p, rate),
    "momentum": lambda p, rate: torch.optim.SGD(p, rate, momentum=0.9),
    "nesterov": lambda p, rate: torch.optim.SGD(p, rate, momentum=0.9, nesterov=True),
    "adam": lambda p, rate: torch.optim.Adam(p, rate),
}
TORCH_LOSSES = {
    "half_mse": lambda o, y: 0.5 * functional.mse_loss(o[:, 0], y),
    "mse": lambda o, y: functional.mse_loss(o[:, 0], y),
    "huber": lambda o, y: functional.huber_loss(o[:, 0], y),
    "binary_cross_entropy": lambda o, y: functional.binary_cross_entropy_with_logits(o[:, 0], (y + 1) / 2),
    "cross_entropy": functional.cross_entropy,
    "hinge": lambda o, y: functional.relu(1 - y * o[:, 0]).mean(),
}


class Dropout(torch.nn.Module):
    """nn.Dropout with masks from a generator of ours."""

    def __init__(self, rate, rng):
        super().__init__()
        self.rate, self.rng = rate, rng

    def forward(self, x):
        return (
            x * torch.from_numpy(self.rng.random(tuple(x.shape)) >= self.rate) / (1 - self.rate) if self.training else x
        )


class TorchRun:
    """The run of some settings in plain PyTorch; data, initial weights and order come from nnlib."""

    def __init__(self, settings):
        run = Run(settings)
        self.settings = settings
        self.model = nnlib.torch_twin(run.network)
        masks = CounterGenerator(settings.seed, "dropout")
        for i, module in enumerate(self.model):
            if isinstance(module, torch.nn.Dropout):
                self.model[i] = Dropout(module.p, masks)
        self.loss = TORCH_LOSSES[run.trainer.loss.name]
        data = run.inputs
        self.X, self.y, self.X_test, self.y_test = map(torch.from_numpy, (data.X, data.y, data.X_test, data.y_test))
        self.weights = [p for p in self.model.parameters() if p.ndim == 2]
        others = [p for p in self.model.parameters() if p.ndim < 2]
        rate = settings.learning_rate
        if settings.optimizer == "adamw":  # only weights decay
            groups = [{"params": self.weights, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}]
            self.optimizer = torch.optim.AdamW(groups, rate)
        else:
            self.optimizer = TORCH_OPTIMIZERS[settings.optimizer](self.model.parameters(), rate)

    def trace(self):
        step, order = 0, CounterGenerator(self.settings.seed, "order")
        points = [self._point(step)]
        while step < STEPS:
            for batch in torch.from_numpy(order.permutation(len(self.X))).split(self.settings.batch_size):
                self._step(self.X[batch], self.y[batch])
                step += 1
                if step % EVERY == 0 and step <= STEPS:
                    points.append(self._point(step))
        return points

    def _step(self, X, y):
        self.optimizer.zero_grad()
        self.model.train()
        penalty = 0.5 * self.settings.l2 * sum((w**2).sum() for w in self.weights)
        (self.loss(self.model(X), y) + penalty).backward()
        self.optimizer.step()
        with torch.no_grad():
            for w in self.weights:
                w.copy_(functional.softshrink(w, self.settings.learning_rate * self.settings.l1))

    @torch.no_grad()
    def _point(self, step):
        self.model.eval()
        losses = (self.loss(self.model(X), y).item() for X, y in ((self.X, self.y), (self.X_test, self.y_test)))
        flat = [p.T.ravel() if p.ndim == 2 else p for p in self.model.parameters()]
        flat += [values for values in self.model.buffers() if values.ndim == 1]
        return step, *losses, torch.cat(flat).numpy()
