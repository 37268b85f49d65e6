"""Captchas: pictures of short codes, drawn here, for a network that learns to read.

Every character is a 5 × 7 bitmap of our own, drawn enlarged, turned, slanted and moved, with a thick or
thin pen; a curved line crosses each picture, and pixels flip. All of it grows with ``noise``. No
picture comes from a site that anybody protects: the book shows why such puzzles keep no machine out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnlib.datasets.dataset import Dataset
from nnlib.datasets.drawing import check_drawing, equal_groups

HEIGHT, WIDTH = 24, 20  # of one character's place, in pixels
_CELL = 2.4  # pixels for a cell of the bitmap
_BESIDE = 6  # pixels drawn on each side of a place: a character may reach into its neighbours'
_CHUNK = 256  # pictures drawn at a time: what is worked on stays in the cache

_FONT = """
0     1     2     3     4     5     6     7     8     9     A     B
.###. ..#.. .###. .###. ...#. ##### ..##. ##### .###. .###. ..#.. ####.
#...# .##.. #...# #...# ..##. #.... .#... ....# #...# #...# .#.#. #...#
#..## #.#.. ....# ....# .#.#. ####. #.... ...#. #...# #...# #...# #...#
#.#.# ..#.. ..##. ..##. #..#. ....# ####. ...#. .###. .#### #...# ####.
##..# ..#.. .#... ....# ##### ....# #...# ..#.. #...# ....# ##### #...#
#...# ..#.. #.... #...# ...#. #...# #...# ..#.. #...# ...#. #...# #...#
.###. ##### ##### .###. ...#. .###. .###. ..#.. .###. .##.. #...# ####.

C     D     E     F     G     H     I     J     K     L     M     N
.###. ####. ##### ##### .###. #...# .###. ..### #...# #.... #...# #...#
#...# #...# #.... #.... #...# #...# ..#.. ...#. #..#. #.... ##.## ##..#
#.... #...# #.... #.... #.... #...# ..#.. ...#. #.#.. #.... #.#.# ##..#
#.... #...# ####. ####. #.### ##### ..#.. ...#. ##... #.... #.#.# #.#.#
#.... #...# #.... #.... #...# #...# ..#.. ...#. #.#.. #.... #...# #..##
#...# #...# #.... #.... #...# #...# ..#.. #..#. #..#. #.... #...# #..##
.###. ####. ##### #.... .###. #...# .###. .##.. #...# ##### #...# #...#

O     P     Q     R     S     T     U     V     W     X     Y     Z
.###. ####. .###. ####. .#### ##### #...# #...# #...# #...# #...# #####
#...# #...# #...# #...# #.... ..#.. #...# #...# #...# #...# #...# ....#
#...# #...# #...# #...# #.... ..#.. #...# #...# #...# .#.#. .#.#. ...#.
#...# ####. #...# ####. .###. ..#.. #...# .#.#. #.#.# ..#.. ..#.. ..#..
#...# #.... #.#.# #.#.. ....# ..#.. #...# .#.#. #.#.# .#.#. ..#.. .#...
#...# #.... #..#. #..#. ....# ..#.. #...# .#.#. ##.## #...# ..#.. #....
.###. #.... .##.# #...# ####. ..#.. .###. ..#.. #...# #...# ..#.. #####
"""


def _read_font(text):
    """Return character → bitmap (9, 7) with an empty cell around it, so that ink fades out at its edge."""
    font = {}
    for block in text.strip().split("\n\n"):
        characters, *rows = (line.split() for line in block.splitlines())
        for character, *glyph in zip(characters, *rows):
            font[character] = np.pad(np.array([[cell == "#" for cell in row] for row in glyph], np.float32), 1)
    return font


#: character → bitmap (9, 7) of 0 and 1: the ten digits and the 26 capital letters, with an empty border.
FONT = _read_font(_FONT)


@dataclass(frozen=True, eq=False)
class Captchas:
    """Pictures of codes, and what they say.

    Attributes
    ----------
    images : array (n, 24, 20 · characters)
        Ink from 0 to 1, float32.
    codes : array (n, characters)
        Each character's number in the alphabet.
    alphabet : str
    """

    images: np.ndarray
    codes: np.ndarray
    alphabet: str

    @property
    def texts(self):
        """What the pictures say: a list of n strings."""
        return self.spell(self.codes)

    def spell(self, codes):
        """Return codes (n, characters) as strings, to set a network's reading beside :attr:`texts`."""
        return ["".join(self.alphabet[k] for k in code) for code in codes]

    def characters(self):
        """Return a Dataset of the single characters: every picture cut into pieces 20 pixels wide.

        Task multiclass, ``shape`` (1, 24, 20), the alphabet as names. The pieces come in reading order, so
        ``network.predict(data.X).reshape(codes.shape)`` is the network's reading of the codes. Characters keep to
        their places only roughly: pieces may miss an edge, and show a neighbour's. For a test, cut captchas
        of their own rather than split this Dataset, or pieces of one picture stand in both parts.

        Raises
        ------
        ValueError
            If all characters are the same, which is no classification.
        """
        n, length = self.codes.shape
        pieces = self.images.reshape(n, HEIGHT, length, WIDTH).transpose(0, 2, 1, 3).reshape(n * length, -1)
        return Dataset(pieces, self.codes.ravel(), "multiclass", tuple(self.alphabet), shape=(1, HEIGHT, WIDTH))

    def __repr__(self):
        n, length = self.codes.shape
        return f"<Captchas: {n} of {length} characters from {self.alphabet!r}>"


def captcha(n=500, characters=4, noise=0.5, alphabet="0123456789", *, rng=None):
    """Return n pictures of codes of some characters each, as :class:`Captchas`.

    Over all n · characters places the alphabet's characters are as equal in number as possible, in random order.

    With ν = ``noise``, every character is turned by U(−0.5, 0.5)·ν radians, slanted by U(−0.6, 0.6)·ν, scaled by
    1 + U(−0.3, 0.2)·ν, and moved by U(−6, 6)·ν pixels across and U(−4, 4)·ν down. The pen is
    1.6 + U(−0.4, 0.4)·ν cells wide (one cell of the 5 × 7 bitmap is 2.4 pixels before scaling), fading out over its
    last pixel on each side; so does the sine curve through each picture, 4·ν pixels wide. Then 4 % · ν of all
    pixels are inverted. At noise 0 all pictures of a code are the same. The random numbers do not depend on ``noise``.

    Parameters
    ----------
    n : int
        Pictures, at least 2.
    characters : int
        Characters in a code, at least 1. The pictures are 20 · characters wide and 24 high.
    noise : float
        0 … 1.
    alphabet : str
        The characters to use, from 0–9 and A–Z. ``"34679ACDEFHJKLMNPRTUVWXY"`` leaves out look-alikes
        (0 O Q, 1 I, 2 Z, 5 S, 8 B, G).
    rng : numpy.random.Generator or nnlib.random.CounterGenerator
        Required.

    Raises
    ------
    ValueError
        If n, characters or noise is out of range, or the alphabet has a character twice, one that
        the font lacks, or fewer than two.
    TypeError
        Without an rng.
    """
    check_drawing(n, noise, rng)
    if isinstance(characters, bool) or not isinstance(characters, int | np.integer) or characters < 1:
        raise ValueError(f"characters must be a whole number of 1 or more, not {characters!r}")
    _check_alphabet(alphabet)
    places = n * characters
    codes = equal_groups(places, len(alphabet))[rng.permutation(places)].reshape(n, characters)
    moves = _moves((n, characters), noise, rng)
    curves = rng.uniform(-1, 1, (n, 4))
    glyphs = np.stack([FONT[character] for character in alphabet])
    images = np.empty((n, HEIGHT, WIDTH * characters), np.float32)
    for start in range(0, n, _CHUNK):
        part = slice(start, start + _CHUNK)
        padded = np.zeros((len(codes[part]), HEIGHT, images.shape[2] + 2 * _BESIDE), np.float32)
        for k in range(characters):
            place = padded[:, :, WIDTH * k : WIDTH * (k + 1) + 2 * _BESIDE]
            np.maximum(place, _drawn(glyphs[codes[part, k]], moves[:, part, k]), out=place)
        ink = padded[:, :, _BESIDE:-_BESIDE]
        np.maximum(ink, _curve(curves[part], noise, images.shape[2]), out=ink)
        flipped = rng.random(ink.shape) < 0.04 * noise
        images[part] = np.where(flipped, 1 - ink, ink)
    return Captchas(images, codes, alphabet)


def _check_alphabet(alphabet):
    if not isinstance(alphabet, str) or len(alphabet) < 2 or len(set(alphabet)) < len(alphabet):
        raise ValueError(f"alphabet must be a string of at least two characters, each of them once, not {alphabet!r}")
    for character in alphabet:
        if character not in FONT:
            raise ValueError(f"the font has no {character!r}; alphabet may use {''.join(FONT)}")


def _moves(shape, noise, rng):
    """Return angle, slant, scale, the two moves in pixels, and the pen's half-width in cells: (6, n, characters)."""
    lows, highs = np.array([(-0.5, 0.5), (-0.6, 0.6), (-0.3, 0.2), (-6, 6), (-4, 4), (-0.2, 0.2)]).T
    drawn = rng.uniform(0, 1, (6, *shape))
    lows, highs = (noise * ends[:, None, None] for ends in (lows, highs))
    return lows + (highs - lows) * drawn + np.array([0, 0, 1, 0, 0, 0.8])[:, None, None]


def _drawn(glyphs, moves):
    """Return characters (m, 24, 32) from bitmaps (m, 9, 7): each pixel looks up where in the bitmap it lies."""
    angle, slant, scale, right, down, pen = (move[:, None, None].astype(np.float32) for move in moves)
    height, width = HEIGHT, WIDTH + 2 * _BESIDE
    x = np.arange(width, dtype=np.float32)[None, None, :] - (width - 1) / 2 - right
    y = np.arange(height, dtype=np.float32)[None, :, None] - (height - 1) / 2 - down
    cos, sin = np.cos(angle), np.sin(angle)
    row = (cos * y - sin * x) / (_CELL * scale)
    column = (cos * x + sin * y) / (_CELL * scale) + slant * row
    ink = _looked_up(glyphs, row + 4, column + 3)
    # Away from a stroke the looked-up ink falls from 1 to 0 over one cell: a threshold sets the pen's width, and a
    # ramp one pixel long above it keeps the edge soft and the ground empty.
    return np.clip((ink - (1 - pen)) * _CELL * scale, 0, 1)


def _looked_up(glyphs, row, column):
    """Return the bitmaps at places between their cells: the mean of the four around, weighted by nearness."""
    m, rows, columns = glyphs.shape
    row, column = np.clip(row, 0, rows - 1.001), np.clip(column, 0, columns - 1.001)
    top, left = row.astype(np.intp), column.astype(np.intp)
    row, column = row - top, column - left
    cell = (np.arange(m)[:, None, None] * rows + top) * columns + left
    flat = glyphs.ravel()
    above = flat[cell] * (1 - column) + flat[cell + 1] * column
    below = flat[cell + columns] * (1 - column) + flat[cell + columns + 1] * column
    return above * (1 - row) + below * row


def _curve(shape, noise, width):
    """Return the ink (m, 24, width) of a sine curve through each picture, by how far above or below it a pixel lies."""
    height, tilt, swing, phase = shape[:, :, None].transpose(1, 0, 2)
    x = np.arange(width) - (width - 1) / 2
    y = 7 * height + 5 * tilt * x / width + 4 * swing * np.sin(2 * np.pi * x / 40 + np.pi * phase)
    distance = np.abs(np.arange(HEIGHT)[:, None] - (HEIGHT - 1) / 2 - y[:, None, :])
    return np.clip(2 * noise - distance, 0, 1).astype(np.float32)
