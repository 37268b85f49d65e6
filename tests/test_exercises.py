"""The exercise checker: every table of every chapter, and answers of every kind, right, wrong and absurd."""

import builtins
import json
import math
import re
import signal
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest

from nnlib import autodiff
from nnlib.exercises import chapters, check, guarding, hint, progress, remembering
from nnlib.exercises.asking import ask_widget, asked, quiz_widget, seal
from nnlib.exercises.core import (
    Above,
    Array,
    Below,
    Exercise,
    Function,
    Mistake,
    Number,
    Predicate,
    array,
    function,
    number,
    predicate,
)
from nnlib.exercises.grading import grade
from nnlib.exercises.messages import MESSAGES

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "book"
WEB = ROOT / "nnlib" / "exercises" / "web"
EXERCISES, QUIZZES = chapters.exercises(), chapters.quizzes()
MISTAKES = [(name, mistake) for name, exercise in EXERCISES.items() for mistake in exercise.mistakes]

every_exercise = pytest.mark.parametrize("name", EXERCISES)


class Hostile:
    """An object that raises whatever is done with it."""

    def __getattr__(self, name):
        raise RuntimeError("hostile")

    def __eq__(self, other):
        raise RuntimeError("hostile")

    __hash__ = None

    def __repr__(self):
        raise RuntimeError("hostile")


def endless():
    while True:
        yield 1


def itself():
    holds = []
    holds.append(holds)
    return holds


JUNK = {
    "None": None,
    "text": "0.5",
    "bytes": b"1",
    "True": True,
    "nan": float("nan"),
    "inf": -float("inf"),
    "enormous": 10**400,
    "complex": 3j,
    "dict": {"a": 1},
    "set": {1, 2},
    "empty list": [],
    "ragged": [[1, 2], [3]],
    "list of text": ["a", "b"],
    "list that holds itself": itself(),
    "list of None": [None, None],
    "huge array": np.zeros((2000, 2000)),
    "array of nan": np.full((2, 2), np.nan),
    "array of objects": np.array([object(), None]),
    "array of bools": np.array([True, False]),
    "empty array": np.zeros((0, 3)),
    "object": object(),
    "hostile": Hostile(),
    "class": int,
    "generator": endless(),
    "no arguments": lambda: 1,
    "gives None": lambda *arguments: None,
    "gives text": lambda *arguments: "right",
    "gives nan": lambda *arguments: np.nan,
    "gives itself": lambda *arguments: itself(),
    "gives something hostile": lambda *arguments: Hostile(),
    "gives something huge": lambda *arguments: np.zeros((2000, 2000)),
    "never ends to give": lambda *arguments: endless(),
    "raises": lambda *arguments: 1 / 0,
    "leaves": lambda *arguments: exit(),
    "recurses": lambda *arguments: JUNK["recurses"](*arguments),
}


def wrong_answer(mistake):
    """Return an answer that makes a mistake."""
    wrong = mistake.wrong
    if mistake.example is not None:
        return mistake.example
    if isinstance(wrong, Above | Below):
        return wrong.limit + (1 if isinstance(wrong, Above) else -1)
    if isinstance(wrong, Function):
        return wrong.reference
    if isinstance(wrong, Number | Array):
        return wrong.value
    return wrong


# --- the tables -------------------------------------------------------------------------------------------------


def test_there_are_tables():
    assert "08" in chapters.chapters()
    assert EXERCISES and QUIZZES and MISTAKES


@pytest.mark.parametrize("chapter", chapters.chapters())
def test_ids_begin_with_their_chapter(chapter):
    assert all(re.fullmatch(rf"{chapter}\.\d+", name) for name in chapters.exercises(chapter))
    assert all(re.fullmatch(rf"{chapter}\.[a-z]\w*", name) for name in chapters.quizzes(chapter))


@every_exercise
def test_the_solution_is_right(name):
    answer = EXERCISES[name].answer
    assert not (isinstance(answer, Predicate) and answer.example is None), "a test needs an example that passes it"
    verdict = check(name, answer.solution)
    assert verdict.right is True, verdict
    assert verdict.mistake is None


@pytest.mark.parametrize(("name", "mistake"), MISTAKES, ids=[f"{name}-{mistake.name}" for name, mistake in MISTAKES])
def test_every_mistake_is_recognised(name, mistake):
    verdict = check(name, wrong_answer(mistake))
    assert verdict.right is False, "this is a right answer"
    assert verdict.mistake == mistake.name, verdict
    assert verdict.text == mistake.text


@every_exercise
def test_names_of_mistakes_differ(name):
    names = [mistake.name for mistake in EXERCISES[name].mistakes]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]\w*", each) for each in names)


@every_exercise
@pytest.mark.parametrize("junk", JUNK)
def test_nothing_that_a_reader_hands_in_raises(name, junk):
    verdict = check(name, JUNK[junk])
    assert verdict.right is False
    assert len(verdict.text.split()) >= 3
    assert verdict.text in repr(verdict)


@every_exercise
def test_an_answer_of_another_kind_is_told_what_is_asked_for(name):
    for answer in ("abc", None, object(), [1, "a"], [], [1.0, 2.0], np.zeros((2, 3, 4)), lambda: 1 / 0):
        text = check(name, answer).text
        assert text[0].isupper() and text[-1] in ".?!"
        assert not re.search(r"Error|Traceback|positional|could not|not supported", text), text
        assert re.search(r"asked for|Asked for|return\?|the number|arguments \(|shape should be", text), text


@every_exercise
def test_dots_are_not_tried_yet(name):
    asks_function = isinstance(EXERCISES[name].answer, Function)
    answers = [..., (..., ...), [1, ...], np.array([...])]
    answers += (
        [lambda *arguments: ..., lambda *arguments: (..., 1), lambda *arguments: 1 + ...] if asks_function else []
    )
    for answer in answers:
        verdict = check(name, answer)
        assert verdict.right is None
        assert "Not tried yet." in repr(verdict)


def numbers_in(answer):
    """Yield the texts under which a solution's numbers could slip into a sentence."""
    if isinstance(answer, Number):
        values = [answer.value]
    elif isinstance(answer, Array) and answer.value.dtype.kind in "iuf":
        values = [value for value in answer.value.ravel().tolist() if value != int(value)]
    else:
        values = []
    for value in values:
        if value == int(value):
            yield str(abs(int(value)))
        else:
            yield from {f"{abs(value):.{digits}f}" for digits in range(3, 8)} - {f"{0:.{d}f}" for d in range(3, 8)}


@every_exercise
def test_hints_come_in_two_steps_and_nothing_tells_the_solution(name):
    exercise = EXERCISES[name]
    assert len(exercise.hints) == 2
    assert exercise.title and exercise.task
    for text in (*exercise.hints, *(mistake.text for mistake in exercise.mistakes)):
        assert len(text.split()) >= 4
        assert text.strip()[-1] in ".?!", text
        for told in numbers_in(exercise.answer):
            assert not re.search(rf"(?<![\d.,]){re.escape(told)}(?!\d|[.,]\d)", text), f"{told} stands in: {text}"


@pytest.mark.parametrize("name", QUIZZES)
def test_a_quiz_has_one_right_option_and_a_reason_for_each(name):
    quiz = QUIZZES[name]
    assert sum(option.right for option in quiz.options) == 1
    assert 2 <= len(quiz.options) <= 6
    assert len({option.text for option in quiz.options}) == len(quiz.options)
    assert all(len(option.reason.split()) >= 4 for option in quiz.options)
    assert not any("$" in text for text in (quiz.question, *(option.text for option in quiz.options))), "no TeX here"


def cells(path):
    return ["".join(cell["source"]) for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]


def notebook(chapter, folder=BOOK):
    return next(iter(folder.glob(f"{chapter}_*.ipynb")), None)


@pytest.mark.parametrize("chapter", chapters.chapters())
def test_notebooks_and_tables_fit_together(chapter):
    """What the table holds stands in the chapter, and each solution is asserted in the chapter's solutions."""
    if notebook(chapter) is None:
        pytest.skip("the chapter has not come yet")
    used = re.findall(r'\b(check|ask|quiz)\("([^"]+)"', "\n".join(cells(notebook(chapter))))
    exercises, quizzes = chapters.exercises(chapter), chapters.quizzes(chapter)
    assert {name for kind, name in used if kind == "quiz"} == set(quizzes)
    assert {name for kind, name in used if kind == "check"} == set(exercises)
    assert {name for kind, name in used if kind == "ask"} <= set(exercises)
    solutions = "\n".join(cells(notebook(chapter, BOOK / "solutions")))
    assert set(re.findall(r'assert check\("([^"]+)", .*\)\.right', solutions)) == set(exercises)


# --- looking up -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("look", [lambda name: check(name, 1), hint], ids=["check", "hint"])
@pytest.mark.parametrize(("name", "near"), [("8.1", "'08.1'"), ("08.lambda", "Known"), (8.1, "Known"), ("", "Known")])
def test_an_unknown_id_is_told_with_the_nearest_match(look, name, near):
    with pytest.raises(ValueError, match=re.escape(near)):
        look(name)


def test_hints_come_one_after_the_other(monkeypatch):
    monkeypatch.setattr("nnlib.exercises._given", {})
    given = [hint("08.1") for _ in range(3)]
    assert [each.number for each in given] == [1, 2, 2]
    assert [each.text for each in given[:2]] == list(EXERCISES["08.1"].hints)
    assert "Hint 2 of 2" in repr(given[1])
    assert given[1].text.split()[0] in given[1]._repr_html_()


# --- numbers, arrays, functions, tests: what is told ------------------------------------------------------------


def judged(answer, wanted, *mistakes):
    return grade(Exercise("", "", wanted, mistakes), answer)


@pytest.mark.parametrize("answer", [0.25, np.float32(0.25), np.array([[0.25]]), [0.25], autodiff.Tensor(0.25)])
def test_numbers_are_compared_by_meaning(answer):
    assert judged(answer, number(0.25)).right


def test_tensors_of_pytorch_are_numbers_and_arrays():
    import torch

    assert judged(torch.tensor(0.25, requires_grad=True), number(0.25)).right
    assert judged(torch.ones(2, 3), array(np.ones((2, 3)))).right
    assert judged(lambda x: torch.tensor(x) ** 2, function(lambda x: x**2, inputs=(3.0,))).right


@pytest.mark.parametrize(
    ("answer", "mistake", "text"),
    [
        (-0.5, "sign", MESSAGES["sign"]),
        (0.5001, "close", MESSAGES["close"]),
        (0.6, None, MESSAGES["other_number"]),
        ("0.5", None, MESSAGES["text_number"]),
        (np.nan, None, "not a finite number"),
        ([0.5, 1.0], None, "a list or tuple of 2"),
        (np.zeros((2, 3)), None, "(2, 3)"),
        (["0.5", 1], None, "with text in it"),
        (abs, None, "call it"),
    ],
)
def test_what_is_told_of_a_number(answer, mistake, text):
    found = judged(answer, number(0.5))
    assert (found.right, found.mistake) == (False, mistake)
    assert text in found.text


def test_close_is_a_matter_of_rounding_not_of_a_wide_tolerance():
    assert judged(0.00098, number(0.0009765625, tolerance=1e-6)).mistake == "close"
    assert judged(2e-9, number(0.0, tolerance=1e-9)).mistake == "close"
    assert judged(-6, number(-2.3, tolerance=0.5)).text == MESSAGES["other_number"]


def test_a_number_is_right_within_its_tolerance_only():
    assert judged(0.1234, number(0.12345, tolerance=1e-4)).right
    assert not judged(0.1232, number(0.12345, tolerance=1e-4)).right
    assert not judged(3.0000001, number(3)).right
    assert judged(2.5, number(3)).text == MESSAGES["whole"]


def test_the_first_mistake_that_fits_is_told():
    mistakes = Mistake("half", 0.25, "…"), Mistake("large", Above(1), "…"), Mistake("all", lambda x: True, "…")
    assert [judged(x, number(0.5), *mistakes).mistake for x in (0.25, 2, -7, 0.5)] == ["half", "large", "all", None]


WEIGHTS = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.5]])


@pytest.mark.parametrize(
    ("answer", "mistake", "text"),
    [
        (WEIGHTS.T, "transposed", "changed places"),
        (-WEIGHTS, "sign", "sign"),
        (WEIGHTS[0], "shape", "should be (2, 3); yours is (3,)"),
        (WEIGHTS.astype(int), "cut_off", "whole numbers only"),
        (
            WEIGHTS + np.array([[0, 0, 0], [0, 1, 0]]),
            None,
            "1 of 6 entries differ. The first is at [1, 1], where you have 6",
        ),
        (WEIGHTS * [[1, 1, np.nan]], None, "At [0, 2] there is no finite number but nan"),
        (WEIGHTS > 2, "kind", "True and False"),
        ([[1, 2], [3]], None, "An array of numbers"),
        (3, "shape", "()"),
    ],
)
def test_what_is_told_of_an_array(answer, mistake, text):
    found = judged(answer, array(WEIGHTS))
    assert (found.right, found.mistake) == (False, mistake)
    assert text in found.text


def test_arrays_are_compared_by_meaning():
    assert judged(WEIGHTS.tolist(), array(WEIGHTS)).right
    assert judged(WEIGHTS + 1e-4, array(WEIGHTS, tolerance=1e-3)).right
    assert judged([0.0, 1.0], array([0, 1])).right
    assert judged(np.array([0, 1.0], dtype=object), array([0, 1])).right
    for vector in ([[0, 1]], [[0], [1]], np.array([[0], [1]]), ([0], 1), (np.array([0.0]), 1)):
        assert judged(vector, array([0, 1])).right
    assert judged(WEIGHTS[0], array(WEIGHTS[:1])).mistake == "shape", "a matrix keeps its shape"
    assert judged(np.round(WEIGHTS / 7, 3), array(WEIGHTS / 7)).mistake == "close"
    assert judged([True, False], array([True, False])).right
    assert judged([1, 0], array([True, False])).mistake == "kind"
    assert judged(WEIGHTS * 2, array(WEIGHTS), Mistake("twice", 2 * WEIGHTS, "…")).mistake == "twice"
    assert (
        judged(WEIGHTS + 9, array(WEIGHTS), Mistake("large", lambda found: bool(found.min() > 9), "…")).mistake
        == "large"
    )


def mean_gradient(X, errors):
    return X.T @ errors / len(X)


def data():
    rng = np.random.default_rng(0)
    return [(rng.normal(size=(4, 3)), rng.normal(size=(4, 1))), (rng.normal(size=(2, 2)), rng.normal(size=(2, 1)))]


GRADIENT = function(mean_gradient, inputs=data)


def in_place(X, errors):
    gradient = mean_gradient(X, errors)
    X *= 0
    return gradient


def unfinished(X, errors):
    products = ...
    return products / len(X)


@pytest.mark.parametrize(
    ("answer", "mistake", "text"),
    [
        (lambda X, errors: X.T @ errors, "no_mean", "1/n"),
        (lambda X, errors: -mean_gradient(X, errors), "sign", "downhill"),
        (lambda X, errors: mean_gradient(X, errors).T, None, "the shape should be (3, 1); yours is (1, 3)"),
        (lambda X, errors: mean_gradient(X, errors) + 1, None, "3 of 3 entries differ, the first at [0, 0]"),
        (lambda X, errors: X @ errors, "error", "raises ValueError"),
        (lambda X: X, "error", "must take the arguments (X, errors)"),
        (lambda X, errors: None, "none", "returns None"),
        (lambda X, errors: 3.0, None, "yours is ()"),
        (in_place, "changes_input", "changes its argument X"),
        (lambda X, errors: mean_gradient(X, errors) * np.nan, None, "no finite number"),
        (WEIGHTS, None, "its name alone. This is an array of shape (2, 3)"),
    ],
)
def test_what_is_told_of_a_function(answer, mistake, text):
    mistakes = (
        Mistake("no_mean", lambda X, errors: X.T @ errors, "1/n is missing."),
        Mistake(
            "sign", function(lambda X, errors: -X.T @ errors / len(X)), "The gradient points uphill, not downhill."
        ),
    )
    found = judged(answer, GRADIENT, *mistakes)
    assert (found.right, found.mistake) == (False, mistake)
    assert text in found.text


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        (lambda X, errors: math.exp(X), "help_math"),
        (lambda X, errors: X if X > 0 else errors, "help_if"),
        (lambda X, errors: X @ errors, "help_product"),
        (lambda X, errors: X.dot(errors), "help_product"),
        (lambda X, errors: X + errors.T, "help_broadcast"),
        (lambda X, errors: {}["a"], None),
    ],
)
def test_what_numpy_says_is_explained(answer, key):
    text = judged(answer, GRADIENT).text
    assert text.endswith(f" {MESSAGES[key]}") if key else text.endswith("your function raises KeyError: 'a'.")


def test_functions_are_compared_by_what_they_do():
    assert judged(lambda A, e: (A * e).mean(axis=0)[:, None], GRADIENT).right
    assert judged(unfinished, GRADIENT).right is None
    undefined = function(lambda x: np.array([x, np.nan]), inputs=(1.0,))
    assert judged(lambda x: [x, np.nan], undefined).right
    assert judged(np.sin, function(np.sin, inputs=(0.0, 1.0))).right
    assert judged(lambda x: x.tolist(), function(lambda x: x, inputs=(np.arange(3.0),))).right
    assert judged(lambda: (1, [2, 3.0]), function(lambda: (1, np.array([2, 3])), inputs=((),))).right
    assert judged(lambda A, e: mean_gradient(A, e).astype(np.float32), GRADIENT).right
    assert not judged(lambda A, e: 1.0001 * mean_gradient(A, e).astype(np.float32), GRADIENT).right
    third = function(lambda x: x / 3, inputs=(5.0,), also=(lambda f: f(7.0).sum(axis=0) > 2,))
    assert judged(lambda x: np.float32(x) / 3, third).right
    assert judged(lambda x: autodiff.Tensor(x / 3), third).right, "a property sees arrays, whatever library made them"
    assert "returns True or False" in judged(lambda x: np.array(x > 3), third).text


def add_one(x):
    x += 1


def test_a_function_that_is_to_change_its_argument_may():
    wanted = function(add_one, inputs=(np.zeros(2),))
    assert judged(lambda x: x.__iadd__(1) is None or None, wanted).right
    assert judged(lambda x: None, wanted).mistake == "changes_input"


def test_batches_are_compared_part_by_part():
    def batches(n, size):
        for start in range(0, n, size):
            yield np.arange(start, min(start + size, n))

    def off_by_one(n, size):
        for start in range(0, n - size, size):
            yield np.arange(start, start + size)

    wanted = function(batches, inputs=((10, 3), (4, 2)))
    assert judged(batches, wanted).right
    assert judged(off_by_one, wanted, Mistake("last", off_by_one, "…")).mistake == "last"
    assert "4 parts are asked for" in judged(off_by_one, wanted).text
    assert "In part 3" in judged(lambda n, s: [np.arange(i, i + s) for i in range(0, n, s)], wanted).text


def test_properties_of_functions_are_told():
    def grows(f):
        return True if f(2.0) > f(1.0) else "It must grow."

    wanted = function(lambda x: 0.0, inputs=(0.0,), also=(grows,))
    assert judged(lambda x: x, wanted).right
    found = judged(lambda x: -x, wanted)
    assert (found.right, found.mistake, found.text) == (False, "property", "It must grow.")
    falls = Mistake("falls", predicate(lambda f: f(1.0) < f(0.0)), "It falls.")
    assert judged(lambda x: -x, wanted, falls).mistake == "falls"


def test_answers_that_pass_a_test():
    def separates(answer):
        w, b = answer
        wrong = [x for x in (0, 1) if (w * x + b > 0) != (x == 1)]
        return f"For x = {wrong[0]} your unit is wrong." if wrong else True

    wanted = predicate(separates, expects="a weight and a bias", example=(1, -0.5))
    zero = Mistake("zero", lambda answer: answer[0] == 0, "…")
    assert judged((2, -1), wanted).right
    assert judged((0, -1), wanted).text == "For x = 1 your unit is wrong."
    assert "a weight and a bias" in judged(3, wanted).text
    assert judged((0, -1), wanted, zero).mistake == "zero"
    assert judged((..., ...), wanted).right is None


def test_a_reader_sees_what_a_function_prints(capsys):
    judged(lambda x: print("inside") or x, function(lambda x: x, inputs=(1,)))
    assert capsys.readouterr().out == "inside\n"


# --- functions that do not come back, or do what a notebook's cell must not ----------------------------------------


def loops(x):
    while True:
        pass


def loops_and_catches_exceptions(x):
    while True:
        try:
            x = x + 1
        except Exception:
            x = 0


def loops_and_catches_all(x):
    while True:
        try:
            x = x + 1
        except:  # noqa: E722
            x = 0


def comes_back_after_all(x):
    try:
        loops(x)
    except BaseException:
        return x


def never_yields(x):
    while x is None:
        yield x
    yield from iter(lambda: loops(x), None)


def prints_for_ever(x):
    while True:
        print(x)


def branches(x, level=90):
    return branches(x, level - 1) + branches(x, level - 1) if level else x


ENDLESS = [
    loops,
    loops_and_catches_exceptions,
    loops_and_catches_all,
    comes_back_after_all,
    never_yields,
    prints_for_ever,
    branches,
]
SQUARE = function(lambda x: x**2, inputs=(3.0,))


@pytest.fixture
def soon(monkeypatch):
    monkeypatch.setattr(guarding, "LIMIT", 0.1)


def nothing_left():
    return threading.active_count(), sys.stdout, builtins.input


@pytest.mark.parametrize("answer", ENDLESS, ids=lambda answer: answer.__name__)
def test_a_function_that_does_not_come_back_is_stopped(answer, soon, capsys):
    before = nothing_left()
    found = judged(answer, SQUARE)
    assert (found.right, found.mistake) == (False, "late")
    assert found.text.startswith("Your function had not come back after 0.1 s and was stopped"), found.text
    assert answer is comes_back_after_all or re.search(r", called with x = 3, in line \d+, “\S.*”\. Is", found.text)
    assert nothing_left() == before
    assert len(capsys.readouterr().out) < guarding.MOST_PRINTED + 100


def test_the_line_is_told_in_which_it_was_stopped(soon):
    line = loops.__code__.co_firstlineno + 2
    assert re.search(rf"in line ({line - 1}, “while True:”|{line}, “pass”)", judged(loops, SQUARE).text)
    held = type("Held", (), {"__array__": lambda self, *_, **__: loops(0)})()
    assert judged(held, array(WEIGHTS)).text == MESSAGES["unreadable_answer"]


def test_a_function_is_stopped_in_any_thread_and_in_a_check_within_a_check(soon):
    found = []
    thread = threading.Thread(target=lambda: found.append(judged(loops, SQUARE).mistake))
    thread.start()
    thread.join(20)
    guarding.LIMIT = 20

    def checks(x):
        guarding.LIMIT = 0.1
        found.append(judged(loops, SQUARE).mistake)
        return x**2

    assert judged(checks, SQUARE).right
    assert found == ["late", "late"]


def test_an_import_is_not_broken_off(soon, tmp_path, monkeypatch):
    (tmp_path / "slow_to_import.py").write_text("import time\n\nfor _ in range(30):\n    time.sleep(0.01)\n")
    monkeypatch.syspath_prepend(tmp_path)

    def imports(x):
        import slow_to_import  # noqa: F401

        return x**2

    assert judged(imports, SQUARE).right


def test_the_reader_can_interrupt_and_nothing_is_left_behind():
    before = nothing_left(), warnings.filters[:], np.geterr()
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores interrupts
    try:
        with pytest.raises(KeyboardInterrupt):
            judged(lambda x: signal.raise_signal(signal.SIGINT), SQUARE)
    finally:
        signal.signal(signal.SIGINT, handler)
    assert (nothing_left(), warnings.filters[:], np.geterr()) == before
    assert judged(lambda x: x * x, SQUARE).right


def raises(error):
    def f(x):
        raise error

    return f


def depth(x):
    return depth(x + 1)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (lambda x: float(input("x? ")), "asks with input()"),
        (depth, "calls itself again and again"),
        (raises(SystemExit(1)), "calls exit()"),
        (lambda x: sys.exit(), "calls exit()"),
        (raises(GeneratorExit()), "raises GeneratorExit"),
        (raises(StopIteration()), "raises StopIteration"),
        (raises(MemoryError("too large")), "raises MemoryError: too large"),
        (lambda x: (print("loss", x) for _ in range(3)), "a list or tuple of 3"),
        (lambda x: lambda: x, "a function; call it"),
        (type("Class", (), {}), "must take the arguments (x)"),
    ],
)
def test_what_a_cell_must_not_do_is_told_in_a_sentence(answer, text):
    found = judged(answer, SQUARE)
    assert found.right is False
    assert text in found.text
    late = function(lambda x: x**2, inputs=(3.0,), also=(lambda f: f(4.0) == 16,))
    assert judged(lambda x: x**2 if x == 3 else answer(x), late).mistake == "property"


def test_a_little_of_what_a_function_prints_is_shown(capsys):
    assert judged(lambda x: print("loss " * 10_000, flush=True) or x**2, SQUARE).right
    shown = capsys.readouterr().out
    assert shown.startswith("loss loss") and shown.endswith(MESSAGES["more_printed"])
    assert len(shown) == guarding.MOST_PRINTED + len(MESSAGES["more_printed"])


def test_verdicts_are_text_and_html_without_scripts():
    verdict = judged("<script>", predicate(lambda answer: f"{answer} & more"))
    assert verdict.text.startswith("<script>")
    shown = check("08.2", 2)._repr_html_()
    assert "Not yet." in shown and 'role="status"' in shown and "hint(&quot;08.2&quot;)" in shown
    hostile = type(check("08.2", 2))("08.2", "<b>", False, None, "<script>alert(1)</script>")
    assert "<script" not in hostile._repr_html_() and "<b>:" not in hostile._repr_html_()


# --- progress ---------------------------------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path, monkeypatch):
    path = tmp_path / "data" / "exercises.json"
    monkeypatch.setattr(remembering, "place", lambda: path)
    monkeypatch.delenv("NNLIB_HEADLESS", raising=False)
    return path


def test_progress_is_kept_and_forgotten(place):
    check("08.1", ...)
    assert not place.exists(), "nothing was tried"
    check("08.2", 2)
    assert progress().states["08.2"] == "tried"
    check("08.2", 3)
    check("08.2", 2)
    assert json.loads(place.read_text()) == {"08.2": "right"}, "what was right stays right"
    assert re.search(r"Chapter 8: 1 of \d+ right; not tried yet: 8\.1, 8\.3", repr(progress()))
    assert re.search(r"1/\d+ 8\.2", progress()._repr_html_()) and "<script" not in progress()._repr_html_()
    assert set(progress().forget().states.values()) == {"open"}
    assert [file.name for file in place.parent.iterdir()] == [place.name], "no half file stays"


def test_progress_is_off_where_nobody_reads(place, monkeypatch):
    monkeypatch.setenv("NNLIB_HEADLESS", "1")
    check("08.2", 3)
    assert not place.exists()
    place.parent.mkdir()
    place.write_text('{"08.2": "right"}')
    assert progress().states["08.2"] == "open"


@pytest.mark.parametrize("text", ["", "[1, 2]", '"x"', '{"08.2": 7, "08.1": ["right"]}', "\x00", "[" * 100_000])
def test_a_file_that_holds_anything_is_an_empty_table(place, text):
    place.parent.mkdir()
    place.write_text(text)
    assert set(progress().states.values()) == {"open"}
    check("08.2", 3)
    assert progress().states["08.2"] == "right"


def test_a_place_that_cannot_be_written_fails_nothing(place):
    place.parent.write_text("a file where the folder should be")
    assert check("08.2", 3).right
    assert progress().states["08.2"] == "open"


def test_the_place_is_the_users_data_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert remembering.place().name == "exercises.json"
    assert "nnlib" in remembering.place().parts


# --- the widgets ------------------------------------------------------------------------------------------------


def test_a_question_keeps_what_its_page_says(place):
    widget = quiz_widget("08.lambda", QUIZZES["08.lambda"])
    assert widget.before == ""
    widget.outcome = "tried"
    widget.outcome = "right"
    assert quiz_widget("08.lambda", QUIZZES["08.lambda"]).before == "right"
    widget.outcome = ""
    assert quiz_widget("08.lambda", QUIZZES["08.lambda"]).before == ""


def test_a_question_is_text_for_paper_and_holds_no_answer():
    quiz = QUIZZES["08.lambda"]
    widget = quiz_widget("08.lambda", quiz)
    data, _ = widget._repr_mimebundle_()
    assert {"application/vnd.jupyter.widget-view+json", "text/plain", "text/html"} <= set(data)
    state = json.dumps(widget.get_state(drop_defaults=False), default=str)
    for option in quiz.options:
        assert option.text in data["text/plain"] and option.text in data["text/html"]
        assert not any(option.reason in text for text in (*data.values(), state) if isinstance(text, str))
    field = ask_widget("08.2", EXERCISES["08.2"])
    assert EXERCISES["08.2"].remark not in json.dumps(field.get_state(drop_defaults=False), default=str)
    assert field._repr_mimebundle_()[0]["text/html"].count("<li>") == 0


def test_only_numbers_are_asked_for_in_a_page():
    with pytest.raises(ValueError, match=r'check\("08\.1", …\)'):
        ask_widget("08.1", EXERCISES["08.1"])
    with pytest.raises(ValueError, match="no test in Python"):
        asked("x", Exercise("", "", number(1), (Mistake("odd", lambda x: True, ""),)))


def node(script, value):
    """Return what a module's last expression gives for a value in JavaScript."""
    code = f"{script}\nconst value = {json.dumps(value)};\nconsole.log(JSON.stringify(value.map(answer)));"
    command = ["node", "--input-type=module", "-e", code]
    return json.loads(subprocess.run(command, cwd=WEB, capture_output=True, text=True, check=True).stdout)


def test_the_page_judges_numbers_as_python_does():
    extra = {
        "whole": Exercise(
            "", "", number(12), (Mistake("b", 8, "8."), Mistake("less", Below(0), "<0."), Mistake("h", 6.5, "."))
        ),
        "float": Exercise("", "", number(-0.030666, tolerance=5e-6), (Mistake("x", -0.265968, "x."),), remark="Yes."),
        "zero": Exercise("", "", number(0.0)),
        "large": Exercise("", "", number(86e9), (Mistake("big", Above(1e12), "Too big."),)),
    }
    tables = extra | {name: e for name, e in EXERCISES.items() if isinstance(e.answer, Number)}
    values = [0, -0.0, 1, 2, 3, 4, 6.5, 8, 12, -12, 12.5, -3, -1.5, 0.030666, -0.030666, -0.0306655, -0.0307, -0.265968]
    values += [86e9, 86.1e9, -86e9, 2e12, 1e300, -1e-300]
    for name, exercise in tables.items():
        try:
            spec = asked(name, exercise)
        except ValueError:
            continue  # an exercise with a test that only Python can do: ask() refuses it
        mine = [*values, spec["value"], -spec["value"], *(m["value"] for m in spec["mistakes"])]
        script = 'import { judge } from "./judge.js";\n'
        script += f"const answer = (x) => judge({json.dumps(spec)}, x, {json.dumps(MESSAGES)});"
        for value, page in zip(mine, node(script, mine)):
            ours = grade(exercise, value)
            assert page == {"right": ours.right, "mistake": ours.mistake, "text": ours.text}, (name, value)


READ = {
    "0.5": 0.5,
    "1/2": 0.5,
    "5e-2": 0.05,
    "0,5": 0.5,
    " −3 ": -3,
    "+7": 7,
    ".5": 0.5,
    "1.": 1,
    "-1/4": -0.25,
    "86 000 000 000": 86e9,
    "8.6E10": 86e9,
    "3,5/7": 0.5,
    "": None,
    "half": None,
    "1/0": None,
    "1/2/3": None,
    "1.000,5": None,
    "2**3": None,
    "1e999": None,
    "0x10": None,
    "Infinity": None,
    "--1": None,
    "1/": None,
}


def test_numbers_are_read_as_people_write_them():
    found = node('import { readNumber as answer } from "./reading.js";', list(READ))
    assert dict(zip(READ, found)) == READ


def test_what_is_packed_is_unpacked():
    values = {"text": "λ = 0,5 “ü”", "right": 2}
    script = 'import { unseal as answer } from "./sealed.js";'
    assert node(script, [seal(values)]) == [values]
