"""What every test process needs before nnlib or a notebook kernel starts.

Labs train to their end inside their cell when ``NNLIB_HEADLESS`` is set; kernels that nbval or the
site build start inherit it. One thread per process keeps runs reproducible and leaves the second
core to the other test worker.
"""

import os

import pytest
from hypothesis import settings

from tests import memory

#: The files that take longest, longest first. Begun in this order, the workers of a run end together. The site is built
#: for the first one, and is there when the last one's questions are answered on it.
LONGEST = (
    "tests/browser/test_site.py",
    "book/08_capacity.ipynb",
    "tests/browser/test_lab_in_jupyterlab.py",
    "tests/browser/test_lab_access.py",
    "tests/browser/test_scenes.py",
    "tests/test_site_build.py",
    "book/04_activations.ipynb",
    "book/09_regularization.ipynb",
    "tests/test_labs.py",
    "tests/browser/test_every_lab.py",
    "tests/browser/test_playground.py",
    "tests/browser/test_look_back.py",
    "tests/browser/test_sweep_map.py",
    "tests/browser/test_actions.py",
    "tests/test_convergence.py",
    "tests/browser/test_lab_layout.py",
    "tests/browser/test_point_editor.py",
    "tests/browser/test_dragging.py",
    "tests/browser/test_parts.py",
    "tests/browser/test_many_labs.py",
    "tests/browser/test_stepping.py",
    "tests/browser/test_diagram.py",
    "tests/browser/test_quizzes.py",
)

os.environ["NNLIB_HEADLESS"] = "1"
for _library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{_library}_NUM_THREADS"] = "1"


# A busy machine is no fault of the code.
settings.register_profile("any speed", deadline=None)
settings.load_profile("any speed")


def pytest_configure(config):
    # By itself a conftest's hooks see only what lies beside it; the notebooks lie in book/.
    config.pluginmanager.register(memory)


def pytest_collection_modifyitems(items):
    rank = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.nodeid.partition("::")[0], len(rank)))


@pytest.fixture
def live(monkeypatch):
    """Labs as a reader meets them: nothing is trained before a view says hello."""
    monkeypatch.delenv("NNLIB_HEADLESS", raising=False)
