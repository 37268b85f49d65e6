"""Labs that train nothing, without a browser: settings, links, scripts against numbers, the picture."""

import contextlib
import io
import json

import pytest

from nnlib.labs import LABS, Lab, plan_of
from nnlib.labs.messages import MESSAGES
from nnlib.labs.scene import ScenePlan

SCENES = [name for name in LABS if isinstance(plan_of(name), ScenePlan)]
PRESETS = [(name, preset) for name in SCENES for preset in plan_of(name).presets]


def printed(code):
    """What a script prints, as name → number."""
    import torch

    out, dtype = io.StringIO(), torch.get_default_dtype()
    try:
        with contextlib.redirect_stdout(out):
            exec(compile(code, "<script>", "exec"), {})
    finally:
        torch.set_default_dtype(dtype)  # a script for PyTorch sets its own, which must not reach the next test
    return {name: float(value) for name, value in (line.split() for line in out.getvalue().splitlines())}


@pytest.mark.parametrize(("name", "preset"), PRESETS)
def test_settings_survive_json_and_links(name, preset):
    settings = plan_of(name).presets[preset]
    kind = type(settings)
    defaults = plan_of(name).defaults
    assert kind.from_json(json.loads(json.dumps(settings.to_json())), defaults) == (settings, [])
    assert kind.from_query(settings.to_query(), defaults) == (settings, [])
    lab = Lab.from_link(f"page.html#{name}?{settings.to_query()}")
    assert lab.settings == settings and lab.link.endswith(settings.to_query()) and lab.problems == []


@pytest.mark.parametrize(("name", "preset"), PRESETS)
def test_every_script_prints_the_numbers_that_the_scene_shows(name, preset):
    lab = LABS[name](preset)
    shown = {key: value for key, value in lab.numbers.items() if value is not None}
    assert "nnlib" in lab.plan.scripts
    for kind in lab.plan.scripts:
        assert printed(lab.code(kind)) == pytest.approx(shown, rel=1e-6, abs=1e-7), kind


@pytest.mark.parametrize(("name", "preset"), PRESETS)
def test_a_headless_scene_has_a_picture_and_words(name, preset):
    lab = LABS[name](preset)
    data, metadata = lab._repr_mimebundle_()
    assert {"application/vnd.jupyter.widget-view+json", "image/png", "text/plain"} == set(data)
    assert metadata["image/png"]["alt"] == lab.alt == lab.view.alt
    assert lab.alt.endswith(".") and "nan" not in lab.alt and "None" not in lab.alt


@pytest.mark.parametrize("name", SCENES)
def test_presets_and_words_are_there(name):
    plan = plan_of(name)
    assert set(plan.fields) == set(plan.specs)
    for preset, settings in plan.presets.items():
        if len(plan.presets) > 1:
            assert f"preset_{name}_{preset}" in MESSAGES
        for field, control in LABS[name]().controls.items():
            value = getattr(settings, field)
            assert not control.choices or value in control.choices, (preset, field, value)


@pytest.mark.parametrize("name", SCENES)
def test_settings_are_checked_and_never_change(name):
    settings = plan_of(name).defaults
    with pytest.raises(ValueError, match="unknown setting 'nonsense'"):
        LABS[name](nonsense=1)
    with pytest.raises(AttributeError, match="never change"):
        settings.anything = 1
    assert not hasattr(settings, "anything")
    lab = Lab.from_link(f"#{name}?v=1&nonsense=1")
    assert lab.settings == settings and "unknown setting 'nonsense'" in lab.view.hint


@pytest.mark.parametrize("name", SCENES)
def test_a_control_moves_the_settings_the_link_and_the_numbers(name):
    lab = LABS[name]()
    for field, control in lab.controls.items():
        raw = control.raw()
        moved = (raw + 1) % len(control.choices) if control.choices else not raw
        if control.kind == "text":
            moved = "1 2 1"
        if control.kind == "number":
            moved = control.widget.min if raw > control.widget.min else control.widget.max
        setattr(control.widget, control.linked, moved)
        assert getattr(lab.settings, field) == control.value
        assert Lab.from_link(lab.link).settings == lab.settings
