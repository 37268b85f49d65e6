"""What labs show beside the usual pictures: the numbers of Python, in page and kernel; sizes, theme, keys."""

import re

import pytest

from nnlib.labs import LABS, Settings, plan_of
from nnlib.labs.parts import centres, truth_table, weight_numbers
from nnlib.labs.run import Run
from tests.browser.bare_view import ViewOnPage

LABS_WITH_PARTS = ("xor", "folding", "regularization")
NUMBERS = """async ([settings, steps]) => {
  const parts = "/nnlib/labs/web/parts/";
  const {Run} = await import("/nnlib/labs/web/training.js");
  const {truthTable} = await import(`${parts}truth_table.js`);
  const {centres} = await import(`${parts}hidden_space.js`);
  const {weightNumbers} = await import(`${parts}weight_numbers.js`);
  const run = new Run(settings);
  run.advance(steps);
  const layer = run.net.widths.length - 3;
  const places = layer < 0 ? [] : centres(run, layer, [0, 1]);
  return {truth: truthTable(run), centres: places, weights: weightNumbers(run)};
}"""
RUNS = {
    "corners": {"dataset": "corners", "width": 2, "depth": 1, "batch_size": 4},
    "no hidden layer": {"dataset": "xor", "depth": 0},
    "classes": {"dataset": "blobs", "widths": (4, 1), "activation": "prelu"},
    "values": {"dataset": "bumps", "width": 3},
    "penalty": {"dataset": "circle", "train_share": 0.1, "width": 20, "activation": "relu", "l1": 0.1, "seed": 2},
    "norm": {"dataset": "moons", "batch_norm": True, "dropout": 0.3, "activation": "relu", "features": ("x1", "x1_x2")},
}


def near(value):
    """The same, with room for the last bits of a few hundred steps."""
    if isinstance(value, dict):
        return {key: near(each) for key, each in value.items()}
    if isinstance(value, list):
        return [near(each) for each in value]
    return pytest.approx(value, rel=1e-7, abs=1e-9) if isinstance(value, float) else value


def cells(view):
    rows = view.page.locator(".nnlib-truth tbody tr").all()
    return [[cell.replace("−", "-") for cell in row.locator("td").all_inner_texts()] for row in rows]


def written(rows):
    """What the table says of the rows of Python, as numbers and verdicts."""
    return [
        [
            *(
                pytest.approx(value, abs=0.0051)
                for value in [*row["inputs"], *row["hidden"][:4], row["output"], row["wanted"]]
            )
        ]
        for row in rows
    ]


@pytest.mark.parametrize("name", RUNS)
def test_page_and_python_have_the_same_numbers(page, go_bare, name):
    settings = Settings(**RUNS[name])
    run = Run(settings)
    run.advance(60)
    go_bare(page)
    found = page.evaluate(NUMBERS, [settings.to_json(), 60])
    assert found["truth"] == near(truth_table(run))
    assert found["centres"] == near(centres(run) if run.network.widths[1:-1] else [])
    assert found["weights"] == near(weight_numbers(run))
    if name == "penalty":
        assert found["weights"]["zeros"] > 0


def test_the_truth_table_follows_the_run_and_the_look_back(open_lab):
    view = open_lab("xor", epochs=120)
    view.wait_for("lab.status === 'finished'")
    settings = LABS["xor"](epochs=120).settings
    run = Run(settings).to_end()
    assert [[float(text) for text in row[:-1]] for row in cells(view)] == written(truth_table(run))
    assert [row[-1] for row in cells(view)] == ["✓"] * 4
    formula = view.page.locator(".nnlib-truth-formulas p").first.inner_text()
    assert re.fullmatch(r"h₁ = tanh\(.*·x₁ [+−]\s.*·x₂ [+−]\s.*\)", formula)
    view.page.get_by_role("slider", name="Look back along the run").focus()
    view.page.keyboard.press("Home")
    view.wait_for("lab.rewound === '0'")
    view.page.wait_for_function("document.querySelector('.nnlib-truth').textContent.includes('✗')")
    assert [[float(text) for text in row[:-1]] for row in cells(view)] == written(truth_table(Run(settings)))


def test_the_truth_table_shows_what_the_kernel_trains(open_with_kernel, page):
    with open_with_kernel("xor", epochs=100) as (view, kernel):
        rows = truth_table(kernel.lab.engine.run)
        assert [[float(text) for text in row[:-1]] for row in cells(view)] == written(rows)
        page.get_by_role("button", name="one neuron").click()
        kernel.pump("lab.engine === 'kernel' && lab.status === 'finished' && lab.run !== '1'")
        assert kernel.lab.settings.depth == 0 and len(cells(view)[0]) == 5
        assert [[float(text) for text in row[:-1]] for row in cells(view)] == written(
            truth_table(kernel.lab.engine.run)
        )


@pytest.mark.parametrize("name", LABS_WITH_PARTS)
def test_every_preset_is_one_press_away(open_lab, name):
    view = open_lab(name, epochs=2)
    presets = view.page.locator(".nnlib-presets button")
    plan = plan_of(name)
    assert presets.count() == len(plan.presets)
    for i, (preset, settings) in enumerate(plan.presets.items()):
        presets.nth(i).click()
        view.wait_for("lab.status === 'training' || lab.status === 'finished'")
        view.page.wait_for_function(f"document.querySelectorAll('.nnlib-presets button')[{i}].ariaPressed === 'true'")
        for field in view.controls:
            value = view.page.evaluate("field => model.get(`value_${field}`)", field)
            expected = settings.to_json()[field]
            assert value == (view.raw(field, expected) if field not in plan.lists else expected), (preset, field)
    run = int(view.says("run"))
    presets.last.click()  # once more: it trains anew
    view.wait_for(f"Number(lab.run) > {run}")
    assert not view.page.locator(".nnlib-notice").is_visible()


@pytest.mark.parametrize("name", ["xor", "neuron"])
def test_presets_keep_their_order_in_a_file_that_sorts_its_dicts(open_lab, name):
    lab = LABS[name]()
    presets = dict(sorted(lab.view.presets.items()))
    assert list(presets) != list(plan_of(name).presets)
    view = open_lab(name)
    view.page.reload()
    view = ViewOnPage(view.page, lab, presets=presets)
    buttons = view.page.locator(".nnlib-toolbar button")
    names = [lab.view.messages[f"preset_{name}_{preset}"] for preset in plan_of(name).presets]
    assert [text for text in buttons.all_inner_texts() if text in names] == names


def label(view):
    return view.page.locator(".nnlib-hidden-square canvas").first.get_attribute("aria-label")


def test_the_hidden_space_is_painted_described_and_its_layer_chosen(open_lab):
    view = open_lab("folding", "circle", epochs=40)
    view.wait_for("lab.status === 'finished'")
    view.page.get_by_text("Finished at epoch 40").wait_for()
    run = Run(LABS["folding"]("circle", epochs=40).settings).to_end()
    pairs = re.findall(r"\((.*?), (.*?)\)", label(view))
    numbers = [float(text.replace("−", "-")) for pair in pairs for text in pair]
    assert numbers == pytest.approx([value for row in centres(run) for value in row[1:]], abs=6e-4)
    before = view.pixels("hidden-square")
    layer, across, up = (view.page.locator(f".nnlib-hidden-{name}") for name in ("layer", "across", "up"))
    assert [box.evaluate("select => select.length") for box in (layer, across, up)] == [2, 2, 2]
    layer.select_option("hidden 1")
    view.page.wait_for_function("document.querySelector('.nnlib-hidden-up').length === 3")
    assert view.page.get_by_text("seen along two of its units").is_visible()
    one = view.page.locator(".nnlib-bent-grid").evaluate("canvas => canvas.toDataURL()")
    up.select_option(index=2)
    view.page.wait_for_function("before => document.querySelector('.nnlib-bent-grid').toDataURL() !== before", arg=one)
    assert view.pixels("hidden-square") != before
    view.set(widths=[2])
    view.wait_for("lab.run === '2' && lab.status === 'finished'")
    assert layer.is_disabled()
    canvas = view.page.locator(".nnlib-hidden-square canvas[aria-label*='as hidden layer 1 sees']")
    canvas.first.wait_for(state="attached")  # said at most once a second


def test_weight_numbers_and_the_best_epoch(open_lab):
    view = open_lab("regularization", "early_stopping")
    view.wait_for("lab.status === 'finished'")
    run = Run(LABS["regularization"]("early_stopping").settings).to_end()
    assert int(view.says("epoch")) == run.epoch
    numbers, values = weight_numbers(run), view.page.locator(".nnlib-weight-numbers dd").all_inner_texts()
    assert float(values[1]) == pytest.approx(numbers["size"], rel=1e-3)
    assert values[2:] == [
        f"{numbers['zeros']} of {numbers['weights']}",
        f"{numbers['dead']} of {numbers['units']}",
    ]
    assert view.page.locator(".nnlib-plots").get_attribute("data-plot") == "weights"
    view.page.get_by_role("radio", name="Loss").check(force=True)
    marked = view.pixels("curves")
    view.page.evaluate("model.get('messages').curve_best = 'elsewhere'")
    view.page.evaluate("document.documentElement.dataset.theme = 'dark'")
    view.wait_for("lab.nnlibTheme === 'dark'")
    assert view.pixels("curves") != marked


@pytest.mark.parametrize("name", LABS_WITH_PARTS)
@pytest.mark.parametrize("width", [360, 1100])
def test_parts_keep_their_box_and_nothing_overflows(open_lab, name, width):
    view = open_lab(name, width=width, epochs=3)
    view.wait_for("lab.status === 'finished'")
    places = ".nnlib-lab :is(.nnlib-presets, .nnlib-truth-part, .nnlib-hidden-part, .nnlib-weight-numbers"
    script = "all => all.map(e => Object.values(e.getBoundingClientRect().toJSON()).slice(0, 4).map(Math.round))"
    boxes = lambda: view.page.locator(f"{places}, .nnlib-square, .nnlib-diagram)").evaluate_all(script)  # noqa: E731
    before = boxes()
    shapes = (
        [{"widths": [5, 1]}, {"widths": [32] * 6}] if name == "folding" else [{"depth": 0}, {"width": 32, "depth": 3}]
    )
    for shape in [*shapes, {"dataset": "own"}]:
        run = int(view.says("run"))
        view.set(**{field: value for field, value in shape.items() if field != "widths"})
        if "widths" in shape:
            view.page.evaluate("widths => model.set('value_widths', widths)", shape["widths"])
        view.wait_for(f"Number(lab.run) > {run} && lab.status !== 'training'")
        assert boxes() == before, shape
    assert view.page.evaluate("document.scrollingElement.scrollWidth") <= width
    cut = "all => all.filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent)"
    assert view.page.locator(".nnlib-weight-numbers div, .nnlib-presets button").evaluate_all(cut) == []


@pytest.mark.parametrize("name", LABS_WITH_PARTS)
def test_parts_follow_the_theme_and_have_names(open_lab, name):
    view = open_lab(name, epochs=3)
    view.wait_for("lab.status === 'finished'")
    assert view.page.locator(".nnlib-lab [role=img]:not([aria-label])").count() == 0
    script = "all => all.map(canvas => canvas.toDataURL())"
    canvases = view.page.locator(".nnlib-half-planes, .nnlib-bent-grid, .nnlib-hidden-square canvas")
    before = canvases.evaluate_all(script)
    parts = view.page.locator(".nnlib-hint, .nnlib-panel, .nnlib-status")
    ground = "all => all.map(part => getComputedStyle(part).backgroundColor)"
    [light] = set(parts.evaluate_all(ground))
    view.page.evaluate("document.documentElement.dataset.theme = 'dark'")
    view.wait_for("lab.nnlibTheme === 'dark'")
    view.until(lambda: all(old != new for old, new in zip(before, canvases.evaluate_all(script), strict=True)))
    [dark] = set(parts.evaluate_all(ground))
    assert dark != light
