"""Every optimiser of the registry: steps worked by hand, and fifty steps beside ``torch.optim``."""

import numpy as np
import pytest
import torch

from nnlib import OPTIMIZERS
from nnlib.optimizers import SGD, AdaGrad, Adam, AdamW, Momentum, Nesterov, RMSProp, optimizer

pytestmark = pytest.mark.filterwarnings("error")

RATE = 0.05
#: name → how PyTorch makes the same, of parameters and a learning rate.
TORCH = {
    "sgd": lambda p, lr: torch.optim.SGD(p, lr),
    "momentum": lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9),
    "nesterov": lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9, nesterov=True),
    "adagrad": lambda p, lr: torch.optim.Adagrad(p, lr),
    "rmsprop": lambda p, lr: torch.optim.RMSprop(p, lr),
    "adam": lambda p, lr: torch.optim.Adam(p, lr),
    "adamw": lambda p, lr: torch.optim.AdamW(p, lr),
}
WITH_OTHER_CONSTANTS = [
    (Momentum(momentum=0.5), lambda p, lr: torch.optim.SGD(p, lr, momentum=0.5)),
    (Nesterov(momentum=0.99), lambda p, lr: torch.optim.SGD(p, lr, momentum=0.99, nesterov=True)),
    (AdaGrad(epsilon=0.1), lambda p, lr: torch.optim.Adagrad(p, lr, eps=0.1)),
    (RMSProp(decay=0.5, epsilon=0.1), lambda p, lr: torch.optim.RMSprop(p, lr, alpha=0.5, eps=0.1)),
    (Adam(beta1=0.5, beta2=0.6, epsilon=0.1), lambda p, lr: torch.optim.Adam(p, lr, betas=(0.5, 0.6), eps=0.1)),
    (AdamW(weight_decay=0.3), lambda p, lr: torch.optim.AdamW(p, lr, weight_decay=0.3)),
]
NAMES = list(OPTIMIZERS)


def test_every_optimizer_of_the_contract_is_there_and_tested():
    assert NAMES == list(TORCH) == list(ONE_STEP)
    assert {type(entry) for entry, _ in WITH_OTHER_CONSTANTS} | {SGD} == set(OPTIMIZERS.values())


def gradients(shape, steps=50):
    """Gradients of very different sizes, exact zeros among them."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(steps, *shape)) * 10.0 ** rng.integers(-6, 3, shape) * (rng.random((steps, *shape)) > 0.2)


def check_against_torch(ours, make_torch, learning_rate=RATE):
    parameters = np.random.default_rng(1).normal(size=(8,))
    theirs = torch.tensor(parameters.copy(), requires_grad=True)
    their_optimizer = make_torch([theirs], learning_rate)
    for gradient in gradients((8,)):
        ours.step(parameters, gradient, learning_rate)
        theirs.grad = torch.tensor(gradient)
        their_optimizer.step()
        np.testing.assert_allclose(parameters, theirs.detach().numpy(), rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("name", NAMES)
def test_fifty_steps_equal_those_of_torch_optim(name):
    check_against_torch(optimizer(name), TORCH[name])


@pytest.mark.parametrize("ours, make_torch", WITH_OTHER_CONSTANTS, ids=lambda value: type(value).__name__)
def test_the_same_with_other_constants(ours, make_torch):
    check_against_torch(optimizer(ours), make_torch)


def test_adamw_decays_the_marked_weights_only_as_with_parameter_groups():
    is_weight = np.array([True, True, False, True, False])
    parameters = np.random.default_rng(1).normal(size=5)
    groups = [torch.tensor(parameters[mask], requires_grad=True) for mask in (is_weight, ~is_weight)]
    theirs = torch.optim.AdamW(
        [{"params": [groups[0]], "weight_decay": 0.2}, {"params": [groups[1]], "weight_decay": 0.0}], lr=RATE
    )
    ours = AdamW(weight_decay=0.2)
    for gradient in gradients((5,)):
        ours.step(parameters, gradient, RATE, weights=is_weight)
        for group, mask in zip(groups, (is_weight, ~is_weight)):
            group.grad = torch.tensor(gradient[mask])
        theirs.step()
    np.testing.assert_allclose(parameters[is_weight], groups[0].detach().numpy(), rtol=1e-11)
    np.testing.assert_allclose(parameters[~is_weight], groups[1].detach().numpy(), rtol=1e-11)


# From w = 1 with η = 0.1: w after a gradient of 2, and after another of 4.
ONE_STEP = {
    "sgd": (0.8, 0.4),
    "momentum": (0.8, 0.8 - 0.1 * 5.8),  # v = 2, then 0.9·2 + 4
    "nesterov": (1 - 0.1 * 3.8, 0.62 - 0.1 * 9.22),  # 2 + 0.9·2, then 4 + 0.9·5.8
    "adagrad": (0.9, 0.9 - 0.4 / np.sqrt(20)),  # s = 4, then 4 + 16
    "rmsprop": (1 - 0.2 / np.sqrt(0.04), -0.4 / np.sqrt(0.0396 + 0.16)),  # s = 0.01·4, then 0.99·0.04 + 0.01·16
    "adam": (0.9, 0.9 - 0.1 * (0.58 / 0.19) / np.sqrt(0.019996 / 0.001999)),  # m = 0.2 → 0.58, s = 0.004 → 0.019996
    "adamw": (
        0.999 - 0.1,  # first the decay by 1 − 0.1·0.01
        0.899 * 0.999 - 0.1 * (0.58 / 0.19) / np.sqrt(0.019996 / 0.001999),
    ),
}


@pytest.mark.parametrize("name", NAMES)
def test_two_steps_worked_by_hand(name):
    parameters, rule = np.array([1.0]), optimizer(name)
    for gradient, expected in zip((2.0, 4.0), ONE_STEP[name]):
        rule.step(parameters, np.array([gradient]), 0.1)
        assert parameters[0] == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("name", NAMES)
def test_the_first_steps_of_a_constant_gradient_do_not_need_state_from_elsewhere(name):
    """Two optimisers of one name share nothing, and one made from another starts without its state."""
    first = optimizer(name)
    once, again, fresh = np.ones(3), np.ones(3), np.ones(3)
    first.step(once, np.arange(3.0), RATE)
    first.step(once.copy(), np.arange(3.0), RATE)
    optimizer(name).step(again, np.arange(3.0), RATE)
    optimizer(first).step(fresh, np.arange(3.0), RATE)
    assert np.array_equal(once, again) and np.array_equal(once, fresh)
    assert type(optimizer(first)) is OPTIMIZERS[name] and optimizer(first) == first


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", NAMES)
def test_steps_are_taken_in_place_and_leave_the_gradient_alone(name, dtype):
    rule, network = optimizer(name), np.ones(6, dtype)
    parameters, gradient = network[2:5], np.array([1, -2, 0], dtype)
    for _ in range(3):
        rule.step(parameters, gradient, RATE, weights=np.array([1, 1, 0], dtype))
    assert network.dtype == dtype and network[[0, 1, 5]].tolist() == [1, 1, 1]
    assert parameters[0] < 1 < parameters[1] and parameters[2] == 1
    assert gradient.tolist() == [1, -2, 0]


@pytest.mark.parametrize("name", NAMES)
def test_a_rate_of_zero_changes_nothing_and_a_stack_steps_like_its_rows(name):
    rule, still = optimizer(name), np.ones(4)
    rule.step(still, np.arange(4.0), 0.0)
    assert still.tolist() == [1] * 4
    stack, rows = np.ones((2, 3)), np.ones((2, 3))
    rates = np.array([[0.1], [0.3]])
    together, one_by_one = optimizer(name), [optimizer(name), optimizer(name)]
    for gradient in gradients((2, 3), 5):
        together.step(stack, gradient, rates)
        for row, rule, g, rate in zip(rows, one_by_one, gradient, rates[:, 0]):
            rule.step(row, g, rate)
    np.testing.assert_allclose(stack, rows, rtol=1e-14)
