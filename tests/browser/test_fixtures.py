"""The browser fixtures themselves: a check that cannot fail proves nothing."""

import pytest

PAGE = "<!doctype html><title>toy</title><link rel=icon href=data:,><p id=p>ready</p>"


@pytest.fixture
def toy(tmp_path, static_server):
    def write(body):
        (tmp_path / "index.html").write_text(PAGE + body)
        return static_server(tmp_path)

    return write


def test_a_quiet_page_passes(toy, page):
    page.goto(toy(""))
    assert page.watch.problems == []
    assert page.text_content("#p") == "ready"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("<script>console.error('spilt milk')</script>", "console error: spilt milk"),
        ("<script>throw new Error('thrown')</script>", "page error: thrown"),
        ("<img src=nowhere.png alt=''>", "answer 404"),
        ("<img src=http://192.0.2.1/a.png alt=''>", "external request: http://192.0.2.1/a.png"),
    ],
)
def test_a_page_that_misbehaves_is_noticed(toy, page, body, problem):
    page.goto(toy(body), wait_until="commit")
    page.wait_for_function("document.readyState != 'loading'")
    for _ in range(100):
        if any(text.startswith(problem) for text in page.watch.problems):
            break
        page.wait_for_timeout(50)
    else:
        pytest.fail(f"nobody noticed: {page.watch.problems}")
    page.watch.expect(".")


def test_jupyterlab_runs_a_notebook(jupyterlab, page):
    jupyterlab.write_notebook("toy.ipynb", ["import os; 'NNLIB_HEADLESS' in os.environ", "print(6 * 7)"])
    jupyterlab.open(page, "toy.ipynb")
    jupyterlab.run_all(page)
    assert page.locator(".jp-OutputArea-output").all_text_contents() == ["False", "42\n"]
