"""How a view looks and what it says of itself, in a bare page."""

import pytest


@pytest.mark.parametrize("width", [360, 640, 800, 1100])
def test_parts_stay_where_they_are_and_nothing_overflows(open_view, width):
    view = open_view(width)
    view.wait_for("lab.status === 'finished'")
    boxes = None
    for units, layers, dataset in [(1, 0, "spiral"), (32, 6, "spiral"), (8, 2, "blobs"), (8, 2, "bumps")]:
        run = int(view.says("run"))
        view.set(width=units, depth=layers, dataset=dataset, learning_rate=0.01)
        view.wait_for(f"Number(lab.run) > {run} && Number(lab.epoch) > 0")
        boxes = boxes or view.boxes()
        assert view.boxes() == boxes, (units, layers, dataset)
        assert view.page.evaluate("document.scrollingElement.scrollWidth") <= width
        outside = "all.filter(e => e.offsetLeft < 0 || e.offsetLeft + e.offsetWidth > e.parentElement.offsetWidth)"
        assert view.page.locator(".nnlib-units > *").evaluate_all(f"all => {outside}.length") == 0


# What ipywidgets draws of a slider, as far as the view puts it right.
SLIDERS = """() => {
  for (const [name, text] of [["learning-rate", "0.03"], ["noise", "0.30"]]) {
    document.querySelector(".nnlib-group").insertAdjacentHTML("beforeend",
      `<div class="widget-slider nnlib-control-${name}"><label class="widget-label">${name}</label>
      <div class="noUi-handle" tabindex="0" role="slider" aria-valuetext="5"></div>
      <div class="widget-readout" contenteditable="true">${text}</div></div>`);
  }
}"""


def test_sliders_say_what_they_show_and_only_numbers_can_be_typed(open_view):
    view = open_view()
    view.page.evaluate(SLIDERS)
    rate, noise = (view.page.locator(f".nnlib-control-{name}") for name in ("learning-rate", "noise"))
    for slider, name, text in [(rate, "learning-rate", "0.03"), (noise, "noise", "0.30")]:
        handle = slider.get_by_role("slider", name=name)
        assert handle.get_attribute("aria-valuetext") == text
        # ipywidgets draws them anew.
        slider.locator(".widget-readout").evaluate(
            "readout => { readout.textContent = '0.1'; readout.contentEditable = 'true'; }"
        )
        handle.evaluate("handle => handle.setAttribute('aria-valuetext', '7')")
        assert handle.get_attribute("aria-valuetext") == "0.1"
    assert rate.locator(".widget-readout").evaluate("readout => !readout.isContentEditable && readout.tabIndex < 0")
    assert noise.get_by_role("textbox", name="noise").evaluate("readout => readout.isContentEditable")


def test_the_boundary_is_clear_and_only_classes_have_one(open_view):
    view = open_view()
    view.wait_for("lab.status === 'finished'")
    dark = """canvas => {
      const {width, height} = canvas, {data} = canvas.getContext("2d").getImageData(0, 0, width, height);
      let count = 0;
      for (let i = 0; i < data.length; i += 4) count += data[i] + data[i + 1] + data[i + 2] < 180;
      return count / width;
    }"""
    field = view.page.locator(".nnlib-square canvas").first
    assert field.evaluate(dark) > 0.5
    view.set(dataset="bumps")
    view.wait_for("lab.run === '2' && lab.status === 'finished'")
    assert field.evaluate(dark) == 0


def test_a_run_that_rests_within_an_epoch_counts_its_batches(open_view):
    view = open_view()
    view.wait_for("lab.status === 'finished'")
    counter = view.page.locator(".nnlib-epoch")
    assert counter.inner_text() == "epoch 30 / 30"
    box = counter.bounding_box()
    view.page.get_by_role("button", name="batch").click()
    view.wait_for("lab.status === 'paused'")
    assert counter.inner_text() == "epoch 30 + 1/25"
    assert counter.bounding_box() == box
    view.page.get_by_role("button", name="epoch").click()
    view.wait_for("lab.epoch === '31'")
    assert counter.inner_text() == "epoch 31 / 60"


def test_every_part_has_a_name_and_the_sentence_speaks_at_most_once_a_second(open_view):
    view = open_view()
    view.wait_for("lab.engine === 'page'")
    view.page.evaluate(
        """() => { window.spoken = [];
          const status = document.querySelector(".nnlib-status");
          new MutationObserver(() => status.textContent.startsWith("Epoch") && spoken.push(performance.now()))
            .observe(status, {childList: true}); }"""
    )
    view.page.get_by_role("button", name="Restart").click()
    view.page.get_by_text("Finished at epoch 30").wait_for()
    times = view.page.evaluate("spoken")
    assert all(later - earlier > 950 for earlier, later in zip(times, times[1:], strict=False))
    for name in ["Hidden layer 2, unit 6", "Input x₁", "Output 1"]:
        assert view.page.get_by_role("button", name=name, exact=True).count() == 1
    assert view.page.get_by_role("img", name="Decision surface").count() == 1
    assert view.page.locator(".nnlib-lab [role=img]:not([aria-label])").count() == 0


def test_the_theme_of_the_page_is_followed_at_once(open_view):
    view = open_view()
    view.wait_for("lab.status === 'finished'")
    before = [view.pixels(part) for part in ("square", "diagram", "curves")]
    view.page.evaluate("document.documentElement.dataset.theme = 'dark'")
    view.wait_for("lab.nnlibTheme === 'dark'")
    parts = ("square", "diagram", "curves")
    view.until(lambda: all(old != view.pixels(part) for old, part in zip(before, parts, strict=True)))


def test_paper_is_light(open_view):
    view = open_view()
    view.wait_for("lab.status === 'finished'")
    light = view.pixels("diagram")
    view.page.evaluate("document.documentElement.dataset.theme = 'dark'")
    view.wait_for("lab.nnlibTheme === 'dark'")
    view.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert (view.says("nnlib-theme"), view.pixels("diagram")) == ("light", light)
    view.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert view.says("nnlib-theme") == "dark"


def test_a_view_that_is_closed_leaves_nothing_behind(open_view):
    view = open_view()
    view.wait_for("lab.status === 'training' || lab.status === 'finished'")
    view.page.evaluate("() => { close(); model.set('value_width', 9); say({kind: 'welcome'}); }")
    view.page.wait_for_timeout(800)
    assert view.page.locator(".nnlib-view > *").count() == 0
