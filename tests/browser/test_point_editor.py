"""A reader edits points on the surface: by mouse, by finger, by keyboard, from a file; and shows less of it."""

import pytest

from nnlib.labs import own_points
from nnlib.labs.run import Run
from nnlib.labs.settings import Settings
from tests.browser.bare_view import ViewOnPage


class Editor:
    """The editor of a view that has finished its first run."""

    def __init__(self, view):
        self.view, self.page = view, view.page
        self.layer = view.page.locator(".nnlib-edit-layer")
        view.wait_for("lab.status === 'finished'")
        self.button("Edit points").click()

    def button(self, name):
        return self.page.get_by_role("button", name=name, exact=True)

    def at(self, x1, x2):
        box = self.layer.bounding_box()
        return box["x"] + (x1 + 6) / 12 * box["width"], box["y"] + (6 - x2) / 12 * box["height"]

    def click(self, x1, x2):
        self.page.mouse.click(*self.at(x1, x2))

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def points(self):
        return self.page.evaluate("model.get('points')")

    def start_empty(self):
        self.button("Clear").click()

    def said(self):
        return self.page.locator(".nnlib-said").inner_text()

    def dataset(self):
        return self.view.controls["dataset"].choices[self.page.evaluate("model.get('value_dataset')")]

    def trained(self, run):
        """Wait until a run has finished; return the losses and those of the library for the same points."""
        self.view.wait_for(f"lab.run === '{run}' && lab.status === 'finished'")
        settings = Settings(
            dataset="own", points=self.points(), points_task=self.page.evaluate("model.get('points_task')"),
            width=6, epochs=30, seed=3, optimizer="sgd", learning_rate=0.1,
        )  # fmt: skip
        metrics = Run(settings).to_end().metrics()
        shown = [float(self.view.says(name)) for name in ("train-loss", "test-loss")]
        return shown, pytest.approx([metrics["train_loss"], metrics["test_loss"]], abs=1e-9)


@pytest.fixture
def editor(open_view):
    return Editor(open_view())


# --- mouse and finger -------------------------------------------------------------------------------------------


def test_the_first_edit_copies_the_points_and_trains_on_them(editor, lab):
    assert editor.said() == "250 training points, 250 test points."
    editor.click(-4, 4)
    assert editor.dataset() == "own"
    points = editor.points()
    copied, task = own_points.copy_points(lab.engine.run.data)
    assert [tuple(point) for point in points[:-1]] == list(copied)
    assert points[-1][:3] == pytest.approx([-4, 4, 1], abs=0.03)
    assert (editor.page.evaluate("model.get('points_task')"), task) == ("binary", "binary")
    shown, expected = editor.trained(run=2)
    assert shown == expected


def test_points_are_added_moved_and_deleted_by_mouse_and_undone(editor):
    editor.start_empty()
    assert "There are no points of your own yet" in editor.said()
    editor.click(-3, 3)
    assert "One point is not enough" in editor.said()
    editor.click(3, 3)
    assert "All 2 points are of class 1: add some of another class" in editor.said()
    assert not editor.page.locator(".nnlib-notice").is_visible()  # it is said once
    editor.button("class −1").click()
    editor.click(0, -3)
    assert editor.said().startswith("Point added at 0, −3: label −1,")
    shown, expected = editor.trained(run=2)
    assert shown == expected

    editor.button("Move").click()
    before = editor.view.pixels("square")
    editor.page.mouse.move(*editor.at(0.1, -3.1))
    editor.page.mouse.down()
    editor.page.mouse.move(*editor.at(2, -2), steps=3)
    assert len(editor.points()) == 3 and editor.points()[2][1] == pytest.approx(-3, abs=0.03)  # not yet let go
    editor.page.mouse.up()
    assert editor.points()[2] == pytest.approx([2, -2, -1, editor.points()[2][3]], abs=0.03)
    shown, expected = editor.trained(run=3)
    assert shown == expected and editor.view.pixels("square") != before

    editor.button("Delete").click()
    editor.click(5, 5)
    assert editor.said() == "There is no point to take here."
    editor.click(2, -2)
    assert len(editor.points()) == 2
    editor.button("Undo edit").click()
    assert len(editor.points()) == 3
    for _ in range(5):
        editor.button("Undo edit").click()
    assert editor.dataset() == "moons" and editor.points() == []
    editor.button("Undo edit").click()
    assert editor.said() == "There is nothing to undo."
    editor.view.wait_for("lab.status === 'finished'")


def test_a_finger_adds_and_drags(new_page, go_bare, lab):
    page = new_page(has_touch=True, viewport={"width": 400, "height": 900})
    go_bare(page)
    editor = Editor(ViewOnPage(page, lab))
    editor.start_empty()
    editor.layer.scroll_into_view_if_needed()
    page.touchscreen.tap(*editor.at(-2, 2))
    assert editor.points()[0][:3] == pytest.approx([-2, 2, 1], abs=0.05)
    editor.button("Move").tap()
    touch = page.context.new_cdp_session(page)

    def finger(kind, *place):
        points = [dict(zip("xy", editor.at(*place)))] if place else []
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    finger("touchStart", -1.6, 2.2)  # near is enough
    finger("touchMove", 1, 1)
    finger("touchMove", 3, -3)
    finger("touchEnd")
    assert editor.points()[0][:2] == pytest.approx([3, -3], abs=0.05)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 400


def test_a_new_point_goes_where_the_reader_sends_it_and_no_more_than_a_lab_takes(editor):
    editor.start_empty()
    part = editor.page.get_by_label("Part")
    for name, place in [("training", 0), ("test", 99), ("by share", own_points.place_of(2))]:
        part.select_option(label=name)
        editor.click(0, 3 - place / 50)
        assert editor.points()[-1][3] == place
    editor.page.evaluate("model.set('points', Array.from({length: 2000}, (_, i) => [0, 0, i % 2 * 2 - 1, i % 100]))")
    editor.click(3, 3)
    assert editor.said() == "There are 2000 points, and a lab takes no more."
    assert len(editor.points()) == 2000


def test_several_classes_and_values(editor):
    editor.start_empty()
    editor.page.get_by_label("Labels").select_option("multiclass")
    for k in range(4):
        editor.button(f"class {k}").click()
        editor.click(k - 2, k - 2)
        editor.click(k - 2, k - 1)
    assert [point[2] for point in editor.points()] == [0, 0, 1, 1, 2, 2, 3, 3]
    editor.view.wait_for("lab.status === 'finished'")
    assert editor.page.locator(".nnlib-legend").inner_text().split() == ["class", "0", "1", "2", "3"]
    editor.page.get_by_label("Labels").select_option("regression")
    assert [point[2] for point in editor.points()] == [0, 0, 0.333, 0.333, 0.667, 0.667, 1, 1]
    value = editor.page.get_by_label("value", exact=True)
    value.fill("-0.45")
    editor.click(5, -5)
    assert editor.points()[-1][2] == -0.45
    value.fill("")
    editor.click(5, -4)
    assert editor.points()[-1][2] == -0.45
    editor.view.wait_for("lab.status === 'finished'")
    assert editor.view.says("nnlib-lab") == "capacity"


# --- keyboard ---------------------------------------------------------------------------------------------------


def test_everything_by_keyboard_alone_and_announced(open_view):
    view = open_view()
    view.wait_for("lab.status === 'finished'")
    view.page.get_by_role("button", name="Edit points").focus()
    editor = Editor.__new__(Editor)
    editor.view, editor.page, editor.layer = view, view.page, view.page.locator(".nnlib-edit-layer")
    editor.press("Enter")
    view.page.get_by_role("button", name="Clear").focus()
    editor.press("Enter")
    editor.layer.focus()
    editor.press("ArrowLeft", "ArrowLeft", "ArrowUp", "Shift+ArrowUp", "Enter")
    assert editor.points() == [[-0.5, 0.3, 1, 0]]
    assert editor.said().startswith("Point added at −0.5, 0.3: label +1")
    editor.press("1", "ArrowRight")
    assert editor.said().startswith("Crosshair at −0.25, 0.3.")
    editor.press("Enter", *["ArrowDown"] * 4, "2", "Enter")
    assert [point[:3] for point in editor.points()] == [[-0.5, 0.3, 1], [-0.25, 0.3, -1], [-0.25, -0.7, 1]]
    view.wait_for("lab.status === 'finished'")
    editor.press("n", "n")
    assert editor.said() == "Point 2 of 3 at −0.25, 0.3: label −1, test."
    editor.press("p")
    assert editor.said().startswith("Point 1 of 3 at −0.5, 0.3")
    editor.press("m", "ArrowUp", "Escape")  # thought better of it
    assert editor.points()[0][:2] == [-0.5, 0.3]
    editor.press("m", "ArrowUp")
    assert editor.points()[0][:2] == [-0.5, 0.3]
    editor.press("Enter")
    assert editor.points()[0][:2] == [-0.5, 0.55]
    editor.press("n", "Delete")
    assert len(editor.points()) == 2 and "deleted" in editor.said()
    editor.press("Control+z")
    assert len(editor.points()) == 3
    assert view.page.evaluate("document.querySelector('.nnlib-said').getAttribute('aria-live')") == "polite"
    editor.press("Escape")
    assert not editor.layer.is_visible()
    assert view.page.evaluate("document.activeElement.textContent") == "Edit points"
    editor.press("Enter", "Tab")  # nothing holds the focus
    assert view.page.evaluate("document.activeElement.textContent") == "Load CSV"


# --- files ------------------------------------------------------------------------------------------------------


def load(editor, text, name="mine.csv"):
    content = text if isinstance(text, bytes) else text.encode()
    editor.page.locator("input[type=file]").set_input_files([{"name": name, "mimeType": "text/csv", "buffer": content}])


def test_a_table_is_loaded_saved_and_loaded_again(editor):
    load(editor, "height,x2,animal\n150,1,owl\n190,2,cat\n170,-1,cat\n160,0,owl\n")
    editor.page.get_by_text("4 points loaded.").wait_for()
    assert editor.said() == (
        "4 points loaded. cat is −1, owl is +1. height ran from 150 to 190; it is shown from −5 to 5."
    )
    assert [point[:3] for point in editor.points()] == [[-5, 1, 1], [5, 2, -1], [0, -1, -1], [-2.5, 0, 1]]
    shown, expected = editor.trained(run=2)
    assert shown == expected
    with editor.page.expect_download() as download:
        editor.button("Save CSV").click()
    text = download.value.path().read_text()
    assert download.value.suggested_filename == "points.csv"
    assert text == "x1,x2,label\n-5,1,1\n5,2,-1\n0,-1,-1\n-2.5,0,1\n"
    points = editor.points()
    editor.start_empty()
    load(editor, text)
    editor.page.get_by_text("4 points loaded.").wait_for()
    assert editor.points() == points


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("x,y,label\n1,2,a\n3,four,b\n", "mine.csv was not loaded: row 3, column 2 (y) is not a number: 'four'."),
        ("1,2,a\n3,4,a\n", "mine.csv was not loaded: every row has the label 'a'"),
        ("é,2,a\n".encode("latin-1"), "mine.csv was not loaded: the CSV is not text in UTF-8"),
        (b"\x00\xff" * 100, "mine.csv was not loaded"),
        ("", "mine.csv was not loaded: the CSV holds no samples."),
        ("1,2,a\n" * 400_000, "mine.csv was not loaded: the file is too large"),
    ],
    ids=["cell", "class", "latin", "binary", "empty", "large"],
)
def test_a_table_that_cannot_be_read_is_answered_and_nothing_is_lost(editor, content, said):
    editor.click(-4, 4)
    points = editor.points()
    load(editor, content)
    editor.page.locator(".nnlib-said", has_text="was not loaded").wait_for()
    assert editor.said().startswith(said)
    assert editor.points() == points


def test_a_file_can_be_dropped_on_the_surface(open_view):
    view = open_view()
    view.wait_for("lab.status === 'finished'")
    view.page.evaluate(
        """() => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File(["1,2,0\\n3,4,1\\n-1,0,2\\n"], "dropped.csv"));
          const square = document.querySelector(".nnlib-square");
          for (const kind of ["dragover", "drop"]) {
            const event = new DragEvent(kind, {dataTransfer, bubbles: true, cancelable: true});
            if (square.dispatchEvent(event)) throw new Error(`${kind} was left to the page`);
          }
        }"""
    )
    view.page.get_by_text("3 points loaded.").wait_for()
    assert view.page.evaluate("model.get('points_task')") == "multiclass"
    view.wait_for("lab.run === '2' && lab.status === 'finished'")


# --- what the session makes of it -------------------------------------------------------------------------------


def test_choosing_own_points_without_any_begins_with_those_on_the_screen(open_view, lab):
    view = open_view()
    view.wait_for("lab.status === 'finished'")
    view.set(dataset="own")
    view.wait_for("lab.run === '2' && lab.status === 'finished'")
    points = [tuple(point) for point in view.page.evaluate("model.get('points')")]
    assert points == list(own_points.copy_points(lab.engine.run.data)[0])
    run = view.says("run")
    view.set(dataset="moons")
    view.next_frame()
    view.page.evaluate("model.set('points', [])")  # not learned from: nothing happens
    view.wait_for(f"Number(lab.run) === {int(run) + 1} && lab.status === 'finished'")


def test_points_left_half_way_open_with_words_and_can_be_finished(open_view, lab):
    own = lab.controls["dataset"].choices.index("own")
    view = open_view(points=[[0, 0, 1, 0]], points_task="binary", value_dataset=own)
    view.wait_for("lab.engine === 'page' && lab.status === 'paused'")
    view.page.get_by_role("alert").get_by_text("One point is not enough").wait_for()
    view.page.get_by_role("button", name="Play").click()
    view.page.get_by_role("alert").get_by_text("One point is not enough").wait_for()
    before = view.pixels("square")
    view.page.evaluate("model.set('points', [[0, 0, 1, 0], [2, 2, -1, 60]])")
    view.wait_for("lab.status === 'finished'")
    assert view.pixels("square") != before
    assert not view.page.get_by_role("alert").is_visible()


@pytest.mark.parametrize(
    "points", ["nonsense", [["x", 1, 1]], [[0, 0, 1, 0], [9, 9, 9]], [None, 7], {"a": 1}, [[0, 0, 1, 0.5]]]
)
def test_damaged_points_of_a_saved_page_are_answered_in_words(open_view, lab, points):
    own = lab.controls["dataset"].choices.index("own")
    view = open_view(points=points, points_task="binary", value_dataset=own)
    view.page.get_by_role("alert").get_by_text("point").wait_for()
    view.page.evaluate("model.set('points', [[0, 0, 1], [2, 2, -1], null, [3, 3, 1]])")
    view.wait_for("lab.status === 'finished'")
    assert view.page.get_by_role("img", name="with 2 training and 1 test point:").count() == 1


def test_a_kernel_that_refuses_points_is_not_taken_for_dead(open_view, lab):
    view = open_view()
    view.page.evaluate("say({kind: 'welcome'})")
    frame = {**lab.engine.state(), "kind": "frame", "frame": 1, "run": 1, "revision": 0, "until": 30}
    frame |= {"curve": [[0, 1, 1]], "fresh": True, "status": "training"}
    parameters = lab.engine.run.network.parameters.tolist()
    view.page.evaluate("([frame, numbers]) => say(frame, numbers)", [frame, parameters])
    view.wait_for("lab.engine === 'kernel'")
    view.page.evaluate("() => { model.set('points', [[0, 0, 1, 0]]); model.set('points_task', 'binary'); }")
    view.set(dataset="own")
    view.page.evaluate("say({kind: 'error', text: 'One point is not enough.'})")
    view.page.wait_for_timeout(4000)
    assert view.says("engine") == "kernel" and view.says("status") == "paused"
    # The next run's first frame has the points, those after it have not.
    points = [[-1, 0, -1, 0], [1, 0, 1, 60], [2, 1, 1, 20]]
    settings = {**frame["settings"], "dataset": "own", "points": points}
    frame |= {"frame": 2, "run": 2, "settings": settings}
    view.page.evaluate("([frame, numbers]) => say(frame, numbers)", [frame, parameters])
    without = {name: value for name, value in settings.items() if name != "points"}
    frame |= {"frame": 3, "settings": without, "status": "finished", "curve": [], "fresh": False}
    view.page.evaluate("([frame, numbers]) => say(frame, numbers)", [frame, parameters])
    view.wait_for("lab.status === 'finished'")
    assert not view.page.get_by_role("alert").is_visible()


# --- what is shown ----------------------------------------------------------------------------------------------


def test_the_display_switches_change_the_picture_and_restart_nothing(open_view):
    view = open_view()
    view.wait_for("lab.status === 'finished' && lab.fine === 'true'")
    points = view.page.locator(".nnlib-output .nnlib-points")
    coverage = """canvas => { const {width, height} = canvas;
      const {data} = canvas.getContext("2d").getImageData(0, 0, width, height);
      let painted = 0; for (let i = 3; i < data.length; i += 4) painted += data[i] > 0; return painted; }"""
    flat = """canvas => { const {width, height} = canvas;
      const {data} = canvas.getContext("2d").getImageData(0, 0, width, height), seen = {};
      for (let i = 0; i < data.length; i += 4) { const c = data.slice(i, i + 3).join(); seen[c] = (seen[c] ?? 0) + 1; }
      return Object.values(seen).sort((a, b) => b - a).slice(0, 2).reduce((a, b) => a + b) / (width * height); }"""
    field = view.page.locator(".nnlib-square canvas").first
    all_points, shaded = points.evaluate(coverage), field.evaluate(flat)
    boxes = view.boxes()
    caption = view.page.get_by_text("hollow: test")
    assert caption.is_visible()
    view.set(show_test=False, discretise=True)
    view.until(lambda: points.evaluate(coverage) < 0.8 * all_points)
    assert shaded < 0.75
    view.until(lambda: field.evaluate(flat) > 0.93)  # two colours, and the line between them
    assert caption.count() == 0
    pixel = """(canvas, [x, y]) => [...canvas.getContext("2d")
      .getImageData(x * canvas.width, y * canvas.height, 1, 1).data.slice(0, 3)]"""
    assert field.evaluate(pixel, [0.3, 0.3]) == [0x42, 0x96, 0xCF]  # the upper moon is +1, blue
    assert field.evaluate(pixel, [0.6, 0.8]) == [0xEE, 0x8F, 0x4E]
    assert (view.says("run"), view.says("revision"), view.boxes()) == ("1", "0", boxes)
    view.set(dataset="blobs")
    view.wait_for("lab.run === '2' && lab.status === 'finished'")
    view.set(show_test=True, discretise=False)
    caption.wait_for()
    assert view.says("run") == "2"


@pytest.mark.parametrize("width", [360, 800, 1100])
def test_the_palette_fits_and_nothing_jumps_while_points_change(open_view, width):
    view = open_view(width)
    editor = Editor(view)
    boxes = view.boxes()
    editor.click(-4, 4)
    editor.view.wait_for("lab.run === '2' && lab.status === 'finished'")
    assert view.boxes()[:-1] == boxes[:-1]
    assert view.page.evaluate("document.scrollingElement.scrollWidth") <= width
    inside = "all => all.every(e => e.getBoundingClientRect().right <= innerWidth - 8)"
    assert view.page.locator(".nnlib-editor :is(button, select, p)").evaluate_all(inside)
