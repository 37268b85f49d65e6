"""Features, batch norm, dropout, layers of their own and early stopping, as the view trains and shows them."""

from dataclasses import replace

import numpy as np
import pytest

from nnlib.labs import Lab, plan_of
from tests.browser.test_view import frame


@pytest.fixture(scope="module")
def lab():
    """A lab whose run stops early."""
    settings = {"features": ("x1", "x1_x2", "sin_x2"), "widths": (6, 3), "activations": ("relu", "tanh")}
    more = {"batch_norm": True, "dropout": 0.1, "early_stopping": 4, "noise": 0.2, "optimizer": "sgd", "bias": 0.1}
    plan = plan_of("capacity")
    made = Lab(plan, plan.defaults.with_(dataset="moons", learning_rate=0.1, seed=2, **settings, **more))
    assert made.engine.run.stopped_early
    return made


def test_the_page_stops_where_the_kernel_stops(open_view, lab):
    view = open_view()
    view.wait_for("lab.status === 'finished'")
    run = lab.engine.run
    assert (view.says("engine"), int(view.says("step"))) == ("page", run.step)
    assert float(view.says("test-loss")) == pytest.approx(run.metrics()["test_loss"], abs=1e-9)
    said = f"Stopped early at epoch {run.epoch}, with the weights of epoch {run.best_epoch}"
    view.page.get_by_text(said).wait_for()
    assert view.page.get_by_role("button", name="batch").is_disabled()
    view.page.get_by_role("button", name="Play").click()
    view.wait_for("lab.run === '2' && lab.status === 'finished'")
    assert int(view.says("step")) == run.step


def test_a_saved_run_brings_its_statistics(open_view, lab):
    view = open_view(saved=True)
    view.wait_for("lab.status === 'finished'")
    assert view.says("engine") == "page" and float(view.says("test-loss")) == lab.view.saved["test_loss"]
    view.page.get_by_role("button", name="Restart").click()
    view.wait_for("lab.status === 'finished' && lab.run === '1'")
    assert view.page.locator(".nnlib-notice").is_hidden()


def test_a_kernels_frames_bring_statistics_which_are_painted(open_view, lab):
    view = open_view()
    values = np.frombuffer(lab.engine.parameters(), np.float32).tolist()
    moved = [*values[: -lab.engine.run.network.statistics.size], *[2.0] * lab.engine.run.network.statistics.size]
    pictures = []
    for number, floats in enumerate((values, moved, values), 1):
        view.page.evaluate("([message, floats]) => say(message, floats)", [frame(lab, number), floats])
        view.page.wait_for_function("number => sent.some((m) => m.kind === 'ack' && m.frame === number)", arg=number)
        pictures.append(view.pixels("square"))
    assert view.says("engine") == "kernel" and view.says("status") == "finished"
    assert pictures[0] != pictures[1]
    names = view.page.locator(".nnlib-units [role=button]").evaluate_all("all => all.map((unit) => unit.ariaLabel)")
    assert names[:4] == ["Input x₁", "Input x₁x₂", "Input sin x₂", "Hidden layer 1, unit 1"]
    assert len(names) == 3 + 6 + 3 + 1


def test_too_few_numbers_for_a_network_are_answered_with_a_sentence(open_view, lab):
    view = open_view()
    view.page.evaluate("message => say(message, [1, 2, 3])", frame(lab, 1))
    view.page.get_by_text("parameters and 18 statistics, but 3 values were given").wait_for()


def test_a_list_changes_in_the_page(open_view, lab):
    plan = replace(plan_of("capacity"), lists=("features", "widths"))
    controls = Lab(plan, lab.settings).controls
    schema = [control.schema() for control in controls.values()]
    lists = {control.linked: control.raw() for control in controls.values() if control.kind == "list"}
    view = open_view(schema=schema, **lists)
    view.wait_for("lab.status === 'finished' && lab.revision === '0'")
    view.page.evaluate("model.set('value_features', ['x1', 'x1_x2', 'sin_x2'])")  # an equal list is no change
    view.page.evaluate("model.set('value_widths', [2])")
    view.wait_for("lab.revision === '1' && lab.status === 'finished' && lab.run === '2'")
    assert view.page.locator(".nnlib-units [role=button]").count() == 3 + 2 + 1
    view.page.evaluate("model.set('value_features', ['x1', 'x3'])")
    view.page.get_by_text("features must be a list of names out of x1, x2, x1_squared").wait_for()
    view.page.evaluate("model.set('value_features', ['x2'])")
    view.wait_for("lab.status === 'finished'")
    assert view.page.locator(".nnlib-units [role=button]").count() == 1 + 2 + 1
