"""Settings of a lab: what is allowed, the way through JSON and links, and what a bad link is told."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib.labs import LABS, Lab, Settings, plan_of
from nnlib.labs.settings import CHANGEABLE, FIELDS


def values_of(field):
    """A strategy over everything a field allows."""
    if field.kind == "name":
        return st.sampled_from(field.choices)
    if field.kind == "switch":
        return st.booleans()
    if field.kind == "scale":
        return st.sampled_from(field.choices)
    if field.kind == "integer":
        return st.integers(field.minimum, int(min(field.maximum, 10_000)))
    return st.floats(field.minimum, field.maximum)


changes = st.lists(
    st.tuples(st.integers(0, 5000), st.sampled_from(CHANGEABLE), st.sampled_from([0.0, 1e-5, 0.03, 1.0]))
    | st.tuples(st.integers(0, 5000), st.integers(0, 999).map("p{}".format), st.floats(-1e6, 1e6)),
    max_size=4,
)
any_settings = st.builds(
    Settings,
    **{name: values_of(field) for name, field in FIELDS.items()},
    changes=changes,
    stop=st.none() | st.integers(0, 9999),
)


@given(any_settings)
def test_settings_survive_json_and_links(settings):
    through_json = Settings.from_json(json.loads(json.dumps(settings.to_json())))
    assert through_json == (settings, [])
    assert Settings.from_query(settings.to_query()) == (settings, [])


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("v=1&wdth=3", "unknown setting 'wdth'. Did you mean 'width'?"),
        ("v=1&width=three", "width must be a number, not 'three'"),
        ("v=1&width=99", "width must lie between 1 and 32, not 99"),
        ("v=1&width=2.5", "width must be a whole number, not 2.5"),
        ("v=1&learning_rate=nan", "learning_rate must be a number"),
        ("v=1&learning_rate=-1", "learning_rate must lie between 0 and 100, not -1"),
        ("v=1&dataset=spirals", "unknown dataset 'spirals'. Did you mean 'spiral'?"),
        ("v=1&continue_run=perhaps", "continue_run must be true or false, not 'perhaps'"),
        ("v=1&changes=5:width:3", "width cannot change during a run"),
        ("v=1&changes=5:p-1:3", "p-1 cannot change during a run"),
        ("v=1&changes=5:p07:3", "p07 cannot change during a run"),
        ("v=1&changes=5:p7:inf", "the parameter p7 must be a number"),
        ("v=1&changes=5:p7:2e6", "the parameter p7 must lie between"),
        ("v=1&changes=5:l2", "changes must read step:field:value"),
        ("v=1&stop=-3", "stop must be a whole number"),
        ("v=7&width=3", "This link has version 7; this book reads version 1."),
        ("width=3", "This link has version none"),
    ],
)
def test_a_bad_link_is_answered_in_words_and_the_rest_is_used(query, said):
    settings, problems = Settings.from_query(query + "&depth=3")
    assert any(said in problem for problem in problems), problems
    assert settings.depth == 3


@given(st.text())
def test_no_text_behind_a_link_breaks_it(text):
    settings, problems = Settings.from_query(text)
    assert isinstance(settings, Settings)
    assert all(isinstance(problem, str) and problem for problem in problems)


@pytest.mark.parametrize("name", LABS)
def test_a_lab_opens_from_its_own_link(name):
    lab = LABS[name](width=5, l2=0.02, seed=7)
    again = Lab.from_link(f"https://example.org/book/08_capacity.html{lab.link}")
    assert again.settings == lab.settings
    assert again.problems == []
    assert again.lab_id != lab.lab_id


@pytest.mark.parametrize("name", LABS)
def test_a_link_that_sets_a_parameter_which_is_not_there_opens_without_it(name):
    lab = Lab.from_link(f"#{name}?v=1&width=2&depth=1&changes=3:p2:0.5,4:p9:1.0,5:l2:0.1&epochs=2")
    assert lab.problems == ["p9 is no parameter of this network, which has 9: p0 to p8."]
    assert lab.problems[0] in lab.view.hint
    assert lab.settings.changes == ((3, "p2", 0.5), (5, "l2", 0.1))


def test_a_link_to_an_unknown_lab_names_the_known_ones():
    with pytest.raises(ValueError, match=r"unknown lab 'capacty'. Did you mean 'capacity'\?"):
        Lab.from_link("#capacty?v=1")
    assert plan_of("capacity-12").name == "capacity"


def test_an_unknown_setting_is_refused_with_the_nearest_name():
    with pytest.raises(ValueError, match=r"unknown setting 'lambda'.*Known: .*l2"):
        LABS["capacity"](**{"lambda": 0.1})
