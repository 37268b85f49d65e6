"""Settings of a lab: what is allowed, the way through JSON and links, and what a bad link is told."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib.labs import LABS, Lab, Settings, plan_of
from nnlib.labs.scene import ScenePlan
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
    if field.kind == "names":
        one = st.sampled_from(field.choices)
        return st.lists(one, min_size=field.least, max_size=field.most, unique=field.least > 0).map(tuple)
    if field.kind == "integers":
        return st.lists(st.integers(field.minimum, field.maximum), max_size=field.most).map(tuple)
    return st.floats(field.minimum, field.maximum)


changes = st.lists(
    st.tuples(st.integers(0, 5000), st.sampled_from(CHANGEABLE), st.sampled_from([0.0, 1e-5, 0.03, 1.0]))
    | st.tuples(st.integers(0, 5000), st.integers(0, 999).map("p{}".format), st.floats(-1e6, 1e6)),
    max_size=4,
)
coordinate = st.integers(-6000, 6000).map(lambda thousandths: thousandths / 1000)
points = st.lists(st.tuples(coordinate, coordinate, st.sampled_from([-1.0, 1.0]), st.integers(0, 99)), max_size=20)
any_settings = st.builds(
    Settings,
    **{name: values_of(field) for name, field in FIELDS.items()}
    | {"points_task": st.sampled_from(["auto", "binary", "regression"])},
    points=points.map(lambda some: ((0, 0, -1, 0), (1, 1, 1, 99), *some)),
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
        ("v=1&features=x1,x1_squard", "unknown features 'x1_squard'. Did you mean 'x1_squared'?"),
        ("v=1&features=x1,x1", "features must name each entry once, not x1, x1"),
        ("v=1&features=", "features must have 1 to 7 entries, not 0"),
        ("v=1&widths=4,two", "widths must be a number, not 'two'"),
        ("v=1&widths=4,2.5", "widths must be a whole number, not 2.5"),
        ("v=1&widths=4,99", "widths must lie between 1 and 32, not 99"),
        ("v=1&widths=1,1,1,1,1,1,1", "widths must have 0 to 6 entries, not 7"),
        ("v=1&activations=relu,reloo", "unknown activations 'reloo'. Did you mean 'relu'?"),
        ("v=1&dropout=1", "dropout must lie between 0 and 0.9, not 1"),
        ("v=1&batch_norm=1", "batch_norm must be true or false, not '1'"),
        ("v=1&early_stopping=0.5", "early_stopping must be a whole number, not 0.5"),
        ("v=1&dataset=own", "There are no points of your own yet"),
        ("v=1&dataset=own&points=k4mo4mo000", "One point is not enough"),
        ("v=1&dataset=own&points=k4mo4mo000" + "4mp4mo099", "All 2 points are of class −1: add some of another"),
        ("v=1&points=k4mo", "points cannot be read: the link is cut short or damaged"),
        ("v=1&points=kzzz4mo000", "x1 of point 1 must lie between −6 and 6, not 40.655"),
        ("v=1&dataset=own&points=v" + "4mo4mo7u001" * 2 + "&points_task=binary", "Point 1 has the label 4.152; two"),
        ("v=1&points_task=ternary", "unknown points_task 'ternary'"),
        ("v=1&show_test=maybe", "show_test must be true or false, not 'maybe'"),
        ("v=7&width=3", "This link has version 7; this book reads version 1."),
        ("width=3", "This link has version none"),
    ],
)
def test_a_bad_link_is_answered_in_words_and_the_rest_is_used(query, said):
    settings, problems = Settings.from_query(query + "&depth=3")
    assert any(said in problem for problem in problems), problems
    assert settings.depth == 3


def test_a_link_from_before_a_field_was_there_keeps_its_default():
    old = "&".join(
        pair for pair in Settings(width=5).to_query().split("&") if not pair.startswith(("widths", "features"))
    )
    assert Settings.from_query(old) == (Settings(width=5), [])
    assert "&features=x1,x2&widths=&activations=&" in Settings().to_query()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("features", "x1", "features must be a list"),
        ("widths", 4, "widths must be a list"),
        ("widths", [[4]], "a number"),
    ],
)
def test_a_list_must_be_a_list_of_what_it_holds(field, value, said):
    settings, problems = Settings.from_json({field: value, "depth": 3})
    assert said in problems[0] and settings == Settings(depth=3)


def test_the_hidden_layers_that_settings_describe():
    settings = Settings(width=5, depth=2, activation="relu")
    assert (settings.hidden_widths, settings.hidden_activations) == ((5, 5), ("relu", "relu"))
    settings = settings.with_(widths=[4, 3, 2], activations=["tanh", "gelu"])
    assert (settings.hidden_widths, settings.hidden_activations) == ((4, 3, 2), ("tanh", "gelu", "relu"))
    assert settings.with_(widths=()).hidden_activations == ("tanh", "gelu")
    assert Settings(depth=0, activations=["tanh"]).hidden_activations == ()


@given(st.text())
def test_no_text_behind_a_link_breaks_it(text):
    settings, problems = Settings.from_query(text)
    assert isinstance(settings, Settings)
    assert all(isinstance(problem, str) and problem for problem in problems)


@pytest.mark.parametrize("name", LABS)
def test_a_lab_opens_from_its_own_link(name):
    scene = isinstance(plan_of(name), ScenePlan)
    lab = LABS[name](list(plan_of(name).presets)[-1]) if scene else LABS[name](width=5, l2=0.02, seed=7)
    again = Lab.from_link(f"https://example.org/book/08_capacity.html{lab.link}")
    assert again.settings == lab.settings
    assert again.problems == []
    assert again.lab_id != lab.lab_id


@pytest.mark.parametrize("name", [name for name in LABS if not isinstance(plan_of(name), ScenePlan)])
def test_a_link_that_sets_a_parameter_which_is_not_there_opens_without_it(name):
    lab = Lab.from_link(f"#{name}?v=1&width=2&depth=1&widths=&changes=3:p2:0.5,4:p9:1.0,5:l2:0.1&epochs=6")
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
