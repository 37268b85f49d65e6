"""The counter-based generator: published known answers, and the laws its users rely on."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib.random import STREAMS, CounterGenerator, philox


def words(text):
    return [int(word, 16) for word in text.split()]


# Counter, key and answer for philox4x32 with 10 rounds, from the file of known answers of the Random123 distribution.
KNOWN_ANSWERS = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN_ANSWERS)
def test_philox_gives_the_published_answers(counter, key, answer):
    assert philox([words(counter)], words(key)).tolist() == [words(answer)]


def test_philox_of_many_counters_is_that_of_each():
    counters = [words(counter) for counter, _, _ in KNOWN_ANSWERS]
    together = philox(counters, (7, 3))
    assert together.dtype == np.uint32
    assert together.tolist() == [philox([counter], (7, 3))[0].tolist() for counter in counters]


def test_uniforms_are_made_of_the_words_as_documented():
    uniforms = CounterGenerator(11, "order").random(3)
    for k, u in enumerate(uniforms):
        block = philox([[k // 2, 0, 0, 0]], (11, STREAMS["order"]))[0]
        a, b = (int(word) for word in block[2 * (k % 2) :][:2])
        assert u == ((a >> 5) * 2**26 + (b >> 6)) / 2**53


def test_position_beyond_32_bits_moves_to_the_second_counter_word():
    rng = CounterGenerator(0)
    rng.position = 2 * 2**32
    a, b = (int(word) for word in philox([[0, 1, 0, 0]], (0, 0))[0][:2])
    assert rng.random() == ((a >> 5) * 2**26 + (b >> 6)) / 2**53


def test_same_seed_and_stream_give_the_same_numbers():
    assert (CounterGenerator(5, "order").random(9) == CounterGenerator(5, 3).random(9)).all()


def test_streams_and_seeds_are_all_different():
    firsts = {CounterGenerator(seed, stream).random() for seed in range(50) for stream in STREAMS}
    assert len(firsts) == 50 * len(STREAMS)


def test_streams_are_not_correlated():
    numbers = np.stack([CounterGenerator(0, stream).random(20_000) for stream in STREAMS])
    between = np.corrcoef(numbers)[np.triu_indices(len(STREAMS), 1)]
    assert np.abs(between).max() < 4 / np.sqrt(20_000)


def test_seed_zero_is_a_seed():
    zero = CounterGenerator(0).random(100)
    assert len(set(zero)) == 100
    assert not np.isin(CounterGenerator(1).random(100), zero).any()


@settings(deadline=None)
@given(st.lists(st.integers(0, 7), max_size=6))
def test_drawing_in_pieces_equals_drawing_at_once(sizes):
    rng = CounterGenerator(3, "split")
    pieces = [rng.random(size) for size in sizes]
    at_once = CounterGenerator(3, "split").random(sum(sizes))
    assert np.concatenate([*pieces, []]).tolist() == at_once.tolist()
    assert rng.position == sum(sizes)


def test_arrays_are_filled_row_by_row():
    assert (CounterGenerator(2).random((4, 3)).ravel() == CounterGenerator(2).random(12)).all()
    assert (CounterGenerator(2).normal(size=(2, 3)).ravel() == CounterGenerator(2).normal(size=6)).all()


def test_one_number_is_a_float_and_the_first_of_an_array():
    assert type(CounterGenerator(1).random()) is float
    assert type(CounterGenerator(1).normal()) is float
    assert CounterGenerator(1).uniform(-2, 4) == CounterGenerator(1).uniform(-2, 4, 5)[0]
    assert CounterGenerator(1).normal(1, 2) == CounterGenerator(1).normal(1, 2, 5)[0]


def test_uniform_numbers_are_uniform():
    numbers = CounterGenerator(0).uniform(-2, 4, 100_000)
    assert -2 <= numbers.min() < -1.999
    assert 3.999 < numbers.max() < 4
    counts = np.histogram(numbers, bins=20, range=(-2, 4))[0]
    assert ((counts - 5000) ** 2 / 5000).sum() < 50.8  # χ² of 19 degrees of freedom passes this once in 10,000


def test_normal_numbers_are_normal():
    numbers = (CounterGenerator(0).normal(3, 2, 100_000) - 3) / 2
    moments = [np.mean(numbers**power) for power in (1, 2, 3, 4)]
    np.testing.assert_allclose(moments, [0, 1, 0, 3], atol=0.05)
    for bound, share in ((1, 0.6827), (2, 0.9545), (3, 0.9973)):
        assert abs(np.mean(np.abs(numbers) < bound) - share) < 0.005


def test_normal_numbers_take_uniforms_in_pairs():
    rng = CounterGenerator(4)
    u = CounterGenerator(4).random(4)
    radius, angle = np.sqrt(-2 * np.log1p(-u[::2])), 2 * np.pi * u[1::2]
    three = rng.standard_normal(3)
    assert rng.position == 4
    np.testing.assert_allclose(
        three, [radius[0] * np.cos(angle[0]), radius[0] * np.sin(angle[0]), radius[1] * np.cos(angle[1])]
    )


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 40))
def test_a_permutation_holds_every_number_once(seed, n):
    assert sorted(CounterGenerator(seed, "order").permutation(n)) == list(range(n))


def test_permutations_of_three_are_equally_likely():
    rng = CounterGenerator(0, "order")
    counts = np.unique([rng.permutation(3) for _ in range(6000)], axis=0, return_counts=True)[1]
    assert len(counts) == 6
    assert ((counts - 1000) ** 2 / 1000).sum() < 25.8  # χ² of 5 degrees of freedom, once in 10,000


def test_permutation_sorts_uniforms_and_takes_rows():
    u = CounterGenerator(8).random(30)
    order = CounterGenerator(8).permutation(30)
    assert (np.diff(u[order]) > 0).all()
    rows = np.arange(60).reshape(30, 2)
    assert (CounterGenerator(8).permutation(rows) == rows[order]).all()


def test_integers_stay_in_their_range():
    numbers = CounterGenerator(0).integers(-2, 3, 10_000)
    assert numbers.dtype == np.int64
    assert sorted(set(numbers)) == [-2, -1, 0, 1, 2]
    assert np.bincount(numbers + 2).min() > 1850
    assert (CounterGenerator(1).integers(5, size=4) == CounterGenerator(1).integers(0, 5, 4)).all()
    assert type(CounterGenerator(1).integers(5)) is int


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, "0", None, True, float("nan")])
def test_a_bad_seed_is_named(seed):
    with pytest.raises(ValueError, match=r"seed must be an integer from 0 to 4294967295, not "):
        CounterGenerator(seed)


def test_the_largest_seed_works():
    assert 0 <= CounterGenerator(2**32 - 1).random() < 1
    assert CounterGenerator(np.uint32(9)).random() == CounterGenerator(9).random()


def test_an_unknown_stream_is_named():
    with pytest.raises(ValueError, match=r"unknown stream 'wieghts'.*weights"):
        CounterGenerator(0, "wieghts")


def test_no_global_state_is_read_or_changed():
    results = []
    for seed in (1, 2):
        np.random.seed(seed)
        before = np.random.get_state()[1].copy()
        rng = CounterGenerator(0)
        results.append([*rng.random(3), *rng.normal(size=3), *rng.permutation(5), rng.integers(9)])
        assert (np.random.get_state()[1] == before).all()
    assert results[0] == results[1]
