"""What a reader can do around a run, in a bare page: links, Python, undo, saving, full screen, teaching, the doctor."""

import json
import random
import re
import string
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest

from nnlib.diagnosis import constant_loss, dead_units, gradient_norms, largest_curvature, saturated_units
from nnlib.labs import Lab, Settings, plan_of
from nnlib.labs.kernel import KernelEngine
from nnlib.labs.links import link_rules, read_link
from nnlib.labs.messages import MESSAGES
from nnlib.labs.run import Run, make_data, output_and_loss
from nnlib.labs.scripts import script
from nnlib.labs.settings import CHANGEABLE, FIELDS
from nnlib.random import CounterGenerator
from tests.browser.bare_view import ViewOnPage
from tests.browser.test_view import frame
from tests.scripts import assert_same_script

SHORT = {"dataset": "moons", "noise": 0.2, "width": 6, "epochs": 30, "seed": 3, "optimizer": "sgd"}


@pytest.fixture
def open_at(page, go_bare, lab):
    """A function that opens the bare page at a fragment."""

    def open_page(fragment, **options):
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        go_bare(page, fragment)
        return ViewOnPage(page, lab, **options)

    return open_page


def choose(view, name):
    view.page.get_by_role("button", name="More").click()
    view.page.get_by_role("menuitem", name=name).click()


def linked(view):
    """The link that the lab offers, as text."""
    choose(view, "Link to this run")
    text = view.page.locator("dialog[open] textarea").input_value()
    view.page.keyboard.press("Escape")
    return "#" + text.partition("#")[2]


def losses(view):
    return [float(view.says(f"{part}-loss")) for part in ("train", "test")]


def of_run(run):
    return pytest.approx([run.metrics()["train_loss"], run.metrics()["test_loss"]], abs=1e-9)


# --- links ------------------------------------------------------------------------------------------------------


def test_the_page_writes_the_link_that_python_writes(open_at, lab):
    view = open_at("")
    view.wait_for("lab.status === 'finished'")
    assert linked(view) == lab.link
    assert view.page.evaluate("navigator.clipboard.readText()") == view.page.url.partition("#")[0] + lab.link
    view.set(continue_run=True)
    view.set(learning_rate=0.003)
    view.wait_for("lab.status === 'finished' && lab.revision === '1'")
    view.page.get_by_role("button", name="batch").click()
    view.wait_for("lab.status === 'paused'")
    link = linked(view)
    again = Lab.from_link(link)
    assert again.settings.changes == ((750, "learning_rate", 0.003),) and again.settings.stop == 1501
    assert again.link.partition("?")[2] == link.partition("?")[2]
    assert losses(view) == of_run(again.run())
    assert again.engine.run.step == int(view.says("step")) == 1501
    assert again.link.partition("?")[2] == link.partition("?")[2]


def test_a_page_opened_at_a_link_shows_its_run_and_offers_the_same_link(open_at, lab):
    settings = Settings(
        **SHORT, learning_rate=0.05, loss="mse", changes=((100, "l2", 0.01), (160, "l2", 0.0)), stop=333
    )
    link = f"#{lab.lab_id}?{settings.to_query()}"
    view = open_at(link)
    view.wait_for("lab.status === 'paused' && lab.step === '333'")
    assert losses(view) == of_run(Run(settings).to_end())
    assert json.loads(view.says("changes")) == [[100, "l2", 0.01], [160, "l2", 0.0]]
    assert view.page.evaluate("model.get('value_l2')") == view.raw("l2", 0.0)
    said = view.page.locator(".nnlib-problems").inner_text()
    assert said == "Learning rate η is 0.05, which its control does not offer: it shows 0.03 instead."
    assert linked(view) == link
    # From here on it is a run as any other.
    view.page.get_by_role("button", name="Play").click()
    view.wait_for("lab.status === 'finished' && lab.epoch === '30'")
    choose(view, "Undo")
    view.wait_for("lab.status === 'finished' && lab.changes === '[]'")
    assert losses(view) == of_run(lab.engine.run)


def test_a_broken_link_is_answered_in_words_and_another_one_is_taken_at_once(open_at, lab):
    view = open_at(f"#{lab.lab_id}?v=7&width=99&dataset=nowhere&colour=red&epochs=20&seed=5&%ff=%&lock=sed")
    view.wait_for("lab.status === 'finished' && lab.epoch === '20'")
    said = view.page.locator(".nnlib-problems").inner_text()
    for part in ("version 7", "width must lie between 1 and 32", "'nowhere'", "'colour'", "lock names 'sed'"):
        assert part in said
    view.page.evaluate(f"location.hash = '{lab.lab_id}?v=1&epochs=10&seed=6'")
    view.wait_for("lab.status === 'finished' && lab.epoch === '10'")
    assert view.page.evaluate("model.get('value_seed')") == 6
    assert view.page.locator(".nnlib-problems").inner_text() == ""


@pytest.mark.parametrize(
    "fragment", ["#a-heading", "#capacity", "#capacity-99?v=1&epochs=7", "#%E0%A4%A", "#%E0%A4%A?v=1"]
)
def test_any_other_fragment_is_left_to_the_page(open_at, lab, fragment):
    view = open_at(fragment)
    view.wait_for("lab.status === 'finished'")
    assert view.says("epoch") == "30" and view.page.locator(".nnlib-problems").inner_text() == ""


def test_a_run_that_a_kernel_has_opened_goes_on_in_the_page(page, go_bare):
    settings = Settings(**SHORT, learning_rate=0.1, changes=((100, "l2", 0.01),), stop=333)
    opened = Lab.from_link(f"#capacity?{settings.to_query()}")
    go_bare(page)
    view = ViewOnPage(page, opened)
    view.wait_for("lab.engine === 'page' && lab.status === 'paused' && lab.step !== '0'")
    assert view.says("step") == "333" and losses(view) == of_run(Run(settings).to_end())


def texts_of_links(chance, count):
    """Query strings: sound ones with parts exchanged, dropped, doubled and broken."""
    values = ["", "3", "-1", "0.05", "1e-5", "2.5", "nan", "inf", "1_0", " 4", "0x1", "true", "spiral", "relu", "1e400"]
    values += ["99999999999999999999", "5:l2:0.1", "5:l2:0.1,7:width:3", "1.5:l2:0", "2:l2", "-0", "1e-7", ".5", "5."]
    values += ["5:p3:0.1", "5:p3:1e7,6:p4:1", "5:p03:1", "5:p:1", "7:p999:-2", "7:p1:1e999"]
    values += ["x1,x1", "x1,x3", "3,4,", "3,0", "1,2,3,4,5,6,7", "relu,tanh", "kzz", "k3rc3rc000", "own"]
    names = [*FIELDS, "points", "changes", "stop", "v", "hide", "lock", "colour", "__proto__", "constructor", ""]
    for _ in range(count):
        settings = Settings(width=chance.randint(1, 32), stop=chance.choice([None, 7]), changes=[(5, "l1", 0.3)])
        lists = {"widths": chance.choice([(), (3, 4)]), "features": chance.choice([("x1",), ("x2", "sin_x1")])}
        points = [(1.5, -2, label) for label in chance.choices([-1, 1, 2], k=chance.randint(0, 3))]
        settings = settings.with_(dataset=chance.choice(["spiral", "own"]), points=points, **lists)
        parts = settings.to_query().split("&")
        for _ in range(chance.randint(1, 4)):
            kind, at = chance.randrange(5), chance.randrange(len(parts))
            if kind == 0:
                parts[at] = f"{chance.choice(names)}={quote(chance.choice(values), safe=':,')}"
            elif kind == 1:
                del parts[at:]
                parts.append("v=1")
            elif kind == 2:
                parts.insert(at, f"{chance.choice(names)}={chance.choice(values)}")
            elif kind == 3:
                junk = "".join(chance.choices(string.printable + "äλ%&=+", k=6))
                parts[at] = parts[at][: chance.randrange(8)] + junk.replace("#", "")
            else:
                parts.append(chance.choice(["hide=l2,seed", "lock=seed,,x", "hide=", "lock", "=", "&&", "stop=12"]))
        yield "&".join(parts)


def comparable(problems):
    """Sentences without the guess at what was meant and the value that was not understood."""
    cut = [re.sub(r"\. Did you mean .*?\?(?= Known)", ".", problem, flags=re.S) for problem in problems]
    return [
        re.sub(r"(not|unknown setting|unknown \w+|names|version) .*", r"\1", problem, flags=re.S) for problem in cut
    ]


def test_both_parsers_read_the_same_texts_alike(page, go_bare):
    plan = plan_of("capacity")
    texts = list(texts_of_links(random.Random(7), 400))
    go_bare(page)
    answers = page.evaluate(
        """async ({texts, rules, controls, messages}) => {
          const {readLink, writeLink} = await import("/nnlib/labs/web/link.js");
          const {Words} = await import("/nnlib/labs/web/words.js");
          return texts.map((text) => {
            const linked = readLink(text, rules, controls, new Words(messages));
            return [linked, writeLink("capacity", linked, rules)];
          });
        }""",
        {"texts": texts, "rules": link_rules(plan.defaults), "controls": plan.fields, "messages": MESSAGES},
    )
    problems_seen = 0
    for text, (answer, written) in zip(texts, answers, strict=True):
        settings, teaching, problems = read_link(text, plan.defaults, plan.fields)
        assert answer["settings"] | {"changes": answer["changes"], "stop": answer["stop"]} == settings.to_json(), text
        assert (tuple(answer["hide"]), tuple(answer["lock"])) == (teaching.hide, teaching.lock), text
        assert comparable(answer["problems"]) == comparable(problems), text
        assert written == f"#capacity?{settings.to_query()}{teaching.to_query()}", text
        problems_seen += len(problems)
    assert problems_seen > 200


# --- show me the Python -----------------------------------------------------------------------------------------


def some_settings(chance):
    """Settings of every kind that a script may have to reproduce."""
    while True:
        values = {
            name: chance.choice(field.choices) for name, field in FIELDS.items() if field.kind in ("name", "scale")
        }
        values["points_task"] = "auto"
        values["points"] = [(chance.uniform(-6, 6), chance.randint(-6, 6), chance.choice([-1, 1])) for _ in range(99)]
        values["features"] = chance.choice([("x1", "x2"), ("x2", "x1"), FIELDS["features"].choices, ("sin_x1",)])
        some = FIELDS["activations"].choices
        values["widths"] = chance.choice([(), (3,), (5, 2, 1), (20, 9), (32,) * 6])
        values["activations"] = chance.choice([(), (), chance.choices(some, k=1), chance.choices(some, k=4)])
        values["bias"] = chance.choice([0.0, 0.1, -1.0])
        values["dropout"] = chance.choice([0.0, 0.0, 0.30000000000000004, 0.9])
        values["batch_norm"] = chance.choice([False, False, True])
        values["early_stopping"] = chance.choice([0, 0, 1, 25])
        values |= {"width": chance.randint(1, 9), "depth": chance.randint(0, 4), "seed": chance.randint(0, 99)}
        values |= {"noise": chance.choice([0.0, 0.05, 0.30000000000000004]), "epochs": chance.randint(1, 50)}
        values["train_share"] = chance.choice([0.1, 0.5, 0.7000000000000001])
        values["changes"] = [(chance.randint(0, 200), chance.choice(CHANGEABLE), chance.choice([0.0, 1e-5, 1.0]))] * 2
        values["changes"] = values["changes"][: chance.randint(0, 2)]
        by_hand = [(chance.choice([0, 150, 150, 77]), f"p{chance.randint(0, 2)}", chance.choice([0.0, -1.5, 1e-5]))] * 3
        values["changes"] += by_hand[: chance.choice([0, 0, 1, 3])]
        values["stop"] = chance.choice([None, 0, 150])
        settings = Settings(**values)
        try:
            output_and_loss(settings, make_data(settings).task)
        except ValueError:
            continue
        return settings


REFUSALS = {"python_no_torch": "has no gradient", "python_batch_of_one": "make a batch of one sample"}


def test_the_page_writes_the_scripts_that_python_writes(page, go_bare):
    chance = random.Random(3)
    cases = [some_settings(chance) for _ in range(120)]
    go_bare(page)
    texts = page.evaluate(
        """async (cases) => {
          const {script} = await import("/nnlib/labs/web/scripts.js");
          return cases.map(({changes, stop, ...settings}) =>
            ["nnlib", "torch"].map((kind) => {
              try {
                return script(kind, {settings, changes, stop});
              } catch (error) {
                return error.key;
              }
            }));
        }""",
        [settings.to_json() for settings in cases],
    )
    for settings, (own, torch) in zip(cases, texts, strict=True):
        assert own == script(settings, "nnlib")
        if torch in REFUSALS:
            with pytest.raises(ValueError, match=REFUSALS[torch]):
                script(settings, "torch")
        else:
            assert_same_script(torch, script(settings, "torch"))
    refused = [torch for _, torch in texts if torch in REFUSALS]
    assert set(refused) == set(REFUSALS) and len(refused) < 60


def test_the_python_dialog_by_keyboard(open_at, lab):
    view = open_at("")
    view.wait_for("lab.status === 'finished'")
    keys = view.page.keyboard
    view.page.get_by_role("button", name="More").focus()
    keys.press("ArrowDown")
    for _ in range(4):
        keys.press("ArrowDown")
    assert view.page.evaluate("document.activeElement.textContent") == "Show me the Python"
    keys.press("Enter")
    dialog = view.page.get_by_role("dialog", name="The Python behind this run")
    text = dialog.locator("textarea")
    assert text.input_value() == lab.code("nnlib")
    assert dialog.get_by_role("tab", selected=True).evaluate("tab => tab === document.activeElement")
    keys.press("ArrowRight")
    assert_same_script(text.input_value(), lab.code("torch"))
    dialog.get_by_role("button", name="Copy").press("Enter")
    dialog.get_by_text("Copied.").wait_for()
    assert view.page.evaluate("navigator.clipboard.readText()") == text.input_value()
    keys.press("Escape")
    assert not dialog.is_visible()
    assert view.page.evaluate("document.activeElement.textContent") == "More"


# --- undo, redo, reset, the menu ----------------------------------------------------------------------------------


def test_undo_redo_and_reset_move_the_controls(open_at, lab):
    view = open_at("")
    view.wait_for("lab.status === 'finished'")
    first = losses(view)
    view.set(width=9)
    view.set(dataset="xor")
    view.wait_for("lab.status === 'finished' && lab.epoch === '30' && lab.revision !== '0'")
    other = losses(view)
    choose(view, "Undo")
    assert view.page.evaluate("[model.get('value_width'), model.get('value_dataset')]") == [
        9,
        view.raw("dataset", "moons"),
    ]
    choose(view, "Undo")
    assert view.page.evaluate("model.get('value_width')") == 6
    view.wait_for(f"lab.status === 'finished' && Number(lab.trainLoss) === {first[0]!r}")
    assert losses(view) == first
    view.page.get_by_role("button", name="More").click()
    assert view.page.get_by_role("menuitem", name="Undo").get_attribute("aria-disabled") == "true"
    view.page.get_by_role("menuitem", name="Redo").click()
    choose(view, "Redo")
    view.wait_for(f"lab.status === 'finished' && Number(lab.trainLoss) === {other[0]!r}")
    assert losses(view) == other
    choose(view, "Reset the controls")
    assert view.page.evaluate("[model.get('value_width'), model.get('value_dataset')]") == [
        6,
        view.raw("dataset", "moons"),
    ]
    choose(view, "Undo")
    assert view.page.evaluate("model.get('value_width')") == 9


def test_own_points_come_and_go_with_the_move_that_asked_for_them(open_at):
    view = open_at("")
    view.wait_for("lab.status === 'finished'")
    first = losses(view)
    own = "model.get('points').length"
    view.set(dataset="own")
    view.page.wait_for_function(f"{own} > 0")
    view.wait_for("lab.status === 'finished' && lab.revision !== '0'")
    view.page.evaluate("model.set('points', model.get('points').slice(2))")
    view.wait_for("lab.status === 'finished' && lab.revision === '2'")
    fewer = view.page.evaluate(own)
    choose(view, "Undo")
    assert view.page.evaluate(own) == fewer + 2
    choose(view, "Undo")
    assert view.page.evaluate(f"[{own}, model.get('points_task'), model.get('value_dataset')]") == [
        0,
        "auto",
        view.raw("dataset", "moons"),
    ]
    view.wait_for(f"lab.status === 'finished' && Number(lab.trainLoss) === {first[0]!r}")
    choose(view, "Redo")
    choose(view, "Redo")
    assert view.page.evaluate(own) == fewer


def test_a_link_brings_own_points_lists_and_switches_to_the_page(open_at, lab):
    settings = Settings(
        **(SHORT | {"dataset": "own", "early_stopping": 4, "dropout": 0.2}),
        points=[(1.5, -2, 1), (-1, 0.25, -1), (3, 3, 1), (0, 1, -1)],
        widths=(3, 2),
        features=("x1", "sin_x2"),
        batch_norm=True,
        show_test=False,
    )
    link = f"#{lab.lab_id}?{settings.to_query()}"
    view = open_at(link)
    view.wait_for("lab.status === 'finished'")
    run = Run(settings).to_end()
    assert losses(view) == of_run(run) and int(view.says("epoch")) == run.epoch
    assert view.page.locator(".nnlib-problems").inner_text() == ""
    assert linked(view) == link


def test_one_drag_is_one_move_and_a_kernel_hears_of_it_by_the_controls_alone(open_at):
    view = open_at("")
    view.page.evaluate("say({kind: 'welcome'})")
    view.page.evaluate("for (let width = 7; width < 30; width++) model.set('value_width', width)")
    choose(view, "Undo")
    assert view.page.evaluate("model.get('value_width')") == 6
    assert not [message for message in view.page.evaluate("sent") if message["kind"] == "act"]


@pytest.mark.parametrize("width", [360, 1100])
def test_the_menu_stays_inside_the_lab_and_closes(open_view, width):
    view = open_view(width)
    view.wait_for("lab.status === 'finished'")
    more = view.page.get_by_role("button", name="More")
    more.click()
    box = view.page.get_by_role("menu").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= width
    view.page.keyboard.press("End")
    assert view.page.evaluate("document.activeElement.textContent") == "Full screen"
    view.page.keyboard.press("Escape")
    assert not view.page.get_by_role("menu").is_visible() and more.evaluate("e => e === document.activeElement")
    more.click()
    view.page.mouse.click(5, 700)
    assert not view.page.get_by_role("menu").is_visible()
    assert view.page.evaluate("document.scrollingElement.scrollWidth") <= width


def test_a_step_of_one_example_needs_batches_of_one_and_offers_them(open_at):
    view = open_at("")
    view.wait_for("lab.status === 'finished'")
    step = view.says("step")
    view.page.get_by_role("button", name="example").click()
    view.page.get_by_role("alert").get_by_text("here holds 10 examples").wait_for()
    assert view.says("step") == step
    view.page.get_by_role("button", name="Set Batch size to 1").click()
    view.wait_for("lab.status === 'finished' && lab.revision === '1'")
    step = int(view.says("step"))
    view.page.get_by_role("button", name="example").click()
    view.wait_for(f"Number(lab.step) === {step + 1} && lab.status === 'paused'")


# --- saving -----------------------------------------------------------------------------------------------------


def saved(view, name):
    with view.page.expect_download() as download:
        choose(view, name)
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_picture_and_curves_are_saved(open_at, lab):
    view = open_at("")
    view.wait_for("lab.status === 'finished'")
    name, svg = saved(view, "Save the picture (SVG)")
    text = svg.decode()
    assert name == f"{lab.lab_id}.svg" and "<title" in text and "Decision surface" in text
    # The surface and 2 + 12 + 1 maps are images; all else is drawn.
    assert text.count("<image") == 16 and text.count("<path") > 20 and text.count("<text") > 15
    page = view.page.context.new_page()
    page.set_content(f"<body>{text}</body>")
    assert page.locator("svg").evaluate("svg => svg.getBoundingClientRect().width") == 960
    name, png = saved(view, "Save the picture (PNG)")
    assert name == f"{lab.lab_id}.png" and png[:8] == b"\x89PNG\r\n\x1a\n" and int.from_bytes(png[16:20], "big") == 1920
    name, csv = saved(view, "Save the curves (CSV)")
    rows = np.genfromtxt(csv.decode().splitlines(), delimiter=",", names=True)
    assert name == f"{lab.lab_id}.csv" and rows["epoch"].tolist() == list(range(31))
    assert rows["train_loss"] == pytest.approx(lab.engine.curve()["train"], abs=1e-9)
    metrics = lab.engine.run.metrics()
    assert (rows["train_accuracy"][-1], rows["test_accuracy"][-1]) == (
        metrics["train_accuracy"],
        metrics["test_accuracy"],
    )


# --- full screen, teacher mode ------------------------------------------------------------------------------------


@pytest.mark.parametrize("refused", [False, True])
def test_full_screen_or_where_it_is_refused_over_the_page(open_at, refused):
    view = open_at("")
    view.wait_for("lab.status === 'finished'")
    if refused:
        refusal = "() => Promise.reject(new TypeError('refused'))"
        view.page.evaluate(f"void (Element.prototype.requestFullscreen = {refusal})")
    choose(view, "Full screen")
    lab = view.page.locator(".nnlib-lab")
    view.page.wait_for_function("document.querySelector('.nnlib-lab').classList.contains('nnlib-full')")
    size = view.page.evaluate("[innerWidth, innerHeight]")
    box = lab.bounding_box()
    assert [round(box["width"]), round(box["height"])] == size
    assert view.page.evaluate("Boolean(document.fullscreenElement)") is not refused
    view.page.get_by_role("button", name="Restart").click()
    if refused:
        view.page.keyboard.press("Escape")
    else:
        choose(view, "Leave full screen")
    view.page.wait_for_function("!document.querySelector('.nnlib-lab').classList.contains('nnlib-full')")


CONTROLS = """() => {
  const group = document.querySelector(".nnlib-group");
  group.innerHTML = `<h4 class="nnlib-heading">Data</h4>
    <div class="widget-slider nnlib-control-noise"><label class="widget-label">noise</label>
      <div class="slider noUi-target"><div class="noUi-handle" tabindex="0" role="slider"></div></div>
      <div class="widget-readout" contenteditable="true">0</div></div>
    <div class="widget-text nnlib-control-seed"><input type="number"></div>`;
}"""


def test_a_teacher_hides_and_locks_controls(open_at):
    view = open_at("", hide=["noise"], lock=["seed"])
    view.page.evaluate(CONTROLS)
    view.wait_for("lab.status === 'finished'")
    noise, seed = (view.page.locator(f".nnlib-control-{name}") for name in ("noise", "seed"))
    assert not noise.is_visible() and seed.is_visible()
    assert seed.locator("input").is_disabled()
    assert not view.page.get_by_role("button", name="New seed").is_visible()
    assert "&hide=noise&lock=seed" in linked(view)
    view.page.evaluate("model.set('hide', []), model.set('lock', ['noise'])")
    assert noise.is_visible() and seed.locator("input").is_enabled()
    assert noise.locator(".noUi-target").get_attribute("disabled") == ""
    assert noise.locator(".widget-readout").evaluate("readout => !readout.isContentEditable")
    assert view.page.get_by_role("button", name="New seed").is_visible()
    view.page.evaluate("model.set('hide', ['noise', 'seed'])")
    assert not view.page.locator(".nnlib-heading").is_visible()


def test_controls_that_do_nothing_with_these_data_are_pale(open_at):
    view = open_at("")
    view.page.evaluate(CONTROLS)
    view.wait_for("lab.status === 'finished'")
    noise, seed = (view.page.locator(f".nnlib-control-{name}") for name in ("noise", "seed"))
    opacity = "control => getComputedStyle(control).opacity"
    assert noise.evaluate(opacity) == "1"
    view.set(dataset="own")
    view.page.wait_for_function("document.querySelector('.nnlib-control-noise').matches('.nnlib-idle')")
    view.page.evaluate(CONTROLS)  # ipywidgets may draw them anew at any time
    view.page.wait_for_function("document.querySelector('.nnlib-control-noise').matches('.nnlib-idle')")
    assert noise.evaluate(opacity) == "0.65" and seed.evaluate(opacity) == "1"
    view.set(dataset="moons")
    view.page.wait_for_function("!document.querySelector('.nnlib-idle')")


def test_what_is_locked_no_link_and_no_button_moves(open_at, lab):
    locked = ["learning_rate", "seed"]
    view = open_at(
        f"#{lab.lab_id}?v=1&seed=8&learning_rate=10&dataset=plane&activation=relu&optimizer=sgd&lock=noise", lock=locked
    )
    view.wait_for("lab.status !== 'training' && lab.engine === 'page'")
    assert view.page.evaluate("[model.get('value_seed'), model.get('lock')]") == [3, ["learning_rate", "seed", "noise"]]
    assert "Seed is locked" in view.page.locator(".nnlib-problems").inner_text()
    view.page.evaluate("model.set('lock', [])")
    view.set(learning_rate=10.0)
    view.wait_for("lab.status === 'stopped-by-doctor'")
    view.page.get_by_role("alert").get_by_text("above 2/λmax = ").wait_for()
    assert view.page.get_by_role("button", name="Set the learning rate to 0.03").is_visible()
    view.page.evaluate("model.set('lock', ['learning_rate'])")
    run = view.says("run")
    view.page.get_by_role("button", name="Restart").click()
    view.wait_for(f"Number(lab.run) > {run} && lab.status === 'stopped-by-doctor'")
    view.page.get_by_role("alert").wait_for()
    assert not view.page.get_by_role("button", name="Set the learning rate").is_visible()


# --- the doctor -------------------------------------------------------------------------------------------------

FAST = {"optimizer": "adam", "batch_size": 250, "depth": 2}
CASES = {
    "dead": {"dataset": "bumps", "activation": "relu", "learning_rate": 3.0, "optimizer": "adam", "width": 4},
    "plateau": {"dataset": "xor", "learning_rate": 0.00001, "epochs": 45, "width": 2},
    "diverged": {"dataset": "plane", "activation": "relu", "learning_rate": 10.0},
    "diverged ": {"dataset": "plane", "activation": "identity", "learning_rate": 100.0, "stop": 40},
    "learning_rate": {"dataset": "xor", "learning_rate": 10.0, "batch_size": 250, "epochs": 8},
    "growing": {"dataset": "blobs", "learning_rate": 1.0, "optimizer": "momentum", "epochs": 40},
    "dead ": {"dataset": "spiral", "loss": "huber", "learning_rate": 3.0, "batch_size": 1, "activation": "relu"},
    # Large steps at a rate of 3 and 10 as in the playground, few of them: both engines are then still at one place.
    "saturated": FAST | {"dataset": "xor", "learning_rate": 3.0, "epochs": 4},
    "exploding": FAST | {"learning_rate": 10.0, "epochs": 8},
    "dead  ": FAST | {"dataset": "circle", "learning_rate": 10.0, "epochs": 8},
    "vanishing": {"activation": "sigmoid", "depth": 6, "learning_rate": 0.001, "epochs": 3},
    "vanishing ": {"dataset": "xor", "init": "normal", "depth": 6, "learning_rate": 0.0001, "epochs": 3},
}


PLACES = [
    {"optimizer": "sgd"},
    {"optimizer": "momentum", "dataset": "blobs", "activation": "relu", "l2": 0.1},
    {"optimizer": "nesterov", "dataset": "bumps", "batch_norm": True, "dropout": 0.5, "depth": 3},
    {"optimizer": "sgd", "dataset": "plane", "depth": 0, "features": ("x1", "x2", "x1_x2")},
]


@pytest.mark.parametrize("values", PLACES)
def test_the_page_measures_what_python_measures(page, go_bare, values):
    settings = Settings(**(SHORT | {"epochs": 3} | values))
    run = Run(settings)
    first = run.network.copy()
    run.to_end()
    go_bare(page)
    answers = page.evaluate(
        """async ({settings}) => {
          const {largestCurvature} = await import("/nnlib/labs/web/curvature.js");
          const {CounterGenerator} = await import("/nnlib/labs/web/random.js");
          const {Run} = await import("/nnlib/labs/web/training.js");
          const run = new Run(settings);
          run.advanceEpochs(settings.epochs);
          const before = run.net.state();
          const rng = new CounterGenerator(settings.seed, "order");
          const found = [true, false].map((start) => largestCurvature(run, rng, start));
          const {copyOf, someSamples} = await import("/nnlib/labs/web/probing.js");
          const {signals} = await import("/nnlib/labs/web/gradients.js");
          const {deadUnits, saturatedUnits} = await import("/nnlib/labs/web/units.js");
          const wide = () => {
            const net = copyOf(run);
            net.parameters.forEach((value, i) => { net.parameters[i] = 9 * value; });
            return net;
          };
          const units = [deadUnits, saturatedUnits].map((count) => count(wide(), run.inputs));
          const measured = [signals(wide(), someSamples(run), run.loss.name), ...units];
          return [found, measured, run.net.state().every((value, i) => value === before[i])];
        }""",
        {"settings": settings.to_json()},
    )
    inputs, loss, options = run.inputs, run.trainer.loss, {"rng": CounterGenerator(3, "order"), "tolerance": 1e-3}
    networks = (first, run.network)
    theirs = [largest_curvature(net, inputs.X, inputs.y, loss, settings.l2, **options) for net in networks]
    wide = run.network.copy()
    wide.parameters[:] *= 9  # units of every kind fade and die
    signals = [layer.signal for layer in gradient_norms(wide, inputs.X, inputs.y, loss)]
    units = [[int(layer.sum()) for layer in count(wide, inputs.X)] for count in (dead_units, saturated_units)]
    assert answers == [pytest.approx(theirs, rel=1e-5), [pytest.approx(signals, rel=1e-9), *units], True]


def both_doctors(page, go_bare, values):
    """What the doctor in the kernel and the one in the page say of a run at its end, and the run."""
    settings = Settings(**(SHORT | values))
    engine = KernelEngine("doctor", settings, lambda content, buffers: None)
    run = engine.to_end()
    state = engine.state()
    go_bare(page)
    answer = page.evaluate(
        """async ({settings, losses, messages}) => {
          const {examine, constantLoss} = await import("/nnlib/labs/web/doctor.js");
          const {Run} = await import("/nnlib/labs/web/training.js");
          const {Words} = await import("/nnlib/labs/web/words.js");
          const run = new Run(settings);
          run.advance(settings.stop ?? settings.epochs * run.stepsPerEpoch);
          return [examine(run, losses, new Words(messages)), constantLoss(run)];
        }""",
        {"settings": settings.to_json(), "losses": engine.curve()["train"], "messages": MESSAGES},
    )
    return state["diagnosis"] or state["advice"], *answer, run


@pytest.mark.parametrize("name", CASES)
def test_the_doctor_finds_the_same_in_both_engines(page, go_bare, name):
    found, answer, constant, run = both_doctors(page, go_bare, CASES[name])
    assert found["name"] == answer["name"] == name.strip()
    assert answer["cure"] == found["cure"] != {}
    layers = re.compile(r"\d+ of \d+ in layer \d+|layer \d+ back to layer 1|leaves layer \d+")
    assert layers.findall(answer["text"]) == layers.findall(found["text"])
    when = {"diverged": "after 1 epoch:", "diverged ": "in epoch 1:"}
    for text in (answer["text"], found["text"]) if name in when else ():
        assert text.startswith(f"Training diverged {when[name]}")
    assert not re.search(r"[{}|]|undefined|NaN|doctor_", answer["text"])
    assert constant == pytest.approx(constant_loss(run.trainer.loss, run.data.y, run.network.outputs), rel=1e-9)


LARGEST = {"width": 32, "depth": 6, "batch_size": 250, "epochs": 2}
#: Runs of networks of many sizes, and whether the doctor takes the time to measure their bound.
SIZES = [
    ({"dataset": "plane", "depth": 2, "learning_rate": 3.0, "epochs": 2}, True),
    ({"dataset": "spiral", "width": 16, "depth": 3, "learning_rate": 10.0, "batch_size": 250, "epochs": 1}, True),
    (LARGEST | {"dataset": "spiral", "learning_rate": 10.0, "activation": "relu", "init": "he_normal"}, True),
    (LARGEST | {"dataset": "spiral", "train_share": 0.9, "learning_rate": 10.0, "epochs": 1}, True),
    (LARGEST | {"dataset": "plane", "train_share": 0.6, "learning_rate": 3.0, "optimizer": "nesterov"}, True),
    (LARGEST | {"dataset": "plane", "train_share": 0.7, "learning_rate": 3.0, "optimizer": "nesterov"}, False),
    (LARGEST | {"dataset": "plane", "train_share": 0.9, "learning_rate": 3.0, "activation": "relu"}, False),
    (LARGEST | {"dataset": "plane", "train_share": 0.9, "depth": 4, "learning_rate": 3.0, "activation": "relu"}, True),
]


@pytest.mark.parametrize("values, measured", SIZES)
def test_the_doctor_measures_the_bound_of_the_same_networks_in_both_engines(page, go_bare, values, measured):
    found, answer, *_ = both_doctors(page, go_bare, values)
    assert answer["name"] == found["name"] and answer["cure"] == found["cure"]
    bounds = [re.findall(r"λmax\)? = ([\d.]+),", said["text"]) for said in (found, answer)]
    assert bounds[0] == bounds[1] and len(bounds[0]) == measured, (found["text"], answer["text"])


def test_a_run_that_rests_within_an_epoch_after_it_has_diverged_is_stopped_with_words(open_at, lab):
    lost = f"#{lab.lab_id}?v=1&dataset=plane&activation=relu&optimizer=sgd&learning_rate=10&stop="
    view = open_at(f"{lost}1")
    view.wait_for("lab.status === 'paused' && lab.step === '1'")
    while view.says("status") == "paused":
        assert int(view.says("step")) < 50
        view.page.get_by_role("button", name="batch").click()
        view.next_frame()
    step = int(view.says("step"))
    assert view.says("status") == "stopped-by-doctor" and view.says("epoch") == "0"
    for again in (False, True):
        if again:  # by a link to that place
            view = open_at(lost + str(step))
            view.wait_for(f"lab.status === 'stopped-by-doctor' && lab.step === '{step}'")
        text = view.page.get_by_role("alert").inner_text()
        assert re.match("Training diverged in epoch 1: .* is above 2/λmax", text), text
        assert view.page.get_by_role("button", name="Set the learning rate to").is_visible()


def test_a_look_back_to_where_there_was_no_loss_any_more_tells_why(page, go_bare):
    """Rare: a snapshot is taken once an epoch, and falls within one only where frames do."""
    go_bare(page)
    settings = Settings(dataset="plane", activation="relu", optimizer="sgd", learning_rate=100.0).to_json()
    looked, loaded = page.evaluate(
        """async ({settings, messages}) => {
          const {PageEngine} = await import("/nnlib/labs/web/page_engine.js");
          const {Past} = await import("/nnlib/labs/web/rewind.js");
          const {Words} = await import("/nnlib/labs/web/words.js");
          const shown = {run: 0, engine: "page", advice: null, diagnosis: null};
          const engine = new PageEngine(shown, new Words(messages));
          engine.begin(settings, {stop: 40});
          const work = () => {
            do { engine.train(0); engine.report(); } while (shown.status === "training" || engine.replaying);
            return [shown.status, shown.step, shown.diagnosis?.text];
          };
          work();
          const past = new Past({shown});
          past.ghost = {};
          const [at, parameters] = [0.6, new Float32Array(shown.subject.net.state())];
          const looks = [1, null].map((train_loss) => {
            past.now = {step: 36, epoch: 0, at, parameters, train_loss, test_loss: train_loss};
            return past.of(shown).advice?.text ?? null;
          });
          const cut = {settings, changes: [], step: 36, epoch: 0, until: 1, train_loss: null, test_loss: null};
          engine.load({...cut, curve: shown.curve, parameters: shown.subject.net.state()});
          return [[shown.diagnosis?.text, ...looks], work()];
        }""",
        {"settings": settings, "messages": MESSAGES},
    )
    assert looked[0] is None and looked[1] is None
    assert looked[2].startswith("Training diverged in epoch 1:")
    assert loaded == ["stopped-by-doctor", 36, looked[2]]


def test_a_kernels_advice_is_shown_with_a_cure_that_the_controls_offer(open_view, lab):
    view = open_view()
    view.page.evaluate("say({kind: 'welcome'})")
    parameters = lab.engine.run.network.parameters.tolist()
    advice = {"name": "learning_rate", "text": "Too fast.", "cure": {"learning_rate": 0.07, "init": "he_normal"}}
    view.page.evaluate("([frame, numbers]) => say(frame, numbers)", [frame(lab, 1, advice=advice), parameters])
    view.page.get_by_role("alert").get_by_text("Too fast.").wait_for()
    view.page.get_by_role("button", name="Set the learning rate to 0.03").click()
    assert view.page.evaluate("model.get('value_learning_rate')") == view.raw("learning_rate", 0.03)
    view.page.get_by_role("button", name="Close").click()
    assert not view.page.get_by_role("alert").is_visible()


# --- numbers set by hand ------------------------------------------------------------------------------------------


def test_undo_takes_a_number_set_by_hand_out_of_the_run(open_at, lab):
    view = open_at("")
    view.wait_for("lab.status === 'finished'")
    first = losses(view)
    field = view.page.get_by_role("spinbutton")
    view.page.locator(".nnlib-unit[data-column='1']").first.click()
    field.fill("2.5")
    field.press("Enter")
    view.wait_for("JSON.parse(lab.changes).length === 1 && lab.status === 'finished'")
    by_hand = losses(view)
    assert by_hand != first
    view.page.get_by_role("button", name="Epoch").click()
    view.wait_for("lab.epoch === '31' && lab.status === 'paused'")
    later, link = losses(view), linked(view)
    assert losses(view) == of_run(Lab.from_link(link).run())
    choose(view, "Undo")
    view.wait_for("lab.changes === '[]'")
    run = Run(lab.engine.settings)
    run.advance(31 * run.steps_per_epoch)
    assert losses(view) == of_run(run) and view.says("epoch") == "31"
    choose(view, "Redo")
    view.wait_for("JSON.parse(lab.changes).length === 1")
    assert losses(view) == later and linked(view) == link
    with_curves = saved(view, "Save the curves (CSV)")[1].decode().splitlines()
    assert len(with_curves) == 33 and all(len(row.split(",")) == 5 and row[-1] != "," for row in with_curves)
    # Another run has no such number: undo goes on to the move before.
    view.set(width=7)
    view.wait_for("lab.status === 'finished' && lab.epoch === '30' && lab.changes === '[]'")
    choose(view, "Undo")
    view.wait_for(f"lab.status === 'finished' && Number(lab.trainLoss) === {first[0]!r}")
    view.page.get_by_role("button", name="More").click()
    view.page.get_by_role("menuitem", name="Undo").click()
    assert losses(view) == first


def test_a_kernel_loads_the_run_without_the_number_set_by_hand(open_at, lab):
    view = open_at("")
    view.page.evaluate("say({kind: 'welcome'})")
    parameters = lab.engine.run.network.parameters.tolist()
    show = "([frame, numbers]) => say(frame, numbers)"
    view.page.evaluate(show, [frame(lab, 1, status="paused"), parameters])
    view.wait_for("lab.engine === 'kernel'")
    view.page.locator(".nnlib-unit[data-column='1']").first.click()
    view.page.get_by_role("spinbutton").fill("2.5")
    view.page.get_by_role("spinbutton").press("Enter")
    message = view.page.evaluate("sent.at(-1)")
    assert message["kind"] == "change" and message["value"] == 2.5
    changes = [[0, message["field"], 2.5], [4, "l2", 0.1]]
    view.page.evaluate(show, [frame(lab, 2, status="training", revision=1, changes=changes), parameters])
    view.wait_for("lab.revision === '1'")
    choose(view, "Undo")
    load, play = view.page.evaluate("sent.slice(-2)")
    assert load["kind"] == "load" and load["settings"]["changes"] == changes[1:]
    assert load["settings"]["stop"] == int(view.says("step")) and play == {"kind": "act", "action": "play"}


def test_a_link_sets_numbers_by_hand_and_says_which_the_network_lacks(open_at, lab):
    settings = Settings(**SHORT, changes=((60, "p3", 1.5), (90, "p9999", 1.0), (100, "l2", 0.1)), stop=200)
    link = f"#{lab.lab_id}?{settings.to_query()}"
    view = open_at(link)
    view.wait_for("lab.status === 'paused' && lab.step === '200'")
    again = Lab.from_link(link)
    said = "p9999 is no parameter of this network, which has 67: p0 to p66."
    assert again.problems == [said] and view.page.locator(".nnlib-problems").inner_text() == said
    assert json.loads(view.says("changes")) == [[60, "p3", 1.5], [100, "l2", 0.1]]
    assert losses(view) == of_run(again.run())
    assert linked(view).partition("?")[2] == again.link.partition("?")[2]
    for kind, tab in [("nnlib", "nnlib"), ("torch", "PyTorch")]:
        choose(view, "Show me the Python")
        view.page.get_by_role("tab", name=tab).click()
        assert_same_script(view.page.locator("dialog[open] textarea").input_value(), again.code(kind))
        view.page.keyboard.press("Escape")


def test_the_picture_is_that_of_what_is_seen(open_at):
    view = open_at("")
    view.wait_for("lab.status === 'finished'")
    seen = [saved(view, "Save the picture (SVG)")[1].decode()]
    for plot in ("Accuracy", "Weights", "Confusion"):
        view.page.get_by_role("radio", name=plot).check(force=True)
        seen.append(saved(view, "Save the picture (SVG)")[1].decode())
    assert len(set(seen)) == 4 and "true class by row" in seen[3] and "100%" in seen[1]
    view.page.get_by_role("button", name="Freeze as A").click()
    view.set(learning_rate=0.01)
    view.wait_for("lab.status === 'finished' && lab.revision === '1'")
    both = saved(view, "Save the picture (SVG)")[1].decode()
    assert both.count("<image") == seen[3].count("<image") + 1 and "Learning rate η: 0.1 → 0.01" in both
    track = view.page.get_by_role("slider", name="Look back along the run")
    track.press("Home")
    view.wait_for("lab.rewound === '0'")
    assert "The run as it was at epoch 0" in saved(view, "Save the picture (SVG)")[1].decode()
    assert linked(view).endswith("&stop=0")


def test_swapping_and_rewinding_are_one_move_each(open_at):
    view = open_at("")
    view.wait_for("lab.status === 'finished'")
    view.page.get_by_role("button", name="Freeze as A").click()
    view.set(width=4)
    view.set(dataset="xor")
    view.wait_for("lab.status === 'finished' && lab.revision !== '0' && lab.epoch === '30'")
    view.page.get_by_role("button", name="Swap").click()
    view.page.wait_for_function("model.get('value_width') === 6")
    choose(view, "Undo")
    values = "[model.get('value_width'), model.get('value_dataset')]"
    assert view.page.evaluate(values) == [4, view.raw("dataset", "xor")]
    choose(view, "Undo")
    assert view.page.evaluate(values) == [4, view.raw("dataset", "moons")]
