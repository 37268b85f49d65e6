"""What a slider means by where it stands: the decimal at its notch, in the page as in Python."""

import re
from urllib.parse import parse_qsl

import pytest

from nnlib.labs import LABS, plan_of
from nnlib.labs.messages import MESSAGES
from tests.browser.gallery import SHORT
from tests.live_labs import sliders


def test_a_slider_means_the_decimals_at_its_steps(page, go_bare):
    """The same floats as in Python, and the same decimals."""
    cases = [(value, decimal) for *_, computed, meant in sliders() for value, decimal in zip(computed, meant)]
    cases += [(1 / 3, 1 / 3), (-1e-17, 0.0)]
    read = go_bare(page).evaluate(
        """async (values) => {
          const {readControl} = await import("/nnlib/labs/web/settings.js");
          const field = {field: "bias", kind: "number"};
          const read = (value) => readControl({get: (name) => name === "value_bias" ? value : {}}, field);
          return values.map(read).map((value) => Object.is(value, -0) ? "-0" : value);
        }""",
        [value for value, _ in cases],
    )
    assert read == [decimal for _, decimal in cases]


@pytest.mark.parametrize("name", ["playground", "neuron", "descent"])
def test_sliders_leave_the_settings_of_an_untouched_lab_alone(open_gallery, name):
    """As soon as it is drawn, a slider tells where it stands: it computes 0.1 as −1 + 11·0.1."""
    page = open_gallery(name)
    page.locator(".nnlib-controls .noUi-handle").last.wait_for(state="attached")
    page.get_by_role("button", name=MESSAGES["more"], exact=True).first.click()
    page.get_by_role("menuitem", name=re.compile("Link to this")).click()
    link = page.locator("dialog[open] textarea").input_value().removesuffix('")')
    made = LABS[name](epochs=SHORT) if hasattr(plan_of(name).defaults, "epochs") else LABS[name]()
    assert dict(parse_qsl(link.partition("?")[2])) == dict(parse_qsl(made.settings.to_query()))
