"""The lab as a reader with a kernel meets it: a real JupyterLab, a real kernel, a real browser."""

import pytest

from nnlib.labs.messages import MESSAGES
from nnlib.labs.run import Run
from nnlib.labs.vary_capacity import CAPACITY
from tests.browser.labs import LabOnPage, by_key, by_mouse, every_slider_retrains

LAB = """import nnlib
lab = nnlib.labs.capacity(dataset='moons', width=6, epochs=40, pace=20, l2=0.003, learning_rate=0.03)"""
TASKS = "import asyncio\nprint('tasks', [task.get_name() for task in asyncio.all_tasks()].count('nnlib-capacity'))"


@pytest.fixture
def open_lab(jupyterlab, page):
    def open_notebook(*cells):
        jupyterlab.write_notebook("lab.ipynb", list(cells))
        jupyterlab.open(page, "lab.ipynb")
        jupyterlab.run_all(page)
        return LabOnPage(page)

    return open_notebook


@pytest.mark.parametrize("move", [by_key, by_mouse])
def test_every_slider_retrains_in_the_kernel(open_lab, move):
    lab = open_lab(LAB)
    every_slider_retrains(lab, move)
    assert lab.says("engine") == "kernel"


def test_thirty_quick_moves_leave_one_training_task_and_an_idle_kernel(open_lab, jupyterlab, page):
    lab = open_lab(LAB.replace("epochs=40, pace=20", "epochs=2000, pace=4"), "pass")
    lab.wait_for("lab.engine === 'kernel' && lab.status === 'training'")
    handle = lab.handle_of("width")
    handle.focus()
    for i in range(30):
        page.keyboard.press("ArrowRight" if i % 7 else "ArrowLeft")
    width = int(handle.get_attribute("aria-valuenow").split(".")[0])
    lab.wait_for("Number(lab.revision) >= 1 && Number(lab.epoch) > 4")
    # Ask the kernel while it trains: it answers, and one task is all that the moves have left.
    page.locator(".jp-CodeCell").last.locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(TASKS + "\nprint('width', lab.engine.run.settings.width)")
    page.keyboard.press("Shift+Enter")
    page.locator(".jp-OutputArea-output", has_text="tasks").wait_for(timeout=20_000)
    said = page.locator(".jp-OutputArea-output", has_text="tasks").text_content()
    assert said.split() == ["tasks", "1", "width", str(width)]


def test_a_busy_kernel_leaves_the_lab_alive_and_may_take_it_back(jupyterlab, page):
    jupyterlab.write_notebook("busy.ipynb", [LAB, "import time; time.sleep(6)"])
    jupyterlab.open(page, "busy.ipynb")
    jupyterlab.run_all(page)
    lab = LabOnPage(page)
    lab.wait_for("lab.status === 'finished' && Number(lab.epoch) === 40")
    assert lab.says("engine") == "page"
    lab.press("width", "ArrowRight")
    lab.wait_for("lab.engine === 'kernel' && lab.status === 'finished'")


def test_buttons_pause_step_play_and_restart(open_lab, page):
    lab = open_lab(LAB.replace("epochs=40, pace=20", "epochs=3000, pace=1"))
    lab.wait_for("lab.engine === 'kernel' && Number(lab.epoch) > 3")
    page.get_by_role("button", name="Pause").first.click()
    lab.wait_for("lab.status === 'paused'")
    epoch, step = int(lab.says("epoch")), int(lab.says("step"))
    page.get_by_role("button", name="batch").first.click()
    lab.wait_for(f"Number(lab.step) === {step + 1}")
    page.get_by_role("button", name="epoch").first.click()
    lab.wait_for(f"Number(lab.epoch) === {epoch + 1} && lab.status === 'paused'")
    page.get_by_role("button", name="Play").first.click()
    lab.wait_for(f"Number(lab.epoch) > {epoch + 4}")
    run = int(lab.says("run"))
    page.get_by_role("button", name="Restart").first.click()
    lab.wait_for(f"Number(lab.run) === {run + 1} && lab.status === 'training'")


def test_a_diverging_run_is_explained_and_cured_by_a_button(open_lab, page):
    lab = open_lab(LAB.replace("'moons'", "'plane', activation='relu', optimizer='sgd'").replace("0.03)", "10.0)"))
    lab.wait_for("lab.status === 'stopped-by-doctor'")
    assert "NaN" not in page.locator(".nnlib-lab").first.inner_text()
    page.get_by_role("button", name="Set the learning rate to").click()
    lab.wait_for("Number(lab.revision) === 1")
    assert float(page.locator(".nnlib-control-learning-rate .widget-readout").text_content()) < 10
    lab.wait_for("lab.status === 'finished'")


def test_undo_link_and_teaching_with_a_kernel(open_lab, page):
    lab = open_lab(LAB + "\nlab.teach(hide=['noise'], lock=['seed'])")
    lab.wait_for("lab.engine === 'kernel' && lab.status === 'finished'")
    first = lab.says("train-loss")
    assert not page.locator(".nnlib-control-noise").is_visible()
    assert page.locator(".nnlib-control-seed input").is_disabled()
    lab.press("width", "ArrowRight")
    lab.wait_for("lab.revision === '1' && lab.status === 'finished'")
    assert lab.says("train-loss") != first
    more = page.get_by_role("button", name="More").first
    more.focus()
    for key in ("ArrowDown", "Enter"):
        page.keyboard.press(key)
    lab.wait_for("lab.revision === '2' && lab.status === 'finished'")
    assert (lab.says("engine"), lab.says("train-loss")) == ("kernel", first)
    assert page.locator(".nnlib-control-width .widget-readout").text_content() == "6"
    more.click()
    page.get_by_role("menuitem", name="Link to this run").click()
    text = page.locator("dialog[open] textarea").input_value()
    assert text.startswith('nnlib.labs.Lab.from_link("#capacity?v=1&dataset=moons&')
    assert text.endswith('&hide=noise&lock=seed")')
    page.keyboard.press("Escape")
    assert more.evaluate("button => button === document.activeElement")


def test_a_weight_is_set_by_keyboard_and_the_kernel_goes_on_from_it(open_lab, page):
    lab = open_lab(LAB)
    lab.wait_for("lab.engine === 'kernel' && lab.status === 'finished'")
    cells = page.locator(".jp-Cell").count()
    page.get_by_role("button", name="Output 1", exact=True).focus()
    for key in ["ArrowLeft", "ArrowDown", "Home", "End", "Enter", "ArrowUp", "Tab", "Tab"]:
        page.keyboard.press(key)
    page.keyboard.type("-1.5")
    page.keyboard.press("Enter")
    lab.wait_for("lab.revision === '1'")
    assert (lab.says("engine"), lab.says("status"), lab.says("epoch")) == ("kernel", "finished", "40")
    assert lab.says("changes") == '[[200,"p65",-1.5]]'
    page.get_by_role("status").filter(has_text="weight from h₆⁽²⁾ set to −1.50").wait_for()
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.ariaLabel") == "Output 1"
    page.keyboard.press("-")
    lab.wait_for("lab.revision === '2'")
    assert page.locator(".jp-Cell").count() == cells, "no key has reached the notebook"
    page.get_by_role("button", name="Play").first.click()
    lab.wait_for("Number(lab.epoch) === 80 && lab.status === 'finished'")
    assert lab.says("run") == "1" and lab.says("engine") == "kernel"


def test_own_points_reach_the_kernel_and_the_display_switches_restart_nothing(open_lab, jupyterlab, page):
    lab = open_lab(LAB, "pass")
    lab.wait_for("lab.engine === 'kernel' && lab.status === 'finished'")
    page.locator(".nnlib-control-dataset select").select_option(label=MESSAGES["option_own"])
    lab.wait_for("lab.engine === 'kernel' && lab.run === '2' && lab.status === 'finished'")
    page.get_by_role("img", name="250 training and 250 test points").wait_for()
    page.get_by_role("button", name="Edit points").click()
    page.get_by_role("button", name="Clear").click()
    layer = page.locator(".nnlib-edit-layer")
    layer.focus()
    for key in [
        "2",
        "Enter",
        *["ArrowRight"] * 8,
        "Enter",
        "1",
        *["ArrowUp"] * 8,
        "Enter",
        "ArrowUp",
        "Enter",
        "b",
        "a",
    ]:
        page.keyboard.press(key)  # the last two would insert cells, if JupyterLab heard of them
    assert "label −1" in page.locator(".nnlib-said").inner_text()
    page.get_by_role("img", name="2 training and 2 test points").wait_for()
    lab.wait_for("lab.engine === 'kernel' && lab.status === 'finished'")
    surface = page.locator(".nnlib-square canvas").first
    run, picture = lab.says("run"), surface.evaluate("canvas => canvas.toDataURL()")
    page.locator(".nnlib-control-discretise input").click()
    page.locator(".nnlib-control-show-test input").click()
    page.wait_for_timeout(500)
    assert (lab.says("run"), lab.says("engine")) == (run, "kernel")
    assert surface.evaluate("canvas => canvas.toDataURL()") != picture
    page.locator(".jp-CodeCell").last.locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(
        "s = lab.settings\nprint('own', s.dataset, len(s.points), s.points_task, s.show_test, s.discretise,"
        " lab.engine.run.metrics()['test_loss'])"
    )
    page.keyboard.press("Shift+Enter")
    page.locator(".jp-OutputArea-output", has_text="own own").wait_for(timeout=20_000)
    said = page.locator(".jp-OutputArea-output", has_text="own own").text_content().split()
    assert said[1:6] == ["own", "4", "binary", "False", "True"]
    assert float(said[6]) == float(lab.says("test-loss"))


def test_a_killed_kernel_leaves_the_run_to_the_page_with_the_same_numbers(open_lab, jupyterlab, page):
    long = LAB.replace("epochs=40, pace=20", "epochs=4000, pace=1")
    lab = open_lab(long)
    lab.wait_for("lab.engine === 'kernel' && lab.status === 'training' && Number(lab.epoch) > 5")
    run = lab.says("run")
    (session,) = jupyterlab.api("GET", "sessions")
    # JupyterLab asks for kernels that are no more, and shows a box that would lie over the lab.
    page.watch.expect(r"answer 404: .*/api/kernels|Failed to load resource|WebSocket|Kernel|kernel|Canceled")
    step = int(lab.says("step"))
    jupyterlab.api("DELETE", f"kernels/{session['kernel']['id']}")
    lab.wait_for("lab.engine === 'page'")
    assert lab.root.locator(".nnlib-engine").inner_text() == MESSAGES["engine_page"]
    lab.wait_for(f"Number(lab.step) > {step} + 50", timeout=60_000)
    assert lab.says("run") == run, "the same run goes on"
    page.evaluate("document.querySelectorAll('.jp-Dialog button.jp-mod-accept').forEach(button => button.click())")
    page.get_by_role("button", name="Pause").first.click()
    lab.wait_for("lab.status === 'paused'")
    settings = {"dataset": "moons", "width": 6, "epochs": 4000, "l2": 0.003, "learning_rate": 0.03}
    again = Run(CAPACITY.defaults.with_(**settings))
    again.advance(int(lab.says("step")))
    # The last bit of tanh is each language's own, and this run is tame.
    assert float(lab.says("train-loss")) == pytest.approx(again.metrics()["train_loss"], rel=1e-6)
