# ruff: noqa: E501
"""Twenty labs on one page: only what is seen trains, a hidden tab rests, and nothing grows however often a run restarts."""

import pytest

from tests.browser.gallery import MANY

TOUR = """async (restarts) => {
  for (const lab of document.querySelectorAll(".nnlib-lab")) {
    lab.scrollIntoView({ block: "center", behavior: "instant" });
    const root = lab.querySelector("[data-nnlib-lab]");
    const button = [...lab.querySelectorAll("button")].find((each) => each.textContent.trim() === "Restart");
    for (let i = 0; i < restarts; i++) {
      const run = root.dataset.run;
      button.click();
      while (root.dataset.run === run || root.dataset.step === "0") await new Promise(requestAnimationFrame);
    }
  }
}"""
STEPS = "() => [...document.querySelectorAll('[data-nnlib-lab]')].map(({dataset}) => [dataset.status, Number(dataset.step)])"


@pytest.fixture
def many(open_gallery):
    page = open_gallery("many")
    page.wait_for_function(
        "count => document.querySelectorAll('[data-nnlib-lab][data-status]').length === count", arg=MANY, polling=50
    )
    return page


def test_only_labs_in_sight_train_and_nothing_grows(many):
    session = many.context.new_cdp_session(many)
    session.send("Performance.enable")

    def measure():
        session.send("HeapProfiler.collectGarbage")
        metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
        return metrics["JSHeapUsedSize"] / 2**20, metrics["Nodes"], metrics["JSEventListeners"]

    many.evaluate(TOUR, 1)
    megabytes, nodes, listeners = measure()
    many.evaluate(TOUR, 4)
    again = measure()
    assert again[0] < 1.1 * megabytes + 2, "the heap grows with the number of runs"
    assert again[1] < nodes + 50 and again[2] < listeners + 10, "nodes or listeners stay behind"

    many.locator(".nnlib-lab").last.scroll_into_view_if_needed()
    before = many.evaluate(STEPS)
    many.wait_for_function(f"before => ({STEPS})().at(-1)[1] > before.at(-1)[1] + 200", arg=before, polling=50)
    after = many.evaluate(STEPS)
    moved = [i for i, (one, other) in enumerate(zip(before, after, strict=True)) if other[1] != one[1]]
    # Two or three fit on a screen; the one before may have had a frame under way.
    assert MANY - 1 in moved and len(moved) <= 4, f"labs {moved} train"
    assert sum(status == "training" for status, _ in after) == MANY, "their runs wait for the reader to come back"


def test_a_hidden_tab_rests_and_goes_on_when_it_is_seen_again(many):
    many.evaluate(TOUR, 1)
    last = many.locator("[data-nnlib-lab]").last
    hide(many, True)
    step = last.get_attribute("data-step")
    assert many.evaluate("probe.rests()"), "it asks for animation frames, and nobody looks"
    assert last.get_attribute("data-step") == step and last.get_attribute("data-status") == "training"
    hide(many, False)
    many.wait_for_function(f"step => ({STEPS})().at(-1)[1] > step", arg=int(step), polling=50)


def hide(page, hidden):
    """A browser without windows keeps each tab in sight, so what it says of a tab in the background is put here."""
    page.evaluate(
        """hidden => {
          Object.defineProperty(document, "hidden", {configurable: true, get: () => hidden});
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )
