"""The bundled digits, and the folder data/: every file listed, unchanged, and what its script makes."""

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from nnlib.datasets import digits
from nnlib.random import CounterGenerator

DATA = Path(__file__).resolve().parents[1] / "data"
TABLE = [
    [cell.strip() for cell in row.strip().strip("|").split("|")]
    for row in (DATA / "README.md").read_text(encoding="utf-8").splitlines()
    if row.startswith("| `")
]


def test_the_digits_are_those_of_scikit_learn():
    data, known = digits(), load_digits()
    assert data.X.dtype == np.float64
    np.testing.assert_array_equal(data.X, known.data / 16)
    np.testing.assert_array_equal(data.y, known.target)
    np.testing.assert_array_equal(data.images, known.images / 16)
    assert (data.task, data.names, data.shape) == ("multiclass", tuple("0123456789"), (1, 8, 8))
    assert (data.X.min(), data.X.max(), data.X_test) == (0, 1, None)


def test_the_digits_split():
    data = digits().split(0.8, rng=CounterGenerator(0, "split"), stratify=True)
    assert (len(data.y), len(data.y_test)) == (1433, 364)
    assert data.images_test.shape == (364, 8, 8)
    assert data.classes == len(set(data.y_test.tolist())) == 10


def test_without_the_book_a_sentence_says_where_the_digits_are(tmp_path):
    """nnlib alone, as a copy of its folder is."""
    shutil.copytree(
        DATA.parent / "nnlib", tmp_path / "nnlib", ignore=shutil.ignore_patterns("web", "bundle", "__pycache__")
    )
    code = "import nnlib\ntry: nnlib.datasets.digits()\nexcept FileNotFoundError as error: print(error)"
    answer = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert f"there is no {tmp_path / 'data' / 'digits.csv'}. They come with the book" in answer.stdout
    assert "pip install -e ." in answer.stdout


def test_every_data_file_is_listed():
    files = {path.name for path in DATA.iterdir() if path.suffix not in {".md", ".py"} and path.name[0] != "."}
    assert files - {"__pycache__"} == {row[0].strip("`") for row in TABLE}
    assert all(len(row) == 5 and all(row) for row in TABLE)


@pytest.mark.parametrize(("file", "source", "licence", "sha256", "script"), TABLE, ids=[row[0] for row in TABLE])
def test_a_data_file_is_what_its_script_makes(file, source, licence, sha256, script, tmp_path):
    file, sha256, script = (cell.strip("`") for cell in (file, sha256, script))
    content = (DATA / file).read_bytes()
    assert hashlib.sha256(content).hexdigest() == sha256
    subprocess.run([sys.executable, DATA / script, tmp_path], check=True)
    assert (tmp_path / file).read_bytes() == content
    assert re.search(r"\]\(https://", source)
    assert re.search(r"\]\(https://", licence)
    assert len(content) < 400_000
