"""Scripts for PyTorch hold numbers that each engine has computed itself: these agree to rounding, all else exactly."""

import base64
import re

import numpy as np

_PACKED = re.compile(r'numbers\(\n((?: {4}"[A-Za-z0-9+/=]+"\n)+)\)')
_DECIMALS = re.compile(r"torch\.tensor\(\[\n([-+.\de,\s]+)\]\)")


def parted(text):
    """Return (the script without the data and weights in it, these numbers)."""
    found = []

    def take(numbers):
        found.extend(numbers)
        return f"<{len(numbers)} numbers>"

    # What is no letter of base64, the decoder leaves out: quotes, line ends.
    text = _PACKED.sub(lambda match: take(np.frombuffer(base64.b64decode(match[1]), "<f8")), text)
    text = _DECIMALS.sub(lambda match: take([float(each) for each in match[1].split(",") if each.strip()]), text)
    return text, found


def assert_same_script(text, expected):
    """Fail where two scripts differ in more than the last digits of data and weights: log, cos, sin differ in these."""
    (text, numbers), (expected, expected_numbers) = parted(text), parted(expected)
    assert text == expected
    np.testing.assert_allclose(numbers, expected_numbers, rtol=0, atol=1e-12)
