"""The harness that looks for claims about single bits: it finds them where they are, and only there."""

from dataclasses import replace

import nbformat
import numpy as np
import pytest

from nnlib.labs import Settings
from nnlib.labs.vary_capacity import CAPACITY
from nnlib.random import CounterGenerator
from tests.robustness import presets
from tests.robustness.__main__ import compare
from tests.robustness.comparing import difference, numbers, prose, quoted
from tests.robustness.executing import execute
from tests.robustness.perturbing import RELATIVE, perturbed
from tests.robustness.variants import Variant

PLAIN, MOVED = Variant("plain"), Variant("moved", perturbation=1)

# --- a toy notebook, from executing to faults ----------------------------------------------------------------------

DRAW = """\
import numpy as np
x = start = np.random.default_rng(0).uniform(0.2, 0.8)
for _ in range(100):
    x = 4 * x * (1 - x)
print(f"chaos ends at {x:.6f}")"""
MEAN = """print(f"mean {np.random.default_rng(1).normal(3.7, size=1000).mean():.3f}")"""


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """Return a notebook with fragile cells and a tame one, the numbers that prose quotes, and both variants' cells."""
    x = start = float(np.random.default_rng(0).uniform(0.2, 0.8))
    for _ in range(100):
        x = 4 * x * (1 - x)
    chaos, mean = f"{x:.6f}", f"{np.random.default_rng(1).normal(3.7, size=1000).mean():.2f}"
    code, markdown = nbformat.v4.new_code_cell, nbformat.v4.new_markdown_cell
    cells = [
        markdown(f"The map ends at {chaos}."),
        code(DRAW),
        code(f"assert start == {start!r}"),
        markdown(f"The mean is {mean}."),
        code(MEAN),
    ]
    notebook, path = nbformat.v4.new_notebook(cells=cells), tmp_path_factory.mktemp("toy") / "toy.ipynb"
    nbformat.write(notebook, path)
    return notebook, (chaos, mean), [execute(path, variant) for variant in (PLAIN, MOVED)]


def test_plain_run_keeps_what_cells_print_and_fails_nowhere(toy):
    _, (chaos, _), (plain, _) = toy
    assert list(plain) == [1, 2, 4]
    assert plain[1].printed == f"chaos ends at {chaos}\n"
    assert not any(cell.error for cell in plain.values())


def test_table_and_faults_name_the_fragile_cells_alone(toy):
    notebook, (chaos, _), results = toy
    rows, faults = compare("toy", notebook, [PLAIN, MOVED], results)
    moved = difference(results[0][1].printed, results[1][1].printed)
    assert float(moved) > 1e-6
    assert rows == [["toy [1]", "", moved], ["toy [2]", "", "FAILS"]]
    assert faults == [
        "toy [2] fails, moved: AssertionError",
        f"toy [0] says {chaos}, which [1] does not print: moved",
    ]


def test_every_quoted_number_is_found_at_the_cell_that_prints_it(toy):
    notebook, (chaos, mean), results = toy
    found = quoted(notebook, [{place: cell.printed for place, cell in results[0].items()}])
    assert [(place, str(number), source) for place, number, source in found] == [(0, chaos, 1), (3, mean, 4)]


def test_number_that_the_plain_run_does_not_print_is_looked_for_under_the_other_variants():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("It ends at 0.25.")])
    assert quoted(notebook, [{1: "0.31"}]) == []
    ((place, number, source),) = quoted(notebook, [{1: "0.31"}, {1: "0.254"}])
    assert (place, str(number), source) == (0, "0.25", 1)


def test_prose_takes_no_number_from_a_cell_that_says_its_numbers_differ_from_run_to_run():
    cells = [nbformat.v4.new_markdown_cell("It takes 0.25 s."), nbformat.v4.new_code_cell("print(seconds)")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    assert len(quoted(notebook, [{1: "0.25"}])) == 1
    cells[1].metadata["tags"] = ["nbval-ignore-output"]
    assert quoted(notebook, [{1: "0.25"}]) == []


def test_cell_that_ends_the_kernel_is_the_one_that_fails(tmp_path):
    codes = ("print(1)", "import os; os._exit(1)", "print(3)")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in codes])
    nbformat.write(notebook, tmp_path / "dies.ipynb")
    cells = execute(tmp_path / "dies.ipynb", PLAIN)
    assert [bool(cell.error) for cell in cells.values()] == [False, True, False]


# --- what is changed, and what is not ------------------------------------------------------------------------------

GENERATORS = {"numpy": lambda: np.random.default_rng(5), "counter": lambda: CounterGenerator(5)}
REAL = {
    "random": lambda rng: rng.random((40, 3)),
    "one": lambda rng: rng.random(),
    "uniform": lambda rng: rng.uniform(-2, 5, size=100),
    "normal": lambda rng: rng.normal(3, 2, size=101),
    "one normal": lambda rng: rng.normal(),
    "standard": lambda rng: rng.standard_normal(100),
}
CHOSEN = {
    "integers": lambda rng: rng.integers(0, 1000, size=100),
    "permutation": lambda rng: rng.permutation(100),
    "rows": lambda rng: rng.permutation(np.arange(100.0)),
}


@pytest.mark.parametrize("kind", GENERATORS)
@pytest.mark.parametrize("name", REAL)
def test_real_draws_move_by_a_trillionth_of_themselves(kind, name):
    draw, plain = REAL[name], REAL[name](GENERATORS[kind]())
    moved = []
    for seed in (1, 2):
        with perturbed(seed):
            moved.append(draw(GENERATORS[kind]()))
        assert type(moved[-1]) is type(plain) and np.shape(moved[-1]) == np.shape(plain)
        share = np.abs(moved[-1] / plain - 1)
        assert 0 < np.max(share) < 1.001 * RELATIVE
        assert np.max(share) > 0.5 * RELATIVE or np.size(plain) == 1
    assert np.any(moved[0] != moved[1])


@pytest.mark.parametrize("kind", GENERATORS)
@pytest.mark.parametrize("name", CHOSEN)
def test_what_is_chosen_stays_as_it_is_and_where_it_is(kind, name):
    def draw():
        rng = GENERATORS[kind]()
        rng.normal(size=7)
        return CHOSEN[name](rng)

    plain = draw()
    with perturbed(1):
        assert np.array_equal(draw(), plain)


def test_everything_is_as_before_when_the_context_has_ended():
    before = np.random.default_rng, dict(vars(CounterGenerator))
    plain = [make().random(50) for make in GENERATORS.values()]
    with pytest.raises(ZeroDivisionError), perturbed(1):
        within = [make() for make in GENERATORS.values()]
        raise ZeroDivisionError
    assert np.random.default_rng is before[0] and dict(vars(CounterGenerator)) == before[1]
    for numbers_before, rng, make in zip(plain, within, GENERATORS.values()):
        assert np.array_equal(rng.random(50), numbers_before)
        assert np.array_equal(make().random(50), numbers_before)


# --- numbers, printed and written ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wanted"),
    {
        "0.125 and 3": [(0.125, 3, False), (3, 0, False)],
        "1,200 of 12,345.5": [(1200, 0, False), (12345.5, 1, False)],
        "-0.5 −7 2-3": [(-0.5, 1, False), (-7, 0, False), (2, 0, False), (3, 0, False)],
        "3e-12, 1.e-05, 2.5E+03": [(3e-12, 12, False), (1e-5, 5, False), (2500, -2, False)],
        "83 %, 83.2% or 4\\%": [(83, 0, True), (83.2, 1, True), (4, 0, True)],
        "x1 v2.5 h_3 W₁": [],
        "[1. 0.5] in 1943.": [(1, 0, False), (0.5, 1, False), (1943, 0, False)],
    }.items(),
)
def test_numbers_of_a_text(text, wanted):
    assert [(number.value, number.decimals, number.percent) for number in numbers(text)] == wanted


@pytest.mark.parametrize(
    ("written", "printed", "tells"),
    [
        ("0.25", "0.2549", True),
        ("0.25", "0.2551", False),
        ("0.250", "0.25", False),  # prose with more digits than were printed
        ("0.3", "-0.3012", True),  # "falls by 0.3"
        ("−0.3", "-0.3012", True),
        ("−0.3", "0.3012", False),
        ("83 %", "0.832", True),
        ("83 %", "83.2%", True),
        ("83 %", "0.836", False),
        ("83.0 %", "0.83", False),
        ("83", "83 %", False),
        ("1,200", "1200", True),
        ("1200", "1,249", False),
        ("3e-12", "3.4e-12", True),
        ("3e-12", "4e-12", False),
        ("0.00001", "1e-05", True),
    ],
)
def test_number_in_prose_tells_the_printed_one(written, printed, tells):
    ((one,), (other,)) = numbers(written), numbers(printed)
    assert one.tells(other) is tells


@pytest.mark.parametrize(
    ("source", "wanted"),
    {
        "Use `0.5` or\n```python\nx = 0.25\n```\nbut 0.75": ["0.75"],
        "```{admonition} See\n:class: note\nIt ends at 0.31.\n```\nThen 0.5": ["0.31", "0.5"],
        "**2.8 (open).** 4.5 as in exercise 2.1, see [0.1](page_0.2)": ["4.5", "0.1"],
        "\\\\[0.5em] z &= 6\\cdot 10^{-3}, 10^{−2}": ["0.006", "0.01"],
        "150 528 inputs, 616 566 784 parameters": ["150528", "616566784"],
        "minus 0.25 and −3": ["-0.25", "-3"],
    }.items(),
)
def test_prose_is_what_a_text_claims(source, wanted):
    assert list(map(str, numbers(prose(nbformat.v4.new_markdown_cell(source))))) == wanted


def test_prose_of_a_figure_is_its_description_and_caption():
    figure = {"image": {"alt": "It falls to 0.25"}, "figure": {"caption": "from 0.75"}}
    cell = nbformat.v4.new_code_cell("x = 0.5", metadata={"mystnb": figure})
    assert list(map(str, numbers(prose(cell)))) == ["0.25", "0.75"]


@pytest.mark.parametrize(
    ("plain", "other", "wanted"),
    [("a 1.0", "a 1.0", ""), ("a 1.0", "a 1.5", "3e-01"), ("a 1.0", "b 1.0", "≠"), ("1 2", "1 2 3", "≠")],
)
def test_difference_of_what_was_printed(plain, other, wanted):
    assert difference(plain, other) == wanted


# --- presets ------------------------------------------------------------------------------------------------------

TAME = Settings(dataset="moons", width=4, depth=1, optimizer="sgd", epochs=5)
CHAOTIC = Settings(optimizer="sgd", learning_rate=1.0, batch_size=2, depth=4, epochs=12)
#: presets that a plan lists as sensitive → those that the check names, with a word of what it says of them
LISTS = {
    ("wild",): [],
    (): [("wild", "not list")],
    ("calm", "wild"): [("calm", "only"), ("calm", "begins here")],
}


@pytest.mark.parametrize("listed", LISTS)
def test_presets_that_are_not_what_their_plan_says_are_named(listed, capsys):
    plan = replace(CAPACITY, presets={"calm": TAME, "wild": CHAOTIC}, sensitive=listed)
    problems = presets.check([plan])
    assert len(problems) == len(LISTS[listed])
    for problem, (name, word) in zip(problems, LISTS[listed]):
        assert problem.startswith(f"capacity {name}: ") and word in problem
    *_, calm, wild = capsys.readouterr().out.splitlines()
    assert calm.endswith(" tame") and wild.endswith(" sensitive")
