"""Quizzes and fields for numbers as a reader meets them: on the built page without a kernel, and in JupyterLab.

By keyboard, by touch, in the dark, on a phone, on paper and without scripts, on a small page with a quiz and a field;
what holds for each question of the book is tried on every page of the site.
"""

import json

import pytest

from nnlib.exercises import check
from nnlib.exercises.chapters import exercises, quizzes
from nnlib.exercises.messages import MESSAGES
from tests.browser.conftest import DESKTOP
from tests.browser.gallery import ASK, QUIZ

PAGE = "questions.html"
RIGHT = 2  # the option of QUIZ
PHONE = {"width": 360, "height": 780}
#: Contrast of an element's text with what it stands on, as WCAG counts it.
CONTRAST = """element => {
  const parts = colour => {
    const canvas = Object.assign(document.createElement("canvas"), {width: 1, height: 1}).getContext("2d");
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => {
    const line = [r, g, b].map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * line[0] + 0.7152 * line[1] + 0.0722 * line[2];
  };
  let ground = element;
  while (parts(getComputedStyle(ground).backgroundColor)[3] < 255) ground = ground.parentElement;
  const both = [getComputedStyle(element).color, getComputedStyle(ground).backgroundColor].map(parts).map(luminance);
  return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
}"""


@pytest.fixture(scope="module")
def url(gallery, static_server):
    return static_server(gallery)


def question(page, name):
    found = page.locator(f'[data-nnlib-question="{name}"]')
    found.wait_for(state="visible", timeout=30_000)
    return found


def says(found):
    """What the live line says, as it is heard."""
    return found.get_by_role("status").text_content()


@pytest.fixture
def opened(url, page):
    page.goto(f"{url}/{PAGE}")
    return page


def test_a_quiz_by_keyboard(opened):
    quiz, table = question(opened, QUIZ), quizzes()[QUIZ]
    options = quiz.get_by_role("radio")
    assert quiz.get_by_role("group").evaluate("group => group.querySelector('legend').textContent") == table.question
    quiz.get_by_role("button").focus()
    opened.keyboard.press("Enter")
    assert says(quiz) == MESSAGES["choose_first"]
    opened.keyboard.press("Shift+Tab")
    opened.keyboard.press("Space")
    assert quiz.get_by_role("radio", checked=True).count() == 1
    while not options.first.is_checked():
        opened.keyboard.press("ArrowUp")
    opened.keyboard.press("Enter")
    assert quiz.get_attribute("data-answered") == "wrong"
    assert says(quiz).startswith("✗Not yet.") and table.options[0].reason in says(quiz)
    reasons = quiz.locator(".nnlib-question-reason")
    assert [reason.is_visible() for reason in reasons.all()] == [True, False, False]
    assert reasons.first.inner_text() == table.options[0].reason
    opened.keyboard.press("ArrowDown")
    assert says(quiz) == "", "a verdict belongs to the option that was checked"
    opened.keyboard.press("ArrowDown")
    opened.keyboard.press("Enter")
    assert quiz.get_attribute("data-answered") == "right"
    assert [reason.inner_text() for reason in reasons.all()] == [option.reason for option in table.options]


def test_a_number_by_keyboard(opened):
    field, table = question(opened, ASK), exercises()[ASK]
    box = field.get_by_role("textbox", name=table.title)
    box.focus()
    opened.keyboard.press("Enter")
    assert says(field) == MESSAGES["write_first"]
    wrong = ("1", 1, "one_line"), ("2", 2, "two_lines"), ("7,0", 7, "too_many"), ("5/2", 2.5, None)
    for typed, answer, mistake in wrong:
        box.fill(typed)
        assert says(field) == ""
        opened.keyboard.press("Enter")
        assert field.get_attribute("data-answered") == "wrong"
        assert field.get_attribute("data-mistake") == mistake
        assert says(field).endswith(check(ASK, answer).text), "the verdict of check()"
    box.fill("three")
    opened.keyboard.press("Enter")
    assert "“three” cannot be read" in says(field)
    assert box.get_attribute("aria-invalid") == "true"
    assert not field.get_attribute("data-answered")
    opened.keyboard.press("Tab")
    opened.keyboard.press("Tab")
    for i, hint in enumerate(table.hints):
        opened.keyboard.press("Enter")
        assert field.locator("li").all_inner_texts() == list(table.hints[: i + 1]), hint
    assert not field.get_by_role("button", name="hint").is_visible()
    assert box.evaluate("box => box === document.activeElement"), "the focus goes where the reader goes on"
    box.fill("3")
    opened.keyboard.press("Enter")
    assert field.get_attribute("data-answered") == "right"
    assert says(field) == f"✓Right.{table.remark}"
    assert field.get_attribute("data-mistake") is None


def test_every_question_of_the_book_can_be_answered(site, static_server, page):
    met = set()
    url = static_server(site)
    for path in sorted(site.glob("*.html")):
        if "data-nnlib" not in (text := path.read_text()) and "question-live" not in text:
            continue
        page.goto(f"{url}/{path.name}")
        page.wait_for_load_state("networkidle")
        for live in page.locator(".question-live").all():
            found = live.locator("[data-nnlib-question]")
            found.wait_for(state="visible", timeout=30_000)
            name = found.get_attribute("data-nnlib-question")
            if name in quizzes():
                for i, option in enumerate(quizzes()[name].options):
                    found.get_by_role("radio").nth(i).check()
                    found.get_by_role("button", name=MESSAGES["quiz_button"]).click()
                    assert found.get_attribute("data-answered") == ("right" if option.right else "wrong")
            else:
                found.get_by_role("textbox").fill(repr(exercises()[name].answer.value))
                found.get_by_role("textbox").press("Enter")
                assert found.get_attribute("data-answered") == "right"
            met.add(name)
    assert {QUIZ, ASK} <= met


def test_the_page_remembers_and_forgets(opened):
    assert not question(opened, QUIZ).locator(".nnlib-question-before").is_visible()
    question(opened, QUIZ).get_by_role("radio").nth(RIGHT).check()
    question(opened, QUIZ).get_by_role("button").click()
    question(opened, ASK).get_by_role("textbox").fill("2")
    question(opened, ASK).get_by_role("textbox").press("Enter")
    opened.reload()
    assert MESSAGES["answered_before"] in question(opened, QUIZ).locator(".nnlib-question-before").inner_text()
    assert MESSAGES["tried_before"] in question(opened, ASK).locator(".nnlib-question-before").inner_text()
    assert says(question(opened, QUIZ)) == "" and question(opened, QUIZ).get_by_role("radio", checked=True).count() == 0
    question(opened, QUIZ).get_by_role("button", name=MESSAGES["forget_button"]).click()
    opened.reload()
    assert not question(opened, QUIZ).locator(".nnlib-question-before").is_visible()
    assert question(opened, ASK).locator(".nnlib-question-before").is_visible()


@pytest.mark.parametrize("stored", ["not JSON", "[1]", "null", '{"08.lambda": 7}', None])
def test_storage_may_hold_anything_or_be_forbidden(url, page, stored):
    if stored is None:
        page.add_init_script("""for (const name of ["getItem", "setItem"]) {
          const original = Storage.prototype[name];
          Storage.prototype[name] = function (key, ...rest) {
            if (key === "nnlib-exercises") throw new DOMException("forbidden", "SecurityError");
            return original.call(this, key, ...rest);
          };
        }""")
    else:
        page.add_init_script(f"localStorage.setItem('nnlib-exercises', {json.dumps(stored)})")
    page.goto(f"{url}/{PAGE}")
    quiz = question(page, QUIZ)
    assert not quiz.locator(".nnlib-question-before").is_visible()
    quiz.get_by_role("radio").nth(RIGHT).check()
    quiz.get_by_role("button").click()
    assert quiz.get_attribute("data-answered") == "right"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_both_themes(url, new_page, scheme):
    page = new_page(color_scheme=scheme)
    page.goto(f"{url}/{PAGE}")
    quiz, field = question(page, QUIZ), question(page, ASK)
    for found in (quiz, field):
        assert found.get_attribute("data-nnlib-theme") == scheme
    for i in (0, RIGHT):
        quiz.get_by_role("radio").nth(i).check()
        quiz.get_by_role("button").click()
        field.get_by_role("textbox").fill(str(i + 1))
        field.get_by_role("textbox").press("Enter")
        for found in (quiz, field):
            for text in found.locator("legend, label, p, b, button, input[type=text]").all():
                assert text.evaluate(CONTRAST) >= 4.5, text.evaluate("element => element.outerHTML")
    for text in page.locator(".nnlib-verdict, .nnlib-verdict :is(b, small)").all():
        assert text.evaluate(CONTRAST) >= 4.5
    plate = page.locator(".text_html:has(.nnlib-verdict)").first
    assert plate.evaluate("plate => getComputedStyle(plate).backgroundColor") == "rgba(0, 0, 0, 0)", "no light plate"


def test_on_a_phone_by_touch(url, new_page):
    page = new_page(viewport=PHONE, has_touch=True, is_mobile=True)
    page.goto(f"{url}/{PAGE}")
    quiz, field = question(page, QUIZ), question(page, ASK)
    quiz.locator("label").nth(RIGHT).tap()
    quiz.get_by_role("button").tap()
    assert quiz.get_attribute("data-answered") == "right"
    field.get_by_role("button", name=MESSAGES["hint_button"]).tap()
    field.get_by_role("textbox").fill("4")
    field.get_by_role("button", name=MESSAGES["quiz_button"]).tap()
    assert field.get_attribute("data-mistake") == "too_many"
    assert page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]
    targets = ":is(label:has(input), button:not(.nnlib-question-link), input[type=text])"
    for target in page.locator(f"[data-nnlib-question] {targets}").all():
        if target.is_visible():
            assert target.bounding_box()["height"] >= 40


def test_paper_and_pages_without_scripts_show_the_question(url, new_page):
    printed, bare = new_page(), new_page(java_script_enabled=False)
    printed.goto(f"{url}/{PAGE}")
    question(printed, QUIZ)
    table = quizzes()[QUIZ]
    assert not printed.locator(".question-text").filter(has_text=table.question).is_visible()
    printed.emulate_media(media="print")
    bare.goto(f"{url}/{PAGE}")
    for page in (printed, bare):
        assert not page.locator(".question-live").first.is_visible()
        text = page.locator(".question-text").filter(has_text=table.question).inner_text()
        assert all(option.text in text and option.reason not in text for option in table.options)
    assert MESSAGES["without_script"] in text


def test_the_source_of_the_page_holds_no_answer_in_plain_sight(gallery):
    source = (gallery / PAGE).read_text()
    assert quizzes()[QUIZ].question in source
    hidden = [option.reason for option in quizzes()[QUIZ].options]
    hidden += [exercises()[ASK].remark, *(mistake.text for mistake in exercises()[ASK].mistakes)]
    assert not any(text in source for text in hidden)


def test_in_jupyterlab_the_kernel_keeps_the_progress(jupyterlab, new_page, tmp_path):
    cells = [
        f"import os\nos.environ['XDG_DATA_HOME'] = {str(tmp_path)!r}",
        "from nnlib.exercises import ask, check, progress, quiz",
        f'quiz("{QUIZ}")',
        f'ask("{ASK}")',
        'check("08.1", lambda widths: 1)',
    ]
    jupyterlab.write_notebook("quizzes.ipynb", cells)
    page = new_page(viewport=DESKTOP)
    jupyterlab.open(page, "quizzes.ipynb")
    jupyterlab.run_all(page)
    quiz, field = question(page, QUIZ), question(page, ASK)
    # JupyterLab moves the focus once when another cell becomes the active one, whatever stands in it.
    quiz.locator("legend").click()
    quiz.get_by_role("radio").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert quiz.get_attribute("data-answered") == "right"
    assert page.locator(".jp-Notebook .jp-CodeCell").count() == len(cells), (
        "the keys reach the question, not the notebook"
    )
    field.get_by_role("textbox").click()
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    assert field.get_attribute("data-mistake") == "two_lines"
    assert "Not yet." in page.locator(".nnlib-verdict").inner_text()
    jupyterlab.wait_idle(page)
    page.wait_for_timeout(500)
    (kept,) = tmp_path.rglob("exercises.json")
    assert json.loads(kept.read_text()) == {"08.1": "tried", QUIZ: "right", ASK: "tried"}
