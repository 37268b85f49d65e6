"""What dropout switched off in the last step: crossed out in the network and counted, alike in page and kernel."""

import pytest

from nnlib.labs import LABS
from nnlib.labs.messages import MESSAGES
from nnlib.labs.parts import dropped_units
from nnlib.labs.run import Run
from tests.test_training_labs import MASKED

MASKS = """async ([settings, steps]) => {
  const {Run} = await import("/nnlib/labs/web/training.js");
  const {droppedUnits} = await import("/nnlib/labs/web/parts/dropout_mask.js");
  const run = new Run(settings);
  return steps.map((step) => {
    run.advance(step - run.step);
    const {masks} = run.net._last;
    const drawn = masks.slice(0, -1).map((mask, l) => [...mask.subarray(0, run.net.widths[l + 1])].map((m) => m === 0));
    return [droppedUnits(run, step), drawn];
  });
}"""
# A unit that is crossed out has the colour of ink in its middle.
CROSSED = """() => [...document.querySelectorAll(".nnlib-unit")].filter((unit) => {
  const canvas = unit.closest(".nnlib-diagram").querySelector("canvas");
  const ratio = canvas.width / canvas.clientWidth;
  const at = [unit.offsetLeft + unit.offsetWidth / 2, unit.offsetTop + unit.offsetHeight / 2];
  const [r, g, b] = canvas.getContext("2d").getImageData(...at.map((place) => Math.floor(place * ratio)), 1, 1).data;
  return r + g + b < 180;
}).map((unit) => unit.ariaLabel)"""


def told(run, which="last"):
    """The line under the network, and the names of the units that are crossed out."""
    found = dropped_units(run)
    offs, units = [sum(layer) for layer in found["first"]], {len(layer) for layer in found["first"]}
    counts = MESSAGES["dropped_count"].format(
        off=MESSAGES["dropped_and"].format(more=offs[0], last=offs[1]), units=units.pop()
    )
    values = {"examples": found["examples"], "counts": counts, "share": f"{100 * found['share']:.0f}\u202f%"}
    names = [
        MESSAGES["unit_off"].format(unit=MESSAGES["unit_label"].format(layer=1 + layer, unit=1 + unit))
        for layer, mask in enumerate(found["first"])
        for unit, off in enumerate(mask)
        if off
    ]
    return MESSAGES["dropped"].format(which=MESSAGES[f"dropped_which_{which}"], **values), names


@pytest.mark.parametrize("name", MASKED)
def test_both_engines_switch_the_same_units_off(page, go_bare, name):
    settings, steps = MASKED[name], [1, 2, 7, 20, 50, 51, 300]
    go_bare(page)
    run = Run(settings)
    for step, (found, drawn) in zip(steps, page.evaluate(MASKS, [settings.to_json(), steps])):
        run.advance(step - run.step)
        assert found == dropped_units(run) and found["first"] == drawn, step


def test_the_units_that_the_last_step_switched_off_are_crossed_out_and_counted(open_lab):
    view = open_lab("regularization", "dropout", width=1280, epochs=4)
    page, run = view.page, Run(LABS["regularization"]("dropout", epochs=4).settings).to_end()
    line = page.locator(".nnlib-dropped")

    def shows(text, names):
        page.get_by_text(text, exact=True).wait_for()
        assert page.evaluate(CROSSED) == names
        assert page.locator(f".nnlib-unit[aria-label*='{MESSAGES['unit_off'].partition('}')[2]}']").count() == len(
            names
        )

    view.wait_for("lab.status === 'finished'")
    shows(*told(run))
    boxes = view.boxes()
    for _ in range(2):
        run.advance()
        page.get_by_role("button", name="batch", exact=True).click()
        shows(*told(run))
    page.get_by_role("slider", name="Look back along the run").focus()
    page.keyboard.press("Home")
    shows(MESSAGES["dropped_no_step"], [])
    assert page.evaluate(
        "document.querySelector('.nnlib-units').getAttribute('aria-describedby')"
    ) == line.get_attribute("id")
    view.set(dropout=0.0)
    view.wait_for("lab.run === '2' && lab.status === 'finished'")
    shows(MESSAGES["dropped_without"], [])
    page.evaluate("scrollTo(0, 0)")
    assert view.boxes() == boxes


def test_a_lab_without_a_control_for_dropout_speaks_of_it_only_where_there_is_some(open_lab):
    view = open_lab("capacity", dropout=0.5, epochs=3)
    text, names = told(Run(LABS["capacity"](dropout=0.5, epochs=3).settings).to_end())
    view.page.get_by_text(text, exact=True).wait_for()
    assert view.page.evaluate(CROSSED) == names
    view = open_lab("capacity", epochs=3)
    view.wait_for("lab.status === 'finished'")
    assert not view.page.locator(".nnlib-dropped").is_visible()


def test_no_mask_is_shown_of_weights_that_early_stopping_brought_back(open_lab):
    view = open_lab("regularization", "early_stopping", dropout=0.5, early_stopping=2)
    none = view.page.get_by_text(MESSAGES["dropped_stopped_early"])
    none.wait_for()
    view.page.get_by_role("button", name=MESSAGES["freeze"]).click()
    view.page.get_by_role("button", name=MESSAGES["swap"]).click()
    view.wait_for("lab.revision === '1' && lab.status !== 'training'")
    assert none.is_visible() and view.page.evaluate(CROSSED) == []


def test_masks_do_not_flicker_while_training_goes_on(open_lab):
    view = open_lab("regularization", "dropout", epochs=10_000)
    view.wait_for("lab.status === 'training' && Number(lab.step) > 20")
    line = view.page.locator(".nnlib-dropped")
    changes = line.evaluate(
        """line => new Promise((done) => {
          let [count, was] = [0, line.textContent];
          const watch = new MutationObserver(() => line.textContent !== was && (was = line.textContent, count += 1));
          watch.observe(line, {childList: true, characterData: true, subtree: true});
          setTimeout(() => done(count), 1600);
        })"""
    )
    assert 1 <= changes <= 4 and line.inner_text().startswith(MESSAGES["dropped_which_recent"])
    view.page.emulate_media(reduced_motion="reduce")
    view.page.get_by_text(MESSAGES["dropped_calm"]).wait_for()
    assert view.page.evaluate(CROSSED) == []
    view.page.get_by_role("button", name="Pause").click()
    view.page.wait_for_function(
        f"document.querySelector('.nnlib-dropped').innerText.startsWith('{MESSAGES['dropped_which_last']}')"
    )
    assert view.page.evaluate(CROSSED) != []


def test_the_mask_of_a_run_in_the_kernel_is_shown(open_with_kernel, page):
    with open_with_kernel("regularization", "dropout", epochs=3) as (_, kernel):
        page.get_by_role("button", name="batch", exact=True).click()
        kernel.pump("lab.engine === 'kernel' && lab.step === '16'")
        text, names = told(kernel.lab.engine.run)
        page.get_by_text(text, exact=True).wait_for()
        assert page.evaluate(CROSSED) == names
