"""What the tests of A and B, of the look back and of the sweep map share."""

from nnlib.labs.run import Run


def run_to_end(lab, **settings):
    return Run(lab.settings.with_(changes=(), stop=None, **settings)).to_end()


def click(view, name):
    view.page.get_by_role("button", name=name, exact=True).click()


def slider(view):
    return view.page.get_by_role("slider", name="Look back along the run")


def row(view, name):
    return view.page.locator(f".nnlib-run-{name} td").all_inner_texts()
