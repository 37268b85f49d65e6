"""The page reads CSV files, splits and writes points exactly as Python does, in the same words."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from nnlib.datasets import from_csv
from nnlib.labs import own_points
from nnlib.labs.messages import MESSAGES
from tests.test_from_csv import BAD

few = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))

GOOD = [
    "length,width,kind\n1,2,owl\n3,4.5,cat\n-5,6e-1,owl\n",
    "x;y;label\n1;2;a\n3;4;b\n",
    "x\ty\tlabel\n1\t2\ta\n3\t4\tb\n",
    "\ufeffx,y,label\r\n1,2,a\r\n3,4,b\r\n",
    'x , y , "label"\n\n 1 , 2 , a \n,,\n"3","4",b',
    '1,2,"a ""quoted"" name"\n3,4,"two\nlines"\n',
    "1,2,-1\n3,4,+1\n",
    "1,2,−1\n3,4,1\n",
    "1,2,3\n3,4,1\n5,6,2",
    "1,2,1e7\n3,4,-100000\n5,6,250000000\n",
    "".join(f"{i},0,{i}\n" for i in range(11)),
    "0.5,.5,5.\n1,1,1.5\r3,3,2\r\n",
    "height,x2,price\n150,1,10\n190,2,30\n170,-1,17.5\n",
    "1,1,0.2\n1.01,1,0.4\n1.02,1,0.5\n",
    "1e300,1,0\n-1e300,2,1\n",
    "7,7,1\n7,7,-1\n",
]
UGLY = [
    "1,2,a'b\n3,4,1\n",
    "1,2\\3,a\n",
    "1,two\"and'half,a\n3,4,b\n",
    '"1\n",2,a\n3,4,x,b\n',
    '"',
    ",",
    "a,b\n",
    "1,2,a\n3,4," + "b" * 140_000 + "\n",
    "1,2,a\n3,+-4,b\n",
    "1,2,a\n3,Infinity,b\n",
    "1,2,a\n3,0x10,b\n",
    "1,a\n2,b\n",
    "".join(f"{i},0,{i % 5}\n" for i in range(10)),
    "".join(f"{i},0,{i % 2}\n" for i in range(2001)),
]


@pytest.fixture(scope="module")
def probe(chromium, go_bare):
    """A function that calls a function of points_probe.js in a page of its own."""
    page = chromium.new_page()
    go_bare(page)
    page.evaluate("async () => { window.probe = await import('/tests/browser/points_probe.js'); }")
    yield lambda name, **argument: page.evaluate(
        "([name, argument]) => probe[name](argument)", [name, {"messages": MESSAGES, **argument}]
    )
    page.close()


def in_python(text):
    try:
        data = from_csv(text if "\n" in text else text + "\n")
    except ValueError as error:
        return {"said": str(error)}
    names = list(data.names)
    return {
        "X": data.X.tolist(), "y": data.y.tolist(), "task": data.task, "names": names, "features": list(data.features),
    }  # fmt: skip


@pytest.mark.parametrize("text", [*BAD, *GOOD, *UGLY], ids=lambda text: repr(text[:30]))
def test_a_table_is_read_as_python_reads_it(probe, text):
    assert probe("csv", text=text if "\n" in text else text + "\n") == in_python(text)


cells = st.sampled_from(["1", "-2.5", "3e1", "a", "b", "", " ", "nan", "7.", "−1", '"q"', '"', "'", "x,", "1_0", "\\"])
rows = st.lists(st.lists(cells, max_size=4), max_size=6)


@few
@given(rows, st.sampled_from(",;\t"), st.sampled_from(["\n", "\r\n", "\r"]))
@example([["1", '"', "a"], ["2", "3", "b"]], ",", "\n")
def test_any_table_of_cells_is_read_as_python_reads_it(probe, table, delimiter, newline):
    text = "".join(delimiter.join(row) + newline for row in table) + "\n"
    assert probe("csv", text=text) == in_python(text)


@few
@given(st.text('1a,;\t" \n\r.-x', max_size=25))
def test_any_text_is_read_as_python_reads_it(probe, text):
    assert probe("csv", text=text + "\n") == in_python(text + "\n")


@pytest.mark.parametrize("text", [*GOOD, *UGLY[-3:]], ids=lambda text: repr(text[:30]))
def test_a_table_becomes_the_points_that_python_makes_of_it(probe, text):
    try:
        points, task, remarks = own_points.from_data(from_csv(text))
        expected = {"points": [list(point) for point in points], "task": task, "remarks": remarks}
    except ValueError as error:
        expected = {"said": str(error)}
    assert probe("points", text=text) == expected


def test_class_names_that_are_lost_are_told_and_text_must_be_utf_8(probe):
    assert probe("names", text="1,2,owl\n3,4,cat\n") == [["cat", "−1"], ["owl", "+1"]]
    assert probe("names", text="1,2,5\n3,4,0\n3,4,1\n") == [["5", "2"]]
    assert probe("encoding", bytes=list("é\n".encode("latin-1"))) == MESSAGES["csv_encoding"]
    assert probe("encoding", bytes=list("é\n".encode())) == "é\n"


labels = st.sampled_from([(-1, 1), (0, 1, 2, 3), (1,), (-1, 0.5, 2.25)])
point_lists = labels.flatmap(
    lambda some: st.lists(
        st.tuples(*[st.integers(-6000, 6000).map(lambda k: k / 1000)] * 2, st.sampled_from(some), st.integers(0, 99)),
        max_size=30,
    )
)


@few
@given(point_lists, st.sampled_from(own_points.TASKS), st.sampled_from([0.1, 0.29, 0.3, 0.57, 0.7, 0.9]))
def test_both_languages_say_the_same_of_points(probe, points, task, share):
    checked = own_points.check_points(points)
    page = probe("about", points=[list(point) for point in checked], task=task, share=share)
    assert page["problem"] == own_points.problem_of(checked, task)
    assert page["task"] == own_points.task_of(checked, task)
    for name, part in zip(("train", "test"), own_points.parts_of(checked, share)):
        assert page[name]["X"] == [value for point in part for value in point[:2]]
        assert page[name]["y"] == [point[2] for point in part]
    assert page["text"] == own_points.encode(checked)
    assert page["again"] == [list(point) for point in checked] == [list(p) for p in own_points.decode(page["text"])]
    if len(checked) > 1:
        again = from_csv(page["csv"], task="regression")
        assert again.X.tolist() == [list(point[:2]) for point in checked]


def test_rounding_places_and_damaged_texts_agree(probe):
    values = [0.0005, -0.0005, 0.12345, -0.0001, 5.9996, 1 / 3, 2.0015, -2.0015, 1.0005]
    rounded, places = probe("rounding", values=values)
    assert rounded == [own_points.round3(value) for value in values]
    assert places == [own_points.place_of(i) for i in range(2000)]
    damaged = ["", "k1", "kzzzzzz000", "x", "k4mo4mo0a0"]
    assert probe("decoded", texts=[*damaged, "v"]) == [None] * len(damaged) + [[]]


@pytest.mark.parametrize(
    ("labels", "before", "after", "expected"),
    [
        ([-1, 1], "binary", "multiclass", [0, 1]),
        ([0, 1, 3], "multiclass", "binary", [-1, 1, 1]),
        ([0, 1, 3], "multiclass", "regression", [0, 0.333, 1]),
        ([-0.4, 0.3], "regression", "binary", [-1, 1]),
        ([-0.4, 0.3], "regression", "multiclass", [0, 1]),
    ],
)
def test_labels_of_one_task_become_labels_of_another(probe, labels, before, after, expected):
    points = [[0, 0, label, 0] for label in labels]
    assert probe("changed", points=points, **{"from": before, "to": after}) == expected
