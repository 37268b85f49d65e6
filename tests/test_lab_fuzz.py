# ruff: noqa: E501
"""Labs against whatever comes: corrupt links, states and tables, random settings through the real callbacks."""

import asyncio
import copy
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nnlib.labs import LABS, Lab, SceneLab, plan_of
from tests.live_labs import Line, extremes, move, tasks

QUICK = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
#: Values that no control can make.
ODD = [
    None,
    True,
    -1,
    0,
    1.5,
    10**9,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "nan",
    "∞",
    "x" * 3000,
    [],
    [[]],
    {},
    {"a": 1},
]


def is_alive(lab):
    """The lab can be shown and described, and says in sentences what it could not use."""
    assert all(isinstance(problem, str) and len(problem) > 10 for problem in lab.problems)
    assert all(problem in lab.view.hint for problem in lab.problems)
    assert lab.view.schema and lab.link.startswith(f"#{lab.lab_id}?") and repr(lab)
    assert lab.plan.defaults.from_json(lab.settings.to_json(), lab.plan.defaults) == (lab.settings, [])


def corrupted(text, chance):
    """A text with a few signs lost, doubled, or made into others."""
    signs = list(text)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(signs) + 1)
        signs[at : at + chance.randint(0, 3)] = chance.choice(
            ["", "&", "=", ":", ",", "%", "%ff", "9", "-", "nan", "é", "p7", "e99"]
        )
    return "".join(signs)


@pytest.mark.parametrize("name", LABS)
@QUICK
@given(seed=st.integers(0, 2**32), preset=st.integers(0, 20))
def test_a_corrupt_link_opens_the_lab_and_tells_what_it_could_not_use(live, name, seed, preset):
    presets = list(plan_of(name).presets.values())
    query = corrupted(presets[preset % len(presets)].to_query(), random.Random(seed))
    is_alive(Lab.from_link(f"page.html#{name}?{query}"))


@QUICK
@given(st.text(max_size=60))
def test_a_link_is_a_lab_or_names_the_labs_there_are(live, text):
    try:
        lab = Lab.from_link(text)
    except ValueError as error:
        assert "unknown lab" in str(error) and "capacity" in str(error)
    else:
        is_alive(lab)


@pytest.mark.parametrize("name", LABS)
@QUICK
@given(st.data())
def test_a_corrupt_state_is_answered_in_sentences_and_the_rest_is_used(live, name, data):
    defaults = plan_of(name).defaults
    values = defaults.to_json()
    fields = data.draw(st.lists(st.sampled_from([*values, "nonsense", "", "points", "changes", "stop"]), max_size=4))
    odd = {field: data.draw(st.sampled_from(ODD)) for field in fields}
    found, problems = defaults.from_json({**values, **odd}, defaults)
    assert all(isinstance(problem, str) and len(problem) > 10 for problem in problems)
    for field, value in values.items():
        if field not in odd:
            assert getattr(found, field) == getattr(defaults, field), (field, value)


@QUICK
@given(st.lists(st.dictionaries(st.sampled_from(["kind", "action", "frame", "step", "settings", "field", "value", "visible", "x", "y",
                                                 "seeds"]),
                                st.sampled_from(["hello", "act", "ack", "load", "change", "sweep", "rewound", "take", "page", "visible",
                                                 "play", "pause", "restart", "step_batch", "step_epoch", "rewind:3", "rewind:x", "p3",
                                                 *ODD])), max_size=12))  # fmt: skip
def test_no_message_of_a_view_breaks_the_engine(live, messages):
    async def scenario():
        lab = LABS["capacity"](epochs=3, width=2, depth=1, pace=0)
        line = Line(lab)
        line.say("hello")
        for message in messages:
            lab._on_message(lab.view, copy.deepcopy(message), [])
        await rest(lab, line)
        is_alive(lab)

    asyncio.run(scenario())


async def rest(lab, line):
    """Give the lab back to a view, let its run come to an end, and see that no task is left."""
    line.say("visible", visible=True)
    line.say("take")
    await line.paint(lambda frame: frame.status in ("finished", "stopped-by-doctor"))
    line.say("page")
    for _ in range(500):
        if not tasks(lab):
            break
        await asyncio.sleep(0.01)
    assert not tasks(lab)


@pytest.mark.parametrize("name", LABS)
def test_random_settings_leave_an_idle_loop(live, name):
    walk(name, seed=0, moves=6)


@pytest.mark.fuzz
@pytest.mark.parametrize("name", LABS)
@pytest.mark.parametrize("seed", range(1, 6))
def test_many_random_settings_leave_an_idle_loop(live, name, seed):
    walk(name, seed, moves=40)


def walk(name, seed, moves):
    """Move controls and press buttons while the kernel trains; every run is finite or diagnosed."""
    chance = random.Random(seed)

    async def scenario():
        lab = LABS[name]()
        if isinstance(lab, SceneLab):
            return  # nothing runs; test_labs.py walks over its controls
        line = Line(lab)
        line.say("hello")
        for _ in range(moves):
            control = chance.choice(list(lab.controls.values()))
            move(control, chance.choice(list(extremes(control))))
            action = chance.choice(["play", "pause", "step_batch", "step_epoch", "restart", "rewind:0"])
            line.say("act", action=action)
            await asyncio.sleep(0)
            if lab.engine.run is not None:
                metrics = lab.engine.run.metrics()
                assert lab.engine.run.diagnosis or metrics["train_loss"] is not None, lab.engine.settings
        line.say("act", action="pause")
        line.say("page")
        for _ in range(500):
            if not tasks(lab):
                break
            await asyncio.sleep(0.01)
        assert not tasks(lab)
        is_alive(lab)

    asyncio.run(scenario())
