"""What every test process needs before nnlib or a notebook kernel starts.

Labs train to their end inside their cell when ``NNLIB_HEADLESS`` is set; kernels that nbval or the
site build start inherit it. One thread per process keeps runs reproducible and leaves the second
core to the other test worker.
"""

import os

from tests import memory

os.environ["NNLIB_HEADLESS"] = "1"
for _library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{_library}_NUM_THREADS"] = "1"


def pytest_configure(config):
    # By itself a conftest's hooks see only what lies beside it; the notebooks lie in book/.
    config.pluginmanager.register(memory)
