"""Every lab on a page without a kernel: each control, random walks over all that can be moved, and rest afterwards."""

import random
import re

import pytest

from nnlib.labs import LABS
from nnlib.labs.messages import MESSAGES

#: How the notice of an error begins that nobody foresaw.
FAILED = MESSAGES["error"].partition("{")[0].strip()
#: Buttons that end what would go on for long.
ENDS = [MESSAGES["pause"], MESSAGES["sweep_cancel"]]


def rests(page, *ends):
    """Whether the lab comes to rest: no animation frame is asked for any more."""
    return page.evaluate("ends => probe.rests(ends)", list(ends))


def check(answer):
    assert not answer["wrong"], f"{answer['wrong']}\nafter: {'; '.join(answer['done'][-12:])}"
    return answer["done"]


@pytest.mark.parametrize("name", LABS)
def test_every_control_through_its_range(open_gallery, name):
    page = open_gallery(name)
    done = check(page.evaluate("failed => probe.everyControl(failed)", FAILED))
    fields = {move.partition(" ")[0] for move in done}
    assert len(fields) == page.locator(".nnlib-controls [class*='nnlib-control-']").count() > 0
    assert rests(page)
    assert page.locator("[data-nnlib-lab]").get_attribute("data-status") == "finished"


@pytest.mark.parametrize("name", LABS)
def test_a_random_walk_over_all_that_can_be_moved(open_gallery, name):
    walk(open_gallery(name), 30, seed=0)


@pytest.mark.fuzz
@pytest.mark.parametrize("seed", range(1, 11))
@pytest.mark.parametrize("name", LABS)
def test_long_random_walks(open_gallery, name, seed):
    walk(open_gallery(name), 500, seed)


def walk(page, moves, seed):
    check(page.evaluate("([failed, moves, seed]) => probe.walk(failed, moves, seed)", [FAILED, moves, seed]))
    drag_about(page, random.Random(seed))
    assert not page.evaluate("failed => probe.trouble(failed)", FAILED)
    assert rests(page, *ENDS)


def drag_about(page, chance):
    """Drag with the real mouse: points, weights, balls and the run itself can be taken hold of."""
    for _ in range(4):
        box = page.evaluate("random => probe.place(random)", chance.random())
        at = [(box["x"] + chance.random() * box["width"], box["y"] + chance.random() * box["height"]) for _ in range(3)]
        page.mouse.move(*at[0])
        page.mouse.down()
        for place in at[1:]:
            page.mouse.move(*place, steps=3)
        page.mouse.up()


def test_the_errors_that_nobody_foresaw_are_known_by_their_words():
    assert len(FAILED) > 5 and not re.search(r"[{}]", FAILED)
