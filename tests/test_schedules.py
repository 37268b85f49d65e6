"""Schedules: every one beside ``torch.optim.lr_scheduler``, step for step, and in training."""

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler

from nnlib import SCHEDULES, Trainer, mlp
from nnlib.random import CounterGenerator
from nnlib.schedules import Constant, Cosine, StepDecay, WarmUp, schedule

STEPS = 40


def torch_rates(make):
    """The rates that a PyTorch schedule gives to STEPS steps, from a rate of 1."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 1.0)
    theirs, rates = make(optimizer), []
    for _ in range(STEPS):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        theirs.step()
    return rates


def warm_then_cosine(optimizer):
    warm = lr_scheduler.LinearLR(optimizer, start_factor=1 / 9, total_iters=8)
    return lr_scheduler.SequentialLR(optimizer, [warm, lr_scheduler.CosineAnnealingLR(optimizer, STEPS - 8)], [8])


CASES = {
    "constant": (Constant(), lambda o: lr_scheduler.ConstantLR(o, 1.0)),
    "step": (StepDecay(), lambda o: lr_scheduler.MultiStepLR(o, [20, 30], 0.1)),
    "three drops": (StepDecay(0.5, (0.1, 0.3, 0.9)), lambda o: lr_scheduler.MultiStepLR(o, [4, 12, 36], 0.5)),
    "cosine": (Cosine(), lambda o: lr_scheduler.CosineAnnealingLR(o, STEPS)),
    "cosine to a tenth": (Cosine(0.1), lambda o: lr_scheduler.CosineAnnealingLR(o, STEPS, 0.1)),
    "warmup": (WarmUp(), lambda o: lr_scheduler.LinearLR(o, start_factor=1 / 5, total_iters=4)),
    "warmup then cosine": (WarmUp(0.2, "cosine"), warm_then_cosine),
}


def test_every_schedule_is_tested():
    assert set(SCHEDULES) <= set(CASES) and {type(ours) for ours, _ in CASES.values()} == set(SCHEDULES.values())


@pytest.mark.parametrize("name", CASES)
# SequentialLR itself calls a deprecated form of its parts.
@pytest.mark.filterwarnings("ignore:The epoch parameter:UserWarning")
def test_the_rates_are_pytorchs(name):
    ours, make = CASES[name]
    np.testing.assert_allclose([ours.factor(k, STEPS) for k in range(STEPS)], torch_rates(make), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", SCHEDULES)
def test_training_takes_each_step_with_its_rate(name):
    """With SGD on one sample the step is known: w − η·factor·g."""
    net = mlp([1, 1], rng=np.random.default_rng(0))
    trainer = Trainer(net, ([[2.0]], [1.5]), loss="half_mse", optimizer="sgd", learning_rate=0.01, schedule=name,
                      epochs=20, rng=CounterGenerator(0, "order"))  # fmt: skip
    factors = []
    for k in range(20):
        before, gradient = net.parameters.copy(), net.loss_and_gradient([[2.0]], [1.5], "half_mse")[1]
        assert trainer.rate == pytest.approx(0.01 * schedule(name).factor(k, 20))
        trainer.advance()
        factors.append((before - net.parameters) / (0.01 * gradient))
    np.testing.assert_allclose(np.array(factors)[:, 0], [schedule(name).factor(k, 20) for k in range(20)], rtol=1e-6)


def test_after_the_last_step_the_rate_stays_at_the_end():
    assert Cosine(0.2).factor(300, 100) == pytest.approx(0.2)
    assert StepDecay().factor(300, 100) == pytest.approx(0.01)


@pytest.mark.parametrize(
    "make, said",
    [
        (lambda: schedule("cosin"), "unknown schedule 'cosin'. Did you mean 'cosine'?"),
        (lambda: StepDecay(drop=0), "drop must be a number above 0"),
        (lambda: StepDecay(at=(0.5, 7)), "shares of the run, from 0 to 1"),
        (lambda: Cosine(end=-1), "end must be a number from 0 to 1"),
        (lambda: WarmUp(share=1), "share must be a number from 0 to just below 1"),
        (lambda: WarmUp(then="cosinus"), "Did you mean 'cosine'?"),
        (
            lambda: Trainer(mlp([1, 1], rng=CounterGenerator(0)), ([[1.0], [2.0]], [0.5, 1.0]), loss="mse",
                            optimizer="sgd", learning_rate=1, schedule="cosine", rng=CounterGenerator(0)),
            "pass epochs=",
        ),
    ],
)  # fmt: skip
def test_bad_input_is_answered_in_words(make, said):
    with pytest.raises(ValueError) as caught:
        make()
    assert said in str(caught.value)
