"""The page engine's row of the budget, measured in Chromium: prints one line of JSON.

``engine_bench.mjs`` says what is measured. Run it from the repository's root with
``python -m tests.benchmarks.engine_bench``.
"""

import json
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS, find_chromium
from tests.browser.servers import serve_folder

ROOT = Path(__file__).parents[2]
SCRIPT = "tests/benchmarks/engine_bench.mjs"
#: The budget: 0.15 ms where an engine of objects needs 0.38 ms.
LARGEST_RATIO = 0.15 / 0.38


def measure():
    """Return what the script measures in a page of its own (milliseconds per epoch), and the budget's ratio."""
    with sync_playwright() as playwright, serve_folder(ROOT) as address:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        page = browser.new_page()
        page.goto(f"{address}/{SCRIPT}")
        result = page.evaluate(f"async () => (await import('/{SCRIPT}')).measure()")
        browser.close()
    return {**result, "largest_ratio": LARGEST_RATIO}


if __name__ == "__main__":
    print(json.dumps(measure()))
