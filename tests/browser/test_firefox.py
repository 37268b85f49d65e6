"""The page engine in a second browser, where the system has it."""

import pytest

from nnlib.labs.run import Run
from nnlib.labs.vary_capacity import CAPACITY
from tests.browser.firefox import Firefox, find_firefox


@pytest.fixture
def firefox(tmp_path):
    if find_firefox() is None:
        pytest.skip("no Firefox on this machine (Debian: apt-get install firefox-esr)")
    browser = Firefox(tmp_path)
    yield browser
    browser.close()


def test_a_lab_trains_in_firefox_to_the_losses_of_nnlib(firefox, gallery, static_server):
    firefox.open(f"{static_server(gallery)}/capacity.html")
    firefox.wait_for("Number(lab.frames) > 0 && lab.status === 'finished'")
    firefox.evaluate("document.querySelector('.nnlib-lab').scrollIntoView()")
    buttons = "[...document.querySelectorAll('.nnlib-toolbar button')]"
    press = f"(text) => {buttons}.find(each => each.innerText.includes(text)).click()"
    # All within one frame: the run starts and goes eight epochs on.
    firefox.evaluate(f"['Restart', ...Array(8).fill('epoch')].forEach({press})")
    firefox.wait_for("lab.run === '1' && lab.engine === 'page' && lab.status === 'paused' && lab.epoch === '8'")
    run = Run(CAPACITY.defaults)
    for _ in range(8):
        run.advance_epoch()
    expected = [run.metrics()[name] for name in ("train_loss", "test_loss")]
    lab = firefox.evaluate("({...document.querySelector('[data-nnlib-lab]').dataset})")
    # The last bit of tanh is each program's own; a run of some hundred steps does not blow it up.
    assert [float(lab[name]) for name in ("trainLoss", "testLoss")] == pytest.approx(expected, rel=1e-6)
    assert firefox.errors == []
