"""Make digits.csv from the copy in scikit-learn: ``python make_digits.py [FOLDER]``, without FOLDER beside this script.

Plain text, so that the bytes depend on no library's compression, and in the form of the source, UCI's
file optdigits.tes: 64 pixels 0 … 16 row by row, then the digit.
"""

import sys
from pathlib import Path

from sklearn.datasets import load_digits


def main(folder):
    """Write digits.csv into the folder."""
    digits = load_digits()
    rows = [",".join(str(int(number)) for number in (*x, y)) for x, y in zip(digits.data, digits.target)]
    Path(folder, "digits.csv").write_bytes(("\n".join(rows) + "\n").encode("ascii"))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)
