"""Captchas and coloured shapes: what is drawn, what is random, and that form alone is the class."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from nnlib.datasets.captchas import FONT, captcha
from nnlib.datasets.colour_shapes import NAMES, shapes
from nnlib.random import CounterGenerator

GENERATORS = [np.random.default_rng, CounterGenerator]
EVERYTHING = "".join(FONT)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def ink(data):
    """Return the share of each pixel that the form covers, (n, size, size), from pictures without noise."""
    pictures = data.images
    ground = pictures[:, :1, :1]
    far = np.abs(pictures - ground).max(axis=(1, 2), keepdims=True)
    return (np.abs(pictures - ground) / far).max(axis=3)


# --- both -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make_rng", GENERATORS)
def test_same_seed_same_pictures_and_another_seed_other_pictures(make_rng):
    first, again, other = (captcha(30, rng=make_rng(seed)) for seed in (0, 0, 1))
    assert (first.images == again.images).all()
    assert (first.codes == again.codes).all()
    assert (first.images != other.images).any(axis=(1, 2)).all()
    first, again, other = (shapes(30, rng=make_rng(seed)) for seed in (0, 0, 1))
    assert (first.X == again.X).all()
    assert (first.y == again.y).all()
    assert (first.X != other.X).any(axis=1).all()


@pytest.mark.parametrize("n", [256, 257, 600])
def test_pictures_are_drawn_some_at_a_time_without_a_seam(n):
    """The order of the draws is such that n pictures need no memory for all their noise at once; all get their own."""
    for pictures in (captcha(n, rng=CounterGenerator(0)).images, shapes(n, size=12, rng=CounterGenerator(0)).X):
        assert len(np.unique(pictures.reshape(n, -1), axis=0)) == n
        assert pictures.dtype == np.float32
        assert pictures.min() >= 0
        assert pictures.max() <= 1


def test_noise_does_not_change_the_random_numbers():
    quiet, loud = (captcha(50, noise=noise, rng=CounterGenerator(0)) for noise in (0, 1))
    assert (quiet.codes == loud.codes).all()
    assert (quiet.images != loud.images).any(axis=(1, 2)).all()
    quiet, some, loud = (shapes(50, noise=noise, rng=CounterGenerator(0)) for noise in (0, 0.1, 0.2))
    assert (quiet.y == loud.y).all()
    inside = (loud.X > 0) & (loud.X < 1)  # not clipped
    np.testing.assert_allclose((loud.X - quiet.X)[inside], 2 * (some.X - quiet.X)[inside], atol=1e-6)
    moved = (loud.X - quiet.X)[(quiet.X > 0.2) & (quiet.X < 0.8)] / 0.2
    np.testing.assert_allclose(np.quantile(moved, [0, 0.25, 0.5, 0.75, 1]), [-1, -0.5, 0, 0.5, 1], atol=0.02)


@settings(database=None, deadline=None, max_examples=20)
@given(st.integers(2, 60), st.floats(0, 1), st.floats(0, 1), st.integers(12, 30), st.integers(1, 5), st.integers(0, 9))
def test_classes_are_balanced_at_any_setting(n, noise, bias, size, characters, seed):
    data = shapes(n, size, noise, bias, rng=CounterGenerator(seed))
    counts = np.bincount(data.y, minlength=4)
    assert counts.max() - counts.min() <= 1
    assert data.X.shape == (n, 3 * size * size)
    assert np.isfinite(data.X).all()
    some = captcha(n, characters, noise, rng=CounterGenerator(seed))
    counts = np.bincount(some.codes.ravel(), minlength=10)
    assert counts.max() - counts.min() <= 1
    assert some.images.shape == (n, 24, 20 * characters)


# --- captchas ---------------------------------------------------------------------------------------------------


def test_the_font_has_36_different_characters():
    assert EVERYTHING == "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    glyphs = np.stack(list(FONT.values()))
    assert glyphs.shape == (36, 9, 7)
    assert set(np.unique(glyphs)) == {0, 1}
    assert not (glyphs[:, [0, -1]].any() or glyphs[:, :, [0, -1]].any())  # the empty border
    assert glyphs[:, 1].any(axis=1).all()  # every character is as tall as its bitmap
    assert glyphs[:, -2].any(axis=1).all()
    distance = np.abs(glyphs[:, None] - glyphs[None]).sum(axis=(2, 3))
    assert distance[~np.eye(36, dtype=bool)].min() >= 2  # D and O
    for character, glyph in FONT.items():  # one stroke of the pen: its cells touch, if only at corners
        assert ndimage.label(glyph, np.ones((3, 3)))[1] == 1, character


def test_without_noise_the_bitmap_stands_in_the_picture(rng):
    data = captcha(400, 1, 0, EVERYTHING, rng=rng)
    pictures = data.images
    for k, character in enumerate(EVERYTHING):
        mine = pictures[data.codes[:, 0] == k]
        assert (mine == mine[0]).all()
        # Cell (row, column) of the 5 × 7 bitmap has its middle at 2.4 pixels times its distance from the middle.
        rows = np.rint(11.5 + 2.4 * (np.arange(7) - 3)).astype(int)
        columns = np.rint(9.5 + 2.4 * (np.arange(5) - 2)).astype(int)
        read = mine[0][np.ix_(rows, columns)]
        glyph = FONT[character][1:-1, 1:-1] > 0
        assert read[glyph].min() > 0.8, character
        assert read[~glyph].max() < read[glyph].min(), character
    assert not pictures[:, [0, -1]].any()
    assert not pictures[:, :, :2].any()


def test_pieces_are_the_characters_in_reading_order(rng):
    some = captcha(20, 3, rng=rng)
    data = some.characters()
    assert data.shape == (1, 24, 20)
    assert data.task == "multiclass"
    assert data.names == tuple("0123456789")
    assert (data.y.reshape(20, 3) == some.codes).all()
    for i, k in np.ndindex(20, 3):
        assert (data.images[3 * i + k] == some.images[i, :, 20 * k : 20 * (k + 1)]).all()
    still = captcha(20, 3, 0, rng=rng).characters()
    for c in range(10):
        mine = still.X[still.y == c]
        assert (mine == mine[0]).all()


def test_texts_are_the_codes_spelt_in_the_alphabet(rng):
    some = captcha(9, 5, alphabet="XAB7", rng=rng)
    assert some.texts == ["".join("XAB7"[k] for k in code) for code in some.codes]
    assert some.spell([[0, 3], [1, 1]]) == ["X7", "AA"]
    assert repr(some) == "<Captchas: 9 of 5 characters from 'XAB7'>"


def test_every_place_of_a_code_has_every_character():
    some = captcha(400, 4, rng=CounterGenerator(0))
    for place in some.codes.T:
        assert (abs(np.bincount(place, minlength=10) - 40) < 25).all()
    assert len(set(some.texts)) > 380


@pytest.mark.parametrize("noise", [0.25, 0.5, 1])
def test_the_ground_stays_empty_but_for_the_speckles(noise):
    pictures = captcha(300, 1, noise, rng=CounterGenerator(0)).images
    speckles = 0.04 * noise
    border = pictures[:, [0, 23]]  # mostly out of the characters' reach, seldom crossed by the curve
    assert speckles - 0.006 < np.mean(border == 1) < speckles + 0.02
    assert np.mean(border == 0) > 0.93 - speckles
    assert not np.quantile(pictures.reshape(300, -1), 0.25, axis=1).any()  # no grey ground behind a thick pen


def test_noise_moves_turns_and_scales_the_characters():
    """Seen on what the moves do to the pictures: centre of ink, its spread, and the amount of ink."""
    pictures = captcha(600, 1, 0.9, "HO", rng=CounterGenerator(0)).images
    rows, columns = np.mgrid[:24, :20]
    amount = pictures.sum(axis=(1, 2))
    x = (pictures * columns).sum(axis=(1, 2)) / amount - 9.5
    y = (pictures * rows).sum(axis=(1, 2)) / amount - 11.5
    assert abs(x.mean()) < 0.3
    assert abs(y.mean()) < 0.3
    assert 1.2 < x.std() < 3.2
    assert 1.2 < y.std() < 3
    assert amount.std() / amount.mean() > 0.15
    tilt = (pictures * (columns - 9.5 - x[:, None, None]) * (rows - 11.5 - y[:, None, None])).sum(axis=(1, 2)) / amount
    still = captcha(9, 1, 0, "HO", rng=CounterGenerator(0)).images
    assert np.abs((still * (columns - 9.5) * (rows - 11.5)).sum(axis=(1, 2))).max() < 1e-2
    assert tilt.std() > 2
    assert abs(tilt.mean()) < 0.5


def test_a_character_reaches_into_its_neighbours_place():
    """A pair is not two singles side by side: what leaves a place is drawn beyond its edge, not cut off."""
    edges = captcha(400, 2, 1, rng=CounterGenerator(0)).images[:, :, 18:22]
    inner = np.minimum(edges[:, :, 1], edges[:, :, 2])
    assert np.mean(inner.max(axis=1) == 1) > 0.5  # the curve, or a character, goes on across the line
    left, right = edges[:, :, 1].ravel(), edges[:, :, 2].ravel()
    assert np.corrcoef(left, right)[0, 1] > 0.6


# --- shapes -----------------------------------------------------------------------------------------------------


def test_every_form_has_the_same_area_and_lies_inside():
    data = shapes(800, noise=0, rng=CounterGenerator(0))
    covered = ink(data)
    assert max(covered[:, [0, -1]].max(), covered[:, :, [0, -1]].max()) < 0.5  # a tip ends in the last pixel at most
    area = covered.sum(axis=(1, 2))
    r = np.sqrt(area / np.pi)
    assert 0.18 * 32 - 0.1 < r.min() < 0.19 * 32
    assert 0.27 * 32 < r.max() < 0.28 * 32 + 0.1
    means = [r[data.y == c].mean() for c in range(4)]
    np.testing.assert_allclose(means, 0.23 * 32, rtol=0.03)


def test_forms_are_what_their_names_say():
    """By the farthest point of the form and the nearest of the ground from its centre, in units of r."""
    data = shapes(60, size=128, noise=0, rng=CounterGenerator(1))
    rows, columns = np.mgrid[:128, :128]
    farthest = {"circle": 1, "square": 1.2533, "triangle": 1.5551, "cross": 1.2533}
    nearest_ground = {"circle": 1, "square": 0.8862, "triangle": 0.7776, "cross": 0.5605}
    for picture, label in zip(ink(data), data.y):
        area = picture.sum()
        y, x = (picture * rows).sum() / area, (picture * columns).sum() / area
        distance = np.hypot(rows - y, columns - x) / np.sqrt(area / np.pi)
        name = NAMES[label]
        assert distance[picture > 0.5].max() == pytest.approx(farthest[name], abs=0.06), name
        assert distance[picture < 0.5].min() == pytest.approx(nearest_ground[name], abs=0.06), name


def test_edges_are_soft_and_the_middle_is_flat():
    covered = ink(shapes(80, noise=0, rng=CounterGenerator(2)))
    mixed = (covered > 0.02) & (covered < 0.98)
    share = mixed.mean(axis=(1, 2))
    assert (share > 0.01).all()
    assert (share < 0.12).all()
    # The coverage of a half plane is even between 0 and 1.
    np.testing.assert_allclose(np.quantile(covered[mixed], [0.25, 0.5, 0.75]), [0.25, 0.5, 0.75], atol=0.06)


def test_places_and_angles_are_spread_out():
    data = shapes(1200, noise=0, rng=CounterGenerator(3))
    assert abs(np.corrcoef(np.arange(1200), data.y)[0, 1]) < 0.1  # shuffled
    covered = ink(data)
    rows, columns = np.mgrid[:32, :32] - 15.5
    area = covered.sum(axis=(1, 2))
    x, y = ((covered * grid).sum(axis=(1, 2)) / area for grid in (columns, rows))
    assert abs(x.mean()) < 0.2
    assert abs(y.mean()) < 0.2
    assert x.std() > 1.3
    assert y.std() > 1.3
    # The corner of a triangle farthest to the right is as often above the centre as below.
    triangle = data.y == 2
    far = np.where(covered[triangle] > 0.5, columns, -99).reshape(triangle.sum(), -1).argmax(axis=1)
    up = rows.ravel()[far] - y[triangle]
    assert abs(np.mean(up > 0) - 0.5) < 0.1


def hues(data):
    """Return the hue of each picture's form, 0 … 1, from its strongest pixel."""
    pictures = data.images.reshape(len(data.y), -1, 3)
    strongest = np.ptp(pictures, axis=2).argmax(axis=1)
    red, green, blue = pictures[np.arange(len(pictures)), strongest].T
    return np.arctan2(np.sqrt(3) * (green - blue), 2 * red - green - blue) / (2 * np.pi) % 1


def nearness(data):
    """Return how far each hue is from that of its class, on the circle of hues."""
    return np.abs((hues(data) - data.y / 4 + 0.5) % 1 - 0.5)


def test_without_bias_colour_says_nothing_about_the_class():
    data = shapes(2000, noise=0, rng=CounterGenerator(0))
    hue = hues(data)
    for c in range(4):
        assert (np.abs(np.histogram(hue[data.y == c], 4, (0, 1))[0] - 125) < 45).all()
    brightness = data.X.max(axis=1)
    ground = data.X[:, 0]
    for values in (brightness, ground):
        means = [values[data.y == c].mean() for c in range(4)]
        assert np.ptp(means) < 0.03


@pytest.mark.parametrize("bias", [0, 0.25, 0.7, 1])
def test_bias_is_the_share_of_pictures_in_their_class_colour(bias):
    data = shapes(2000, size=16, noise=0, colour_bias=bias, rng=CounterGenerator(0))
    near = np.mean(nearness(data) < 0.08)
    assert near == pytest.approx(bias + (1 - bias) * 0.16, abs=0.03)
    if bias == 1:
        assert nearness(data).max() < 0.08


def test_a_network_of_colours_alone_is_right_with_bias_and_lost_without():
    """The shift that the bias is for, by the nearest class hue instead of a network."""
    biased = shapes(400, colour_bias=1, rng=CounterGenerator(0))
    fair = shapes(400, colour_bias=0, rng=CounterGenerator(1))
    right = [np.mean(np.rint(4 * hues(data)) % 4 == data.y) for data in (biased, fair)]
    assert right[0] > 0.9
    assert right[1] < 0.35


# --- slips ------------------------------------------------------------------------------------------------------

SLIPS = {
    "captchas without rng": (lambda: captcha(), TypeError, "rng=np.random.default_rng(0)"),
    "shapes with a seed": (lambda: shapes(rng=0), TypeError, "rng=np.random.default_rng(0)", "0"),
    "one picture": (lambda: captcha(1, rng=CounterGenerator(0)), ValueError, "n must", "1"),
    "one shape": (lambda: shapes(1, rng=CounterGenerator(0)), ValueError, "n must", "1"),
    "noise 2": (lambda: captcha(noise=2, rng=CounterGenerator(0)), ValueError, "noise", "from 0 to 1", "2"),
    "noise -0.1": (lambda: shapes(noise=-0.1, rng=CounterGenerator(0)), ValueError, "noise", "-0.1"),
    "no characters": (lambda: captcha(characters=0, rng=CounterGenerator(0)), ValueError, "characters", "0"),
    "characters True": (lambda: captcha(characters=True, rng=CounterGenerator(0)), ValueError, "characters", "True"),
    "a code": (lambda: captcha(characters="4711", rng=CounterGenerator(0)), ValueError, "characters", "'4711'"),
    "a": (lambda: captcha(alphabet="A", rng=CounterGenerator(0)), ValueError, "at least two", "'A'"),
    "AA": (lambda: captcha(alphabet="ABA", rng=CounterGenerator(0)), ValueError, "once", "'ABA'"),
    "ab": (lambda: captcha(alphabet="ab", rng=CounterGenerator(0)), ValueError, "font has no 'a'", EVERYTHING),
    "a list": (lambda: captcha(alphabet=["A", "B"], rng=CounterGenerator(0)), ValueError, "alphabet must be a string"),
    "size 11": (lambda: shapes(size=11, rng=CounterGenerator(0)), ValueError, "size", "at least 12", "11"),
    "size 32.0": (lambda: shapes(size=32.0, rng=CounterGenerator(0)), ValueError, "size", "32.0"),
    "bias 2": (lambda: shapes(colour_bias=2, rng=CounterGenerator(0)), ValueError, "colour_bias", "2"),
    "bias nan": (lambda: shapes(colour_bias=np.nan, rng=CounterGenerator(0)), ValueError, "colour_bias", "nan"),
    "bias True": (lambda: shapes(colour_bias=True, rng=CounterGenerator(0)), ValueError, "colour_bias", "True"),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_slips_are_answered_in_words(slip):
    use, error, *words = SLIPS[slip]
    with pytest.raises(error) as caught:
        use()
    assert all(word in str(caught.value) for word in words), str(caught.value)
