"""A view whose saved state is damaged: a sentence in the lab, never an empty one, and it can be used again."""

import random

import pytest

ODD = [
    None,
    True,
    -1,
    1.5,
    1e308,
    "",
    "nan",
    "x" * 300,
    [],
    [[]],
    [1],
    {},
    {"a": 1},
    [[0, 0]],
    [[9, 9, 9, 9]],
    [["a", 1, 1, 1]],
]


def damaged(value, chance):
    """The value with one of its parts lost or made into something else."""
    if isinstance(value, dict) and value and chance.random() < 0.8:
        key = chance.choice(list(value))
        rest = {name: each for name, each in value.items() if name != key}
        return rest if chance.random() < 0.3 else {**rest, key: damaged(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.6:
        at = chance.randrange(len(value))
        return [*value[:at], *([damaged(value[at], chance)] * chance.randint(0, 1)), *value[at + 1 :]]
    return chance.choice(ODD)


@pytest.mark.parametrize("seed", range(24))
def test_a_damaged_state_is_answered_and_the_lab_lives_on(open_view, lab, seed):
    chance = random.Random(seed)
    trait = chance.choice(
        ["saved", "saved", "saved", "fixed", "points", "value_dataset", "value_width", "value_learning_rate"]
    )
    view = open_view(**{"saved": True, trait: damaged(getattr(lab.view, trait), chance)})
    view.wait_for("lab.status !== undefined")
    view.set(dataset="circle", width=3, learning_rate=0.03)
    view.wait_for("Number(lab.revision) > 0 || document.querySelector('#view .nnlib-notice:not([hidden])')")
    text = view.page.locator("#view").inner_text()
    assert not [line for line in text.splitlines() if "NaN" in line or "undefined" in line] and len(text) > 200
    assert view.page.locator("#view canvas").count() > 0
