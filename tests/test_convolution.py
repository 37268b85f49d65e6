"""Convolution and pooling: worked numbers, PyTorch, central differences, and what a translation does."""

import tracemalloc

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nnlib import ACTIVATIONS, gradcheck, sequential
from nnlib.layers import AveragePool2D, BatchNorm, Conv2D, Dense, Flatten, MaxPool2D, Residual, convolve

pytestmark = pytest.mark.filterwarnings("error")

CONVOLUTIONS = [
    # shape of a sample, channels, kernel, stride, padding
    ((1, 8, 8), 4, 3, 1, 1),
    ((1, 8, 8), 4, 3, 1, 0),
    ((3, 7, 5), 2, 3, 2, 1),
    ((2, 6, 7), 3, 1, 1, 0),
    ((2, 6, 7), 3, 1, 2, 0),
    ((2, 5, 5), 3, 5, 1, 0),
    ((2, 4, 4), 3, 5, 1, 2),
    ((1, 3, 3), 2, 5, 3, 4),
    ((3, 9, 6), 2, (2, 3), (3, 1), (0, 2)),
    ((2, 6, 6), 3, (3, 5), 1, "same"),
    ((4, 7, 7), 5, 4, 3, 0),  # the last row and column are seen by no kernel
    ((1, 1, 9), 2, (1, 3), (1, 2), 0),
    ((1, 1, 1), 1, 1, 1, 0),
]
POOLS = [
    # shape of a sample, size, stride
    ((1, 8, 8), 2, None),
    ((3, 7, 5), 2, None),
    ((3, 7, 6), 3, 2),
    ((2, 6, 6), 3, 1),
    ((2, 9, 9), 2, 4),  # between the windows there are pixels that none sees
    ((2, 5, 8), (2, 3), (1, 2)),
    ((2, 4, 4), 4, None),
    ((2, 4, 4), 1, None),
]
POOL_TWINS = {MaxPool2D: F.max_pool2d, AveragePool2D: F.avg_pool2d}


def alone(layer, shape, dtype=np.float64, seed=0):
    """Return a layer with random parameters of its own, outside any network."""
    layer.connect(shape)
    layer.vectors = np.random.default_rng(seed).normal(size=(2, layer.size)).astype(dtype)
    layer.bind(*layer.vectors, np.empty(0, dtype))
    return layer


def pictures(shape, n=3, dtype=np.float64, seed=1):
    return np.random.default_rng(seed).normal(size=(n, *shape)).astype(dtype)


def forth_and_back(layer, x, g):
    """Return outputs and ∂L/∂x of a training pass; the layer holds the parameters' gradient."""
    space = layer.space(len(x))
    output = layer.forward(x, space).copy()
    return output, layer.backward(g.copy(), space).copy()


def torch_pass(function, x, g, *parameters):
    """Return outputs and the gradients of inputs and parameters in PyTorch."""
    tensors = [torch.tensor(np.ascontiguousarray(each), requires_grad=True) for each in (x, *parameters)]
    output = function(*tensors)
    output.backward(torch.tensor(g))
    return [each.detach().numpy() for each in (output, *(tensor.grad for tensor in tensors))]


def torch_conv(layer):
    return lambda x, kernels, b: F.conv2d(x, kernels, b, stride=layer.stride, padding=layer.padding)


def differences_from_torch(layer, dtype=np.float64):
    """Return the largest differences of outputs, ∂L/∂x, ∂L/∂kernels and ∂L/∂b from PyTorch's."""
    x, g = pictures(layer.input_shape, dtype=dtype), pictures(layer.output_shape, dtype=dtype, seed=2)
    output, back = forth_and_back(layer, x, g)
    found = [output, back, layer.W_gradient.T.reshape(layer.kernels.shape), layer.b_gradient]
    expected = torch_pass(torch_conv(layer), x, g, layer.kernels, layer.b)
    assert [each.dtype for each in found] == [dtype] * 4
    assert [each.shape for each in found] == [each.shape for each in expected]
    return [abs(ours - theirs).max() / max(1, abs(theirs).max()) for ours, theirs in zip(found, expected)]


# --- worked numbers -----------------------------------------------------------------------------------------


def test_a_kernel_worked_by_hand():
    image, kernel = np.array([[1, 2, 0], [0, 1, 3], [4, 0, 1]]), np.array([[1, 0], [2, -1]])
    # 1·1 + 0·2 + 2·0 − 1·1 = 0 in the first place; the kernel turned by 180° would give −1·1 + 2·2 + 0·0 + 1·1 = 4
    assert convolve(image, kernel).tolist() == [[0, 1], [8, 0]]
    assert convolve(image, kernel, padding=1).shape == (4, 4)
    assert convolve(image, kernel, stride=2, padding=1).tolist() == [[-1, 4], [-4, 0]]
    assert convolve(image, np.ones((3, 3)), padding="same").tolist() == [[4, 7, 6], [8, 12, 7], [5, 9, 5]]
    assert convolve(image, kernel.astype(np.float32)).dtype == np.float64
    assert convolve(image.astype(np.float32), kernel.astype(np.float32)).dtype == np.float32


def test_pools_worked_by_hand():
    x = np.array([[1.0, 2, 5, 1], [3, 0, 4, 2]])[None, None]
    g = np.array([10.0, 20])[None, None, None]
    highest, mean = alone(MaxPool2D(2), (1, 2, 4)), alone(AveragePool2D(2), (1, 2, 4))
    output, back = forth_and_back(highest, x, g)
    assert output.ravel().tolist() == [3, 5]
    assert back[0, 0].tolist() == [[0, 0, 20, 0], [10, 0, 0, 0]]
    output, back = forth_and_back(mean, x, g)
    assert output.ravel().tolist() == [1.5, 3]
    assert back[0, 0].tolist() == [[2.5, 2.5, 5, 5], [2.5, 2.5, 5, 5]]


def test_of_equal_maxima_the_first_takes_the_gradient():
    x, g = np.zeros((1, 1, 2, 2)), np.ones((1, 1, 1, 1))
    x[0, 0, :, 1] = 7
    _, back = forth_and_back(alone(MaxPool2D(2), (1, 2, 2)), x, g)
    assert back[0, 0].tolist() == [[0, 1], [0, 0]]


# --- PyTorch ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape, channels, kernel, stride, padding", CONVOLUTIONS)
def test_convolution_equals_pytorchs(shape, channels, kernel, stride, padding, dtype):
    layer = alone(Conv2D(channels, kernel, stride, padding), shape, dtype)
    assert max(differences_from_torch(layer, dtype)) < 20 * np.finfo(dtype).eps
    x = pictures(shape, dtype=dtype)
    assert np.array_equal(layer(x), layer.forward(x, layer.space(len(x))))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("pool", POOL_TWINS)
@pytest.mark.parametrize("shape, size, stride", POOLS)
def test_pools_equal_pytorchs(shape, size, stride, pool, ties, dtype):
    layer = alone(pool(size, stride), shape)
    x, g = pictures(shape, dtype=dtype), pictures(layer.output_shape, dtype=dtype, seed=2)
    if ties:
        x = np.round(x)
    output, back = forth_and_back(layer, x, g)
    expected = torch_pass(lambda x: POOL_TWINS[pool](x, layer.window, layer.stride), x, g)
    for ours, theirs in zip((output, back), expected, strict=True):
        assert ours.dtype == dtype and ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=10 * np.finfo(dtype).eps)
    assert np.array_equal(layer(x), output)


sizes = st.integers(1, 6)
pairs = st.tuples(sizes, sizes)


@settings(max_examples=60, deadline=None, database=None)
@given(st.integers(1, 3), pairs, st.integers(1, 3), pairs, pairs, st.tuples(st.integers(0, 3), st.integers(0, 3)))
def test_any_sizes_that_fit_equal_pytorchs_and_the_sum_over_convolve(inputs, size, channels, kernel, stride, padding):
    assume(all(k <= h + 2 * p for h, k, p in zip(size, kernel, padding)))
    layer = alone(Conv2D(channels, kernel, stride, padding), (inputs, *size))
    assert layer.output_shape == (
        channels,
        *((h + 2 * p - k) // s + 1 for h, p, k, s in zip(size, padding, kernel, stride)),
    )
    x, g = pictures(layer.input_shape, n=2), pictures(layer.output_shape, n=2, seed=2)
    output, back = forth_and_back(layer, x, g)
    expected = torch_pass(torch_conv(layer), x, g, layer.kernels, layer.b)
    np.testing.assert_allclose(output, expected[0], atol=1e-12)
    np.testing.assert_allclose(back, expected[1], atol=1e-12)
    for o, kernels in enumerate(layer.kernels):
        answers = sum(convolve(x[1, i], kernels[i], stride, padding) for i in range(inputs))
        np.testing.assert_allclose(output[1, o], answers + layer.b[o], atol=1e-12)


# --- central differences ------------------------------------------------------------------------------------

STACKS = {
    "as LeNet": [Conv2D(3, 3, padding=1), "tanh", MaxPool2D(2), Conv2D(4, 2), "tanh", AveragePool2D(2), Flatten()],
    "strides": [Conv2D(3, 3, 2, 1), "silu", Conv2D(3, (1, 2), (1, 2), (1, 0)), "softplus", Flatten()],
    "overlapping windows": [Conv2D(2, 2), "tanh", MaxPool2D(3, 1), AveragePool2D(2, 1), Flatten()],
    "a pool first": [MaxPool2D((2, 1)), Conv2D(3, 2), "tanh", Flatten()],
    "pools behind each other": [Conv2D(2, 1), AveragePool2D(2), MaxPool2D(2, 1), "tanh", Flatten()],
    "a residual block": [
        Residual([Conv2D(3, 3, padding="same"), BatchNorm(), "tanh", Conv2D(3, 3, padding=1)], [Conv2D(3, 1)]),
        "tanh",
        AveragePool2D((6, 7)),
        Flatten(),
    ],
}


def stack(name, dtype=np.float64, shape=(2, 6, 7)):
    layers = [layer if isinstance(layer, str) else layer.fresh() for layer in STACKS[name]]
    return sequential(shape, [*layers, Dense(3)], init="he_normal", bias=0.1, rng=np.random.default_rng(0), dtype=dtype)


def objective(net, X, y):
    def f(parameters):
        net.parameters[:] = parameters
        return net.loss_and_gradient(X, y, loss="cross_entropy", l2=0.1)

    return f


@pytest.mark.parametrize("name", STACKS)
def test_central_differences_agree_through_whole_networks(name):
    net, X = stack(name), pictures((2, 6, 7), n=4)
    assert gradcheck(objective(net, X, [0, 1, 2, 1]), net.parameters.copy()) < 1e-8


@pytest.mark.parametrize("layer, shape", [
    (Conv2D(2, 3, 2, 1), (2, 5, 4)), (AveragePool2D(3, 2), (2, 5, 4)), (MaxPool2D(3, 2), (2, 5, 4)),
])  # fmt: skip
def test_central_differences_agree_for_the_inputs(layer, shape):
    layer = alone(layer.fresh(), shape)
    g = pictures(layer.output_shape, n=2, seed=2)

    def f(x):
        output, back = forth_and_back(layer, x, g)
        return (output * g).sum(), back

    assert gradcheck(f, pictures(shape, n=2)) < 1e-8


class TurnedKernel(Conv2D):
    """Convolution as in mathematics, with the backward pass of a cross-correlation."""

    def forward(self, x, space):
        return super().forward(x[:, :, ::-1, ::-1], space)[:, :, ::-1, ::-1]


class OneRowTooLow(Conv2D):
    """The derivatives of the patches, put back a row below the place where the patches were cut out."""

    def backward(self, g, space, first=False):
        return np.roll(super().backward(g, space), 1, axis=2)


class MeanOverPlaces(Conv2D):
    """A bias's derivative as a mean over places, where it is a sum."""

    def backward(self, g, space, first=False):
        back = super().backward(g, space)
        self.b_gradient /= self.output_shape[1]
        return back


class EveryMaximum(MaxPool2D):
    """All equal maxima take the gradient."""

    def backward(self, g, space, first=False):
        wide = np.repeat(np.repeat(space.output, 2, 1), 2, 2)
        return ((space.input == wide) * np.repeat(np.repeat(g.transpose(1, 2, 3, 0), 2, 1), 2, 2)).transpose(3, 0, 1, 2)


@pytest.mark.parametrize("slip", [TurnedKernel, OneRowTooLow, MeanOverPlaces])
def test_planted_errors_are_seen_by_both_witnesses(slip):
    layers = [Conv2D(2, 3, padding=1), "tanh", slip(2, 3, padding=1), "tanh", Flatten(), Dense(3)]
    net = sequential((1, 4, 4), layers, rng=np.random.default_rng(0))
    assert gradcheck(objective(net, pictures((1, 4, 4), n=4), [0, 1, 2, 1]), net.parameters.copy()) > 1e-3
    assert max(differences_from_torch(alone(slip(2, 3, padding=1), (1, 4, 4)))) > 1e-2
    assert max(differences_from_torch(alone(Conv2D(2, 3, padding=1), (1, 4, 4)))) < 1e-12


def test_the_tie_rule_is_seen_by_pytorch():
    x, g = np.round(pictures((1, 4, 4))), pictures((1, 2, 2), seed=2)
    expected = torch_pass(lambda x: F.max_pool2d(x, 2), x, g)[1]
    for pool, equal in ((MaxPool2D, True), (EveryMaximum, False)):
        assert np.array_equal(forth_and_back(alone(pool(2), (1, 4, 4)), x, g)[1], expected) == equal


# --- what a translation does --------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None, database=None)
@given(st.integers(0, 4), st.integers(0, 4), st.integers(0, 1000))
def test_a_shifted_picture_gives_shifted_answers(down, across, seed):
    """Equivariance: a pattern on an empty ground, moved, moves its answers and changes none."""
    layer = alone(Conv2D(3, 3, padding=1), (2, 12, 12), seed=seed)
    pattern = pictures((2, 4, 4), n=1, seed=seed)
    here, there = np.zeros((2, 1, 2, 12, 12))
    here[..., 2:6, 2:6] = pattern
    there[..., 2 + down : 6 + down, 2 + across : 6 + across] = pattern
    expected = np.roll(layer(here), (down, across), axis=(2, 3))
    np.testing.assert_allclose(layer(there), expected, atol=1e-13)


def test_with_a_stride_only_multiples_of_it_shift_the_answers():
    layer = alone(Conv2D(2, 3, stride=2, padding=1), (1, 12, 12))
    x = np.zeros((1, 1, 12, 12))
    x[..., 2:5, 2:5] = pictures((1, 3, 3), n=1)
    moved = [layer(np.roll(x, shift, axis=3)) for shift in range(5)]
    np.testing.assert_allclose(moved[4], np.roll(moved[0], 2, axis=3), atol=1e-13)
    assert not any(np.allclose(moved[1], np.roll(moved[0], shift, axis=3)) for shift in range(4))


def test_pooling_the_whole_picture_forgets_where():
    x = pictures((3, 6, 6))
    for pool in POOL_TWINS:
        layer = alone(pool(6), (3, 6, 6))
        np.testing.assert_allclose(layer(x), layer(np.roll(x, (2, 3), axis=(2, 3))), atol=1e-15)


# --- buffers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in STACKS if name != "a residual block"])  # it holds a BatchNorm
def test_evaluation_gives_the_numbers_of_the_training_pass(name):
    net, X = stack(name), pictures((2, 6, 7), n=20)
    targets = np.zeros((20, 1))
    assert np.array_equal(net(X), net.backpropagate(X, targets, net.check_loss("cross_entropy")))


def test_many_pictures_at_once_give_what_each_gives_alone():
    layer = alone(Conv2D(3, 3, stride=2, padding=1), (2, 6, 5))
    X = pictures((2, 6, 5), n=150)
    np.testing.assert_allclose(layer(X), np.concatenate([layer(x[None]) for x in X]), rtol=0, atol=1e-13)
    assert layer(X[:0]).shape == (0, 3, 3, 3)


def test_evaluation_does_not_hold_every_patch_of_every_picture():
    layer, X = alone(Conv2D(1, 5, padding=2), (1, 16, 16)), np.zeros((2000, 1, 16, 16))
    tracemalloc.start()
    layer(X)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * X.nbytes  # all patches would take 25 times as much as the pictures


def test_steps_use_the_same_buffers_again():
    net, X, loss = stack("as LeNet"), pictures((2, 6, 7), n=64), stack("as LeNet").check_loss("cross_entropy")
    targets = np.zeros((64, 1))

    def step():
        net.backpropagate(X, targets, loss)
        spaces, _ = net._space(64)
        buffers = [each for space in spaces for each in vars(space).values() if isinstance(each, np.ndarray)]
        return {each.__array_interface__["data"][0] for each in buffers}

    first = step()
    tracemalloc.start()
    assert step() == first
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(20):
        step()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 20_000  # one buffer of the first layer's outputs has 64 kB


def test_batches_of_two_sizes_do_not_spoil_each_other():
    layers = [Conv2D(2, 3, padding=1), MaxPool2D(2), AveragePool2D(2, 1)]
    shape = (1, 6, 6)
    for layer in layers:
        layer = alone(layer, shape)
        shape = layer.output_shape
        large, small = pictures(layer.input_shape, n=7), pictures(layer.input_shape, n=3, seed=5)
        spaces = layer.space(7), layer.space(3)
        outputs = layer.forward(large, spaces[0])
        before = outputs.copy()
        layer.forward(small, spaces[1])
        layer(large[:5])
        assert np.array_equal(outputs, before)
        g = pictures(shape, n=7, seed=6)
        back = layer.backward(g.copy(), spaces[0]).copy()
        assert np.array_equal(back, forth_and_back(layer, large, g)[1])


def test_the_data_are_left_alone():
    net, X = stack("as LeNet"), pictures((2, 6, 7), n=4)
    before = X.copy()
    net.loss_and_gradient(X, [0, 1, 2, 1], loss="cross_entropy")
    assert np.array_equal(X, before)


@pytest.mark.parametrize("layer", [Conv2D(2, 3), MaxPool2D(2), AveragePool2D(2)])
def test_the_first_layer_owes_nobody_a_gradient(layer):
    layer = alone(layer.fresh(), (1, 6, 6))
    space = layer.space(2)
    g = np.ones_like(layer.forward(pictures((1, 6, 6), n=2), space))
    assert layer.backward(g, space, first=True) is None
    if layer.size:
        assert layer.b_gradient.tolist() == [32, 32]


# --- what a network sees ------------------------------------------------------------------------------------


def test_parameters_are_weights_row_by_row_then_biases():
    conv = Conv2D(3, (2, 1), init="he_normal")
    net = sequential((2, 4, 4), [conv, Flatten(), Dense(2)], init="zeros", bias=0.5, rng=np.random.default_rng(0))
    assert conv.W.shape == (4, 3) and conv.b.tolist() == [0.5] * 3 and conv.size == 15
    assert np.array_equal(net.parameters[:12], conv.W.ravel()) and conv.W.all() and not net.layers[2].W.any()
    assert net.is_weight[:12].all() and not net.is_weight[12:15].any()
    assert np.array_equal(conv.kernels[2, 1, :, 0], conv.W[2:, 2])  # channel 1's rows of W come last
    net.parameters[0] = 9
    assert conv.kernels[0, 0, 0, 0] == 9  # live
    conv.kernels[1] = 7
    assert (conv.W[:, 1] == 7).all() and net.parameters[1] == 7


@pytest.mark.parametrize("layer, text", [
    (Conv2D(8, 3), "Conv2D(8, 3)"),
    (Conv2D(8, (3, 3), padding="same"), "Conv2D(8, 3, padding=1)"),
    (Conv2D(8, (1, 3), (2, 1), (0, 1)), "Conv2D(8, (1, 3), stride=(2, 1), padding=(0, 1))"),
    (MaxPool2D(2, 2), "MaxPool2D(2)"),
    (MaxPool2D((2, 3)), "MaxPool2D((2, 3))"),
    (AveragePool2D(3, stride=2), "AveragePool2D(3, stride=2)"),
])  # fmt: skip
def test_a_layer_is_written_as_it_is_made(layer, text):
    assert repr(layer) == repr(layer.fresh()) == text


def test_a_copy_has_the_same_outputs_and_rules():
    net, X = stack("strides"), pictures((2, 6, 7))
    assert np.array_equal(net.copy()(X), net(X))
    rule = Conv2D(2, 3, init="he_uniform").fresh().init
    assert rule.name == "he_uniform"
    assert net.layers[1].activation is ACTIVATIONS["silu"]


SLIPS = {
    # name: (what was done, words of the message)
    "channels 0": (lambda: Conv2D(0, 3), "channels", "whole number of 1 or more", "0"),
    "kernel 0": (lambda: Conv2D(1, 0), "kernel", "whole number of 1 or more", "pair", "0"),
    "kernel 2.5": (lambda: Conv2D(1, 2.5), "kernel", "2.5"),
    "kernel of three": (lambda: Conv2D(1, (3, 3, 3)), "kernel", "pair (rows, columns)", "(3, 3, 3)"),
    "kernel as text": (lambda: Conv2D(1, "3"), "kernel", "'3'"),
    "stride 0": (lambda: Conv2D(1, 3, stride=0), "stride", "1 or more", "0"),
    "stride True": (lambda: Conv2D(1, 3, stride=True), "stride", "True"),
    "padding -1": (lambda: Conv2D(1, 3, padding=-1), "padding", "0 or more", "-1"),
    "padding valid": (lambda: Conv2D(1, 3, padding="valid"), "padding", "'valid'", "'same'"),
    "same with a stride": (lambda: Conv2D(1, 3, 2, "same"), "'same'", "stride 1", "stride 2", "a number"),
    "same with an even kernel": (lambda: Conv2D(1, (3, 4), padding="same"), "'same'", "odd kernel", "(3, 4)"),
    "an unknown rule": (lambda: Conv2D(1, 3, init="he"), "unknown initializer", "he_normal"),
    "pool size 0": (lambda: MaxPool2D(0), "size", "1 or more", "0"),
    "pool stride 0": (lambda: AveragePool2D(2, 0), "stride", "1 or more", "0"),
    "rows into a convolution": (lambda: alone(Conv2D(1, 3), (64,)), "Conv2D", "(channels, rows, columns)", "(64,)"),
    "rows into a pool": (lambda: alone(MaxPool2D(2), (64,)), "MaxPool2D", "(channels, rows, columns)", "(64,)"),
    "a kernel larger than the picture": (lambda: alone(Conv2D(1, 5), (1, 4, 9)), "5 × 5", "picture of 4 × 9"),
    "larger even with padding": (lambda: alone(Conv2D(1, 7, padding=1), (1, 4, 9)), "7 × 7", "padded", "6 × 11"),
    "a window larger than the picture": (lambda: alone(AveragePool2D(3), (1, 4, 2)), "3 × 3", "4 × 2"),
    "an image that is a vector": (lambda: convolve(np.ones(5), np.ones((2, 2))), "image (H, W)", "(5,)", "(2, 2)"),
    "an image in colours": (lambda: convolve(np.ones((3, 5, 5)), np.ones((2, 2))), "image (H, W)", "(3, 5, 5)"),
    "an image smaller than the kernel": (lambda: convolve(np.ones((2, 2)), np.ones((3, 3))), "3 × 3", "2 × 2"),
    "an image and stride 0": (lambda: convolve(np.ones((4, 4)), np.ones((3, 3)), stride=0), "stride", "0"),
    "in a network": (lambda: sequential((1, 4, 4), [Conv2D(2, 5), Flatten(), Dense(2)], rng=np.random.default_rng(0)),
                     "layer 1", "Conv2D(2, 5)", "4 × 4"),
    "no Flatten": (lambda: sequential((1, 4, 4), [Conv2D(2, 3), Dense(2)], rng=np.random.default_rng(0)),
                   "layer 2", "Flatten()"),
}  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_answered_with_what_and_how_to_mend(slip):
    act, *words = SLIPS[slip]
    with pytest.raises(ValueError) as caught:
        act()
    message = str(caught.value)
    missing = [word for word in words if word not in message]
    assert not missing, f"{message!r} does not say {missing}"
    assert len(message) < 250
