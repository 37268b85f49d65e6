"""What labs show beside the usual pictures: the numbers of Python, in page and kernel; sizes, theme, keys."""

import re

import pytest

from nnlib.labs import LABS, Settings, plan_of
from nnlib.labs.messages import MESSAGES
from nnlib.labs.parts import centres, dropped_units, truth_table, weight_numbers
from nnlib.labs.run import Run
from tests.browser.bare_view import PAGE, ROOT, ViewOnPage
from tests.browser.kernel_behind import PATIENT, KernelBehind
from tests.test_training_labs import MASKED

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


@pytest.fixture
def open_lab(page, static_server, monkeypatch):
    """A function that opens a lab in a bare page; nothing is trained before."""
    monkeypatch.delenv("NNLIB_HEADLESS", raising=False)

    def open_page(name, preset="start", width=1000, **settings):
        page.set_viewport_size({"width": width, "height": 900})
        page.route("**/view", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
        page.goto(f"{static_server(ROOT)}/view")
        return ViewOnPage(page, LABS[name](preset, **settings))

    return open_page


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
def test_page_and_python_have_the_same_numbers(page, static_server, name):
    settings = Settings(**RUNS[name])
    run = Run(settings)
    run.advance(60)
    page.route("**/empty", lambda route: route.fulfill(body="<link rel=icon href=data:,>", content_type="text/html"))
    page.goto(f"{static_server(ROOT)}/empty")
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


def test_the_truth_table_shows_what_the_kernel_trains(open_lab, page):
    page.add_init_script(PATIENT)
    kernel = KernelBehind(lambda: LABS["xor"](epochs=100))
    try:
        view = open_lab("xor", epochs=100)
        kernel.attach(view)
        kernel.pump("lab.engine === 'kernel' && lab.status === 'finished'")
        rows = truth_table(kernel.lab.engine.run)
        assert [[float(text) for text in row[:-1]] for row in cells(view)] == written(rows)
        page.get_by_role("button", name="one neuron").click()
        kernel.pump("lab.engine === 'kernel' && lab.status === 'finished' && lab.run !== '1'")
        assert kernel.lab.settings.depth == 0 and len(cells(view)[0]) == 5
        assert [[float(text) for text in row[:-1]] for row in cells(view)] == written(
            truth_table(kernel.lab.engine.run)
        )
    finally:
        kernel.close()


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


# --- a sensitive run ---------------------------------------------------------------------------------------------


def says_sensitive(view):
    """Whether the line under the lab says it."""
    view.next_frame()
    line = view.page.locator(".nnlib-sensitive[role=status]")
    assert line.inner_text() in ("", MESSAGES["sensitive"])
    return line.inner_text() != ""


def test_the_page_says_that_a_run_is_sensitive_while_it_is(open_lab):
    view = open_lab("playground", "butterfly")
    view.wait_for("lab.engine === 'page'")
    assert says_sensitive(view)
    press = lambda name: view.page.get_by_role("button", name=name, exact=True).click()  # noqa: E731
    for leave, back in [
        (lambda: view.set(seed=5), lambda: view.set(seed=19)),
        (lambda: press("spiral"), lambda: press("butterfly")),
        (lambda: press("own points"), lambda: press("butterfly")),
        (lambda: view.set(continue_run=True, l2=0.1), lambda: view.set(l2=0.0)),
    ]:
        leave()
        assert not says_sensitive(view)
        back()
        assert says_sensitive(view)
    view.set(show_test=True, discretise=True)
    assert says_sensitive(view)
    press("batch")
    view.page.get_by_role("slider", name="Look back along the run").focus()
    view.page.keyboard.press("Home")
    view.wait_for("lab.rewound === '0'")
    assert says_sensitive(view)


def test_a_link_and_a_kernel_show_a_sensitive_run_as_one(open_lab, page):
    view = open_lab("playground")
    view.wait_for("lab.engine === 'page'")
    assert not says_sensitive(view)
    link = LABS["playground"]("butterfly").settings.with_(stop=30).to_query()
    page.evaluate("hash => { location.hash = hash; }", f"{view.says('lab-id')}?{link}")
    view.wait_for("lab.step === '30'")
    assert says_sensitive(view)
    kernel = KernelBehind(lambda: LABS["playground"]("butterfly"))
    page.add_init_script(PATIENT)  # only from here on: without a kernel, patience is as long as any wait of a test
    try:
        view = open_lab("playground", "butterfly")
        kernel.attach(view)
        kernel.pump("lab.engine === 'kernel'")
        assert says_sensitive(view)
        page.get_by_role("button", name="regression").click()
        kernel.pump("lab.engine === 'kernel' && lab.run !== '1'")
        assert not says_sensitive(view)
    finally:
        kernel.close()


def test_labs_without_sensitive_presets_have_no_room_for_the_line(open_lab):
    view = open_lab("capacity", epochs=2)
    view.wait_for("lab.status === 'finished'")
    assert view.page.locator(".nnlib-sensitive").count() == 0


@pytest.mark.parametrize("width", [400, 800, 1100])
def test_the_line_stands_between_the_sentence_and_the_buttons_and_moves_nothing(open_lab, width):
    view = open_lab("playground", "butterfly", width=width)
    view.wait_for("lab.engine === 'page'")
    view.page.get_by_role("button", name="Pause").click()
    places = ".nnlib-status, .nnlib-sensitive, .nnlib-row, .nnlib-diagram, .nnlib-square"
    script = "all => all.map(e => Object.values(e.getBoundingClientRect().toJSON()).slice(0, 4).map(Math.round))"
    boxes = lambda: view.page.locator(f".nnlib-lab :is({places})").evaluate_all(script)  # noqa: E731
    assert says_sensitive(view)
    said = boxes()
    view.set(seed=5)
    assert not says_sensitive(view)
    assert boxes() == said
    boxes = {
        e: view.page.locator(f".nnlib-lab .nnlib-{e}").first.bounding_box() for e in ("status", "sensitive", "extras")
    }
    line, foot = boxes["sensitive"], boxes["status"]["y"] + boxes["status"]["height"]
    row = view.page.locator(".nnlib-extras .nnlib-row").first.bounding_box()
    assert foot <= line["y"] and line["y"] + line["height"] <= row["y"]
    assert view.page.evaluate("document.scrollingElement.scrollWidth") <= width


# --- what dropout switched off -----------------------------------------------------------------------------------

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
def test_both_engines_switch_the_same_units_off(page, static_server, name):
    settings, steps = MASKED[name], [1, 2, 7, 20, 50, 51, 300]
    page.route("**/empty", lambda route: route.fulfill(body="<link rel=icon href=data:,>", content_type="text/html"))
    page.goto(f"{static_server(ROOT)}/empty")
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


def test_the_mask_of_a_run_in_the_kernel_is_shown(open_lab, page):
    page.add_init_script(PATIENT)
    kernel = KernelBehind(lambda: LABS["regularization"]("dropout", epochs=3))
    try:
        view = open_lab("regularization", "dropout", epochs=3)
        kernel.attach(view)
        kernel.pump("lab.engine === 'kernel' && lab.status === 'finished'")
        page.get_by_role("button", name="batch", exact=True).click()
        kernel.pump("lab.engine === 'kernel' && lab.step === '16'")
        text, names = told(kernel.lab.engine.run)
        page.get_by_text(text, exact=True).wait_for()
        assert page.evaluate(CROSSED) == names
    finally:
        kernel.close()
