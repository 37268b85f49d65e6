"""What holds for every lab on a page without a kernel: its controls, its accessibility, twenty of them on one page."""

import json
import random
from pathlib import Path

import pytest

from nnlib.labs import LABS
from tests.browser.conftest import DESKTOP, PHONE

AXE = Path(__file__).parents[2] / "nnlib" / "labs" / "web" / "node_modules" / "axe-core" / "axe.min.js"
#: By keyboard: where a slider goes, and how far an arrow takes it.
KEYS = ("Home", "End", "ArrowLeft", "ArrowRight", "PageUp", "PageDown")
WALK = 50


@pytest.fixture
def open_page(gallery, static_server, new_page):
    address = static_server(gallery)

    def open_page(name, **options):
        page = new_page(**options)
        page.goto(f"{address}/{name}.html")
        page.locator("[data-nnlib-lab]").last.wait_for(state="attached")
        page.wait_for_function("() => [...document.querySelectorAll('[data-nnlib-lab]')].every(e => e.dataset.status)")
        return page

    return open_page


def lab_of(page, name):
    """The element around a lab: its view and its controls."""
    lab = page.locator(f".nnlib-lab:has([data-nnlib-lab='{name}'])").first
    lab.scroll_into_view_if_needed()
    return lab


def state(lab):
    return lab.locator("[data-nnlib-lab]").evaluate("root => ({...root.dataset})")


def settled(page, lab):
    """Wait until two animation frames have passed, and say what the lab shows; numbers are finite or diagnosed."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    shown = state(lab)
    text = lab.inner_text()
    assert "NaN" not in text and "undefined" not in text and "Infinity" not in text
    assert shown["status"] in ("training", "finished", "paused", "stopped-by-doctor")
    if shown["status"] != "stopped-by-doctor" and "trainLoss" in shown:
        assert shown["trainLoss"] != "" or lab.locator(".nnlib-notice").is_visible()
    return shown


def moves(lab):
    """Every move a keyboard can make on the lab's controls: (description, what to do)."""
    for i, handle in enumerate(lab.locator(".noUi-handle").all()):
        for key in KEYS:
            yield f"slider {i} {key}", lambda handle=handle, key=key: (handle.focus(), handle.press(key))
    for i, choice in enumerate(lab.locator(".nnlib-controls select").all()):
        for n in range(choice.locator("option").count()):
            yield f"choice {i} option {n}", lambda choice=choice, n=n: choice.select_option(index=n)
    for i, box in enumerate(lab.locator(".nnlib-controls input[type=checkbox]").all()):
        yield f"check box {i}", lambda box=box: box.click()
    for i, field in enumerate(lab.locator(".nnlib-controls input[type=number]").all()):
        for text in ("0", "7", "9999", "1.5", "-3", ""):
            yield f"number {i} {text!r}", lambda field=field, text=text: (field.fill(text), field.press("Enter"))
    for i, button in enumerate(lab.locator(".nnlib-toolbar > button:visible, .nnlib-steps button:visible").all()):
        yield f"button {i}", lambda button=button: button.click(timeout=2000) if button.is_enabled() else None


@pytest.mark.parametrize("name", LABS)
def test_every_control_through_its_range(open_page, name):
    page = open_page("labs")
    lab = lab_of(page, name)
    every = list(moves(lab))
    assert every
    for _, move in every:
        move()
        settled(page, lab)


@pytest.mark.parametrize("name", LABS)
def test_a_random_walk_over_the_controls(open_page, name):
    walk(open_page("labs"), name, WALK, seed=0)


@pytest.mark.fuzz
@pytest.mark.parametrize("seed", range(1, 11))
@pytest.mark.parametrize("name", LABS)
def test_long_random_walks(open_page, name, seed):
    walk(open_page("labs"), name, WALK, seed)


def walk(page, name, steps, seed):
    lab, rng, done = lab_of(page, name), random.Random(seed), []
    every = list(moves(lab))
    for _ in range(steps):
        what, move = rng.choice(every)
        done.append(what)
        try:
            move()
            if rng.random() < 0.5:  # otherwise the next move comes before anything is painted
                settled(page, lab)
        except AssertionError as error:
            raise AssertionError(f"after {done}") from error
    settled(page, lab)
    error = lab.locator(".nnlib-notice")
    if error.is_visible():
        assert "did not work" not in error.inner_text(), f"after {done}: {error.inner_text()}"


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_axe_finds_no_violation(open_page, look):
    options = {"viewport": PHONE if look == "phone" else DESKTOP, "color_scheme": "dark" if look == "dark" else "light"}
    page = open_page("labs", **options)
    assert AXE.is_file(), "axe-core is not installed: run `make test`, which fetches it"
    for name in LABS:
        settled(page, lab_of(page, name))
    page.add_script_tag(path=AXE)
    found = page.evaluate("async () => (await axe.run({include: [['.nnlib-lab']]})).violations")
    said = [f"{each['id']}: {node['html'][:150]} {node['failureSummary']}" for each in found for node in each["nodes"]]
    assert not said, "\n".join(said)


def test_of_twenty_labs_only_what_is_seen_trains_and_memory_stays(open_page):
    page = open_page("many")
    labs = page.locator(".nnlib-lab")
    assert labs.count() == 20
    session = page.context.new_cdp_session(page)

    def megabytes():
        session.send("HeapProfiler.collectGarbage")
        return session.send("Runtime.getHeapUsage")["usedSize"] / 2**20

    def tour():
        for i in range(20):
            labs.nth(i).scroll_into_view_if_needed()
            labs.nth(i).get_by_role("button", name="Restart").click()
            page.wait_for_timeout(100)

    tour()
    before = megabytes()
    for _ in range(3):
        tour()
    assert megabytes() < before + 5
    states = "() => [...document.querySelectorAll('[data-nnlib-lab]')].map(e => [e.dataset.status, +e.dataset.step])"
    first = page.evaluate(states)
    page.wait_for_timeout(500)
    last = page.evaluate(states)
    moved = [i for i, (one, other) in enumerate(zip(first, last)) if other[1] > one[1]]
    training = [i for i, (status, _) in enumerate(last) if status == "training"]
    assert len(training) > 10, f"the runs are too short for this test: {json.dumps(last)}"
    assert 19 in moved and len(moved) <= 3, f"labs {moved} train"
