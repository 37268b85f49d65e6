"""A reader's own points: what is understood, and what is said about the first bad cell."""

import io
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib.datasets import from_csv


def test_a_header_names_the_columns():
    data = from_csv("length,width,kind\n1,2,owl\n3,4.5,cat\n-5,6e-1,owl\n")
    assert data.X.tolist() == [[1, 2], [3, 4.5], [-5, 0.6]]
    assert data.features == ("length", "width")
    assert data.task == "binary"
    assert data.names == ("cat", "owl")
    assert data.y.tolist() == [1, -1, 1]


def test_without_a_header_columns_are_numbered():
    data = from_csv("1,2,3,0.5\n4,5,6,1.5\n")
    assert data.X.shape == (2, 3)
    assert data.features == ("x1", "x2", "x3")
    assert data.names == ("value",)


@pytest.mark.parametrize(
    ("labels", "task", "y", "names"),
    [
        (["-1", "+1", "1"], "binary", [-1, 1, 1], ("−1", "+1")),
        (["−1", "1", "1"], "binary", [-1, 1, 1], ("−1", "+1")),
        (["1", "0", "1.0"], "binary", [1, -1, 1], ("0", "1")),
        (["3", "1", "2"], "multiclass", [2, 0, 1], ("1", "2", "3")),
        (["-3", "1", "2"], "multiclass", [0, 1, 2], ("−3", "1", "2")),
        (["b", "a", "c"], "multiclass", [1, 0, 2], ("a", "b", "c")),
        (["0.5", "1", "2"], "regression", [0.5, 1, 2], ("value",)),
        ([str(i) for i in range(11)], "regression", list(range(11)), ("value",)),
    ],
)
def test_the_last_column_decides_the_task(labels, task, y, names):
    data = from_csv("".join(f"{i},0,{label}\n" for i, label in enumerate(labels)))
    assert (data.task, data.y.tolist(), data.names) == (task, y, names)


def test_the_task_can_be_said():
    text = "x,y,price\n0,0,1\n1,0,0\n0,1,1\n"
    regression = from_csv(text, task="regression")
    assert regression.y.tolist() == [1, 0, 1]
    assert regression.names == ("price",)
    assert from_csv(text, task="multiclass").y.tolist() == [1, 0, 1]
    assert from_csv("0,0,0.5\n1,1,1.5\n", task="binary").y.tolist() == [-1, 1]
    with pytest.raises(ValueError, match="task must be one of"):
        from_csv(text, task="classes")


@pytest.mark.parametrize(
    "text",
    [
        "x;y;label\n1;2;a\n3;4;b\n",
        "x\ty\tlabel\n1\t2\ta\n3\t4\tb\n",
        "\ufeffx,y,label\r\n1,2,a\r\n3,4,b\r\n",
        'x , y , "label"\n\n 1 , 2 , a \n,,\n"3","4",b',
    ],
)
def test_other_ways_to_write_the_same(text):
    data = from_csv(text)
    assert data.X.tolist() == [[1, 2], [3, 4]]
    assert data.features == ("x", "y")
    assert data.names == ("a", "b")


def test_from_a_path_or_an_open_file(tmp_path):
    path = tmp_path / "points.csv"
    path.write_bytes("\ufeff1,2,a\r\n3,4,é\r\n".encode())
    with path.open("rb") as binary:
        data = [from_csv(source) for source in (path, str(path), binary, io.StringIO(path.read_text("utf-8")))]
    assert all(each.X.tolist() == [[1, 2], [3, 4]] and each.names == ("a", "é") for each in data)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)),
        min_size=1,
        max_size=20,
    )
)
def test_what_is_written_is_read(table):
    data = from_csv("".join(f"{x!r},{y!r},{value!r}\n" for x, y, value in table), task="regression")
    np.testing.assert_array_equal(np.column_stack([data.X, data.y]), np.array(table))


BAD = {
    "": "the CSV holds no samples",
    " \n\n": "the CSV holds no samples",
    "x,y,label\n": "the CSV holds no samples, only a header",
    "1\n2\n": "row 1 has 1 cell; coordinates are needed",
    "1,2,a\n3,4\n": "row 2 has 2 cells, but row 1 has 3",
    "x,y,label\n1,2,a\n\n3,4,b,5\n": "row 4 has 4 cells, but row 1 has 3",
    "x,y,label\n1,2,a\n3,four,b\n": "row 3, column 2 (y) is not a number: 'four'",
    "1,two,a\n3,4,b\n": "row 1, column 2 (x2) is not a number: 'two'",
    "x,y,label\n1,2,a\n,4,b\n": "row 3, column 1 (x) is empty",
    "1,2,a\n3,4,\n": "row 2, column 3 (value) is empty",
    "1,2,a\n3,nan,b\n": "row 2, column 2 (x2) is not a finite number: 'nan'",
    "1,2,0.5\n3,4,inf\n": "row 2, column 3 (value) is not a finite number: 'inf'",
    "1;2;a\n3;4,5;b\n": "row 2, column 2 (x2) is not a number: '4,5'; write decimals with a point",
    "1,2,a\n1_0,4,b\n": "row 2, column 1 (x1) is not a number: '1_0'",
    "1,2,a\n3,4,a\n5,6,a\n": "every row has the label 'a'; at least two classes are needed",
    "1,2,1\n3,4,1.0\n": "every row has the label '1'",
    "1,2,1\n3,4,b\n": "row 2, column 3 (value) is not a number like the others above: 'b'",
    "1,2,a\n3,4,1\n": "row 2, column 3 (value) is not a name like the others above: '1'",
    "".join(f"{i},0,name{i}\n" for i in range(11)): "column 3 (value) holds 11 names; up to 10 are classes",
    "1,2,a\nx,3,b\n4,y,c\n": "row 2, column 1 (x1)",  # the first of two
    "1,2,a\n3,y\n": "row 2 has 2 cells",
}


@pytest.mark.parametrize(("text", "message"), BAD.items())
def test_the_first_bad_cell_is_named(text, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        from_csv(text)


def test_labels_must_make_up_the_task():
    with pytest.raises(ValueError, match=r"row 3, column 3 \(value\) is a third label, 'c'"):
        from_csv("1,2,a\n3,4,b\n5,6,c\n", task="binary")
    with pytest.raises(ValueError, match=r"row 2, column 3 \(value\) is not a number: 'b'"):
        from_csv("1,2,3\n3,4,b\n", task="regression")


def test_what_is_no_csv_is_said_in_words(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no file 'points\.csv' \(CSV text itself needs a line break\)"):
        from_csv("points.csv")
    latin = tmp_path / "latin.csv"
    latin.write_bytes("1,2,é\n3,4,è\n".encode("latin-1"))
    with pytest.raises(ValueError, match="not text in UTF-8"):
        from_csv(latin)
    with pytest.raises(ValueError, match="row 2 cannot be read as CSV: field larger than field limit"):
        from_csv("1,2,a\n3,4," + "b" * 200_000 + "\n")
