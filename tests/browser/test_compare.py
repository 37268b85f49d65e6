"""A and B in a bare page: a frozen run beside the one that trains, and the two swapped; page and kernel."""

import pytest

from nnlib.labs.run import Run
from tests.browser.exploring import click, row, run_to_end


def test_a_frozen_run_stands_beside_the_one_that_trains(open_view, lab):
    view = open_view()
    view.wait_for("lab.status === 'finished'")
    assert not view.page.get_by_role("button", name="Swap").is_visible()
    click(view, "Freeze as A")
    view.page.get_by_text("A and B have the same settings").wait_for()
    alone, a = view.pixels("curves"), view.pixels("small")
    view.set(l2=0.1)
    view.wait_for("lab.run === '2' && lab.status === 'finished'")
    assert view.page.locator(".nnlib-difference").inner_text() == "From A to B: λ (L2): 0.001 → 0.1"
    losses = [run_to_end(lab, l2=l2).metrics()["test_loss"] for l2 in (0.001, 0.1)]
    for name, loss in zip("ab", losses, strict=True):
        assert row(view, name)[0] == "30" and float(row(view, name)[2]) == pytest.approx(loss, abs=6e-4)
    assert view.pixels("curves") != alone and view.pixels("small") == a
    both = view.pixels("curves")
    click(view, "Unfreeze")
    view.page.get_by_role("button", name="Swap").wait_for(state="hidden")
    assert view.pixels("curves") != both
    assert view.page.evaluate("document.activeElement.textContent") == "Freeze as A"
    assert view.page.get_by_role("img", name="A and B").count() == 0


# The mean difference of two pictures' colours, in shades of 255: from the one first kept to the one that is painted.
KEEP_PICTURE = """canvas => {
  const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const difference = window.kept ? data.reduce((sum, one, i) => sum + Math.abs(one - kept[i]), 0) / data.length : null;
  window.kept ??= data;
  return difference;
}"""


def test_swapping_puts_a_into_the_lab_and_it_goes_on_from_there(open_view, lab):
    view = open_view()
    view.wait_for("lab.status === 'finished'")
    view.set(continue_run=True)
    view.set(learning_rate=0.01)
    view.wait_for("lab.epoch === '60' && lab.status === 'finished'")
    first = view.says("test-loss")
    field = view.page.locator(".nnlib-square canvas").first
    view.wait_for("lab.fine === 'true'")
    field.evaluate(KEEP_PICTURE)
    click(view, "Freeze as A")
    view.set(width=2, dataset="xor")
    view.wait_for("lab.run === '2' && lab.status === 'finished'")
    second = view.says("test-loss")
    click(view, "Swap")
    view.wait_for(f"lab.testLoss === '{first}' && lab.epoch === '60'")
    assert view.says("changes") == '[[750,"learning_rate",0.01]]'
    view.until(lambda: field.evaluate(KEEP_PICTURE) < 0.2)
    values = view.page.evaluate("['width', 'dataset', 'learning_rate'].map(name => model.get(`value_${name}`))")
    assert values == [6, view.raw("dataset", "moons"), view.raw("learning_rate", 0.01)]
    assert (
        view.page.locator(".nnlib-difference")
        .inner_text()
        .startswith("From A to B: Data set: XOR → moons; Width: 2 → 6")
    )
    click(view, "batch")
    view.wait_for("Number(lab.step) === 1501")
    run = Run(lab.settings.with_(changes=((750, "learning_rate", 0.01),), stop=1501)).to_end()
    assert float(view.says("train-loss")) == pytest.approx(run.metrics()["train_loss"], abs=1e-9)
    click(view, "Swap")
    view.wait_for(f"lab.testLoss === '{second}' && lab.epoch === '30'")


def test_in_the_kernel_the_swapped_run_is_replayed_and_the_sliders_follow(with_kernel, lab):
    view, kernel = with_kernel()
    first = float(view.says("test-loss"))
    click(view, "Freeze as A")
    view.set(width=3, learning_rate=0.03)
    kernel.pump("lab.status === 'finished' && Number(lab.run) >= 2 && lab.revision === '2'")
    second = float(view.says("test-loss"))
    click(view, "Swap")
    kernel.pump(f"Math.abs(Number(lab.testLoss) - {first}) < 1e-12 && lab.status === 'finished'")
    assert (kernel.lab.controls["width"].value, kernel.lab.controls["learning_rate"].value) == (6, 0.1)
    assert view.page.evaluate("model.get('value_width')") == 6
    assert first != second and float(row(view, "a")[2]) == pytest.approx(second, abs=6e-4)
    kernel.pump("true")
    assert kernel.tasks() == []
