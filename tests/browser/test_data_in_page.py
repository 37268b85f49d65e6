"""The page draws the same random numbers and the same data as Python, in a real browser."""

import itertools
import shutil
from pathlib import Path

import numpy as np
import pytest

from nnlib.datasets import TOY
from nnlib.random import STREAMS, CounterGenerator

WEB = Path(__file__).parents[2] / "nnlib" / "labs" / "web"
PAGE = """<!doctype html><title>data</title><link rel="icon" href="data:,"><script type="module">
import * as random from "./random.js";
import * as datasets from "./datasets.js";
Object.assign(window, random, datasets, { ready: true });
</script>"""
NOISES = (0, 0.25)
SEEDS = (0, 1)


@pytest.fixture
def module_page(page, static_server, tmp_path):
    """A page that has loaded the two modules and nothing else."""
    for name in ("random.js", "datasets.js"):
        shutil.copy(WEB / name, tmp_path)
    (tmp_path / "index.html").write_text(PAGE)
    page.goto(static_server(tmp_path))
    page.wait_for_function("window.ready")
    return page


def test_philox_gives_the_published_answers(module_page):
    # From the file of known answers of the Random123 distribution; tests/test_random.py has them too.
    answers = module_page.evaluate("""() => [
        philox(0, 0, 0, 0, 0, 0),
        philox(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff),
        philox(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0),
    ].map((words) => [...words].map((word) => word.toString(16).padStart(8, "0")).join(" "))""")
    assert answers == [
        "6627e8d5 e169c58d bc57ac4c 9b00dbd8",
        "408f276d 41c83b0e a20bc7c6 6d5451fd",
        "d16cfe09 94fdcceb 5001e420 24126ea1",
    ]


def test_random_numbers_are_those_of_python(module_page):
    # Odd counts on purpose: the next draw then begins in the middle of a block.
    drawn = module_page.evaluate(
        """(seeds) => seeds.map((seed) => Object.keys(STREAMS).map((stream) => {
            const rng = new CounterGenerator(seed, stream);
            const draws = [
                rng.random(7), rng.uniform(-3, 2, 101), rng.permutation(1000), rng.normal(1, 2, 31), rng.random(0),
            ];
            return [...draws.map((draw) => [...draw]), rng.position];
        }))""",
        seeds := [0, 1, 2**32 - 1],
    )
    for seed, streams in zip(seeds, drawn, strict=True):
        for stream, (random, uniform, permutation, normal, empty, position) in zip(STREAMS, streams, strict=True):
            rng = CounterGenerator(seed, stream)
            assert random == rng.random(7).tolist()
            assert uniform == rng.uniform(-3, 2, 101).tolist()
            assert permutation == rng.permutation(1000).tolist()
            np.testing.assert_allclose(normal, rng.normal(1, 2, 31), rtol=0, atol=1e-14)
            assert empty == []
            assert position == rng.position


def test_a_position_beyond_32_bits(module_page):
    rng = CounterGenerator(9)
    rng.position = 2**33 + 1
    drawn = module_page.evaluate("() => [...Object.assign(new CounterGenerator(9), {position: 2 ** 33 + 1}).random(3)]")
    assert drawn == rng.random(3).tolist()


def test_equal_numbers_keep_their_order_in_a_permutation(module_page):
    keys = [0.5, 0.25, 0.5, 0.75, 0.25, 0.0, 0.5, 0.9999999999999999]
    order = module_page.evaluate(
        """(keys) => {
            class Fixed extends CounterGenerator { random() { return Float64Array.from(keys); } }
            return [...new Fixed(0).permutation(keys.length)];
        }""",
        keys,
    )
    assert order == np.argsort(keys, kind="stable").tolist()


def test_a_bad_seed_or_stream_is_named(module_page):
    messages = module_page.evaluate("""() => [-1, 2 ** 32, 1.5, "0", NaN, undefined].map((seed) => [seed, "data"])
        .concat([[0, "wieghts"], [0, "toString"]])
        .map(([seed, stream]) => {
            try { new CounterGenerator(seed, stream) } catch (error) { return error.message }
        })""")
    assert [message.startswith("seed must be an integer from 0 to 4294967295, not ") for message in messages[:6]] == [
        True
    ] * 6
    assert [message.split(";")[0] for message in messages[6:]] == [
        "unknown stream 'wieghts'",
        "unknown stream 'toString'",
    ]


def test_every_toy_set_is_that_of_python(module_page):
    cases = [list(case) for case in itertools.product(TOY, NOISES, SEEDS)]
    drawn = module_page.evaluate(
        """(cases) => cases.map(([name, noise, seed]) => {
            const { task, classes, make } = TOY[name];
            const data = make(noise, new CounterGenerator(seed, "data"));
            const { train, test } = split(data, 0.3, new CounterGenerator(seed, "split"));
            const part = ({ X, y, n }) => ({ X: [...X], y: [...y], n });
            const parts = { all: part(data), train: part(train), test: part(test) };
            return { task, classes, of: [data.task, data.classes], ...parts };
        })""",
        cases,
    )
    assert module_page.evaluate("Object.keys(TOY)") == list(TOY)
    for (name, noise, seed), page in zip(cases, drawn, strict=True):
        data = TOY[name](noise=noise, rng=CounterGenerator(seed, "data"))
        parts = data.split(0.3, rng=CounterGenerator(seed, "split"))
        assert [page["task"], page["classes"]] == page["of"] == [data.task, data.classes]
        for part, X, y in (("all", data.X, data.y), ("train", parts.X, parts.y), ("test", parts.X_test, parts.y_test)):
            case = f"{name}, noise {noise}, seed {seed}, {part}"
            assert page[part]["n"] == len(y), case
            np.testing.assert_allclose(page[part]["X"], X.ravel(), rtol=0, atol=1e-12, err_msg=case)
            np.testing.assert_allclose(
                page[part]["y"], y, rtol=0, atol=1e-12 if data.task == "regression" else 0, err_msg=case
            )


def test_a_split_counts_as_python_does(module_page):
    data = TOY["xor"](rng=CounterGenerator(0, "data"))
    shares = [0.0001, 0.1, 0.29, 0.3337, 0.57, 0.58, 0.7, 0.9999]
    counts = module_page.evaluate(
        """(shares) => shares.map((share) => {
            const data = TOY.xor.make(0, new CounterGenerator(0, "data"));
            return split(data, share, new CounterGenerator(0, "split")).train.n;
        })""",
        shares,
    )
    assert counts == [len(data.split(share, rng=CounterGenerator(0, "split")).y) for share in shares]
