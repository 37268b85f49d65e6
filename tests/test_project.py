"""Checks on the project itself: what is pinned, documented, bundled, imported and listed."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "nnlib" / "labs" / "web"
#: Where package.json writes → what that is.
BUNDLES = {
    "../bundle": ROOT / "nnlib" / "labs" / "bundle",
    "../../exercises/bundle": ROOT / "nnlib" / "exercises" / "bundle",
}
REQUIREMENTS = [*ROOT.glob("requirements*.txt"), *ROOT.glob("binder/requirements*.txt")]


def requirements(path):
    """Yield the requirements of a file, without options, comments and editable installs."""
    for line in path.read_text().splitlines():
        line = line.split("#")[0].strip()
        if line and not line.startswith("-"):
            yield Requirement(line)


def notebooks():
    return sorted(
        path.relative_to(ROOT / "book").with_suffix("").as_posix()
        for path in (ROOT / "book").rglob("*.ipynb")
        if not any(part.startswith(("_", ".")) for part in path.relative_to(ROOT).parts)
    )


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_requirement_is_pinned_exactly(path):
    for requirement in requirements(path):
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), f"{requirement} in {path.name} is not pinned"


def test_torch_has_one_version_everywhere():
    versions = {
        str(requirement.specifier).removesuffix("+cpu")
        for path in REQUIREMENTS
        for requirement in requirements(path)
        if requirement.name == "torch"
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert versions == {"==2.13.0"}
    assert not any(Requirement(text).name == "torch" for text in project["dependencies"])


def test_binder_installs_what_readers_install():
    text = (ROOT / "binder" / "requirements.txt").read_text()
    assert "-r ../requirements.txt" in text.splitlines()
    assert [requirement.name for requirement in requirements(ROOT / "binder" / "requirements.txt")] == ["torch"]
    python = (ROOT / "binder" / "runtime.txt").read_text().strip().removeprefix("python-")
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert needed == f">={python}"


def test_readers_install_no_tools():
    readers = {requirement.name for requirement in requirements(ROOT / "requirements.txt")}
    assert readers == {
        "anywidget", "ipywidgets", "jupyterlab", "matplotlib", "numpy", "pooch", "tensorboard", "torch", "tqdm",
    }  # fmt: skip
    assert (ROOT / "requirements.txt").read_text().rstrip().endswith("\n-e .")


def test_make_help_lists_every_target():
    makefile = (ROOT / "Makefile").read_text()
    public = set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split()) - {"chromium", "npm"}
    answer = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"^  make (\w+) +\S", answer, re.MULTILINE)) == public
    assert public >= {"lab", "test", "site", "serve", "bench", "fuzz"}


def test_ci_runs_the_readmes_test_command():
    assert "make test" in (ROOT / ".ci" / "run").read_text().splitlines()[-1]
    assert "make test" in (ROOT / "README.md").read_text()


def test_importing_nnlib_stays_light():
    later = {
        "torch", "tensorboard", "matplotlib", "ipywidgets", "anywidget", "scipy", "pooch", "requests", "tqdm",
        "tarfile", "gzip",
    }  # fmt: skip
    code = f"import sys, nnlib; print(*{later} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.split() == []


def test_the_bundles_are_fresh(tmp_path):
    """The committed bundles are what the sources give: rebuilt with the package's own script, byte for byte."""
    script = json.loads((WEB / "package.json").read_text())["scripts"]["bundle"]
    for i, folder in enumerate(BUNDLES):
        assert f"={folder}/" in script
        script = script.replace(f"={folder}/", f"={tmp_path}/{i}/")
    tools = WEB / "node_modules" / ".bin"
    assert tools.is_dir(), "esbuild is not installed: run `make bundle`"
    environment = os.environ | {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run(script, shell=True, cwd=WEB, env=environment, check=True)
    for i, folder in enumerate(BUNDLES.values()):
        built = {file.name: file.read_bytes() for file in (tmp_path / str(i)).iterdir()}
        committed = {file.name: file.read_bytes() for file in folder.iterdir()}
        assert built.keys() == committed.keys()
        stale = [name for name in built if built[name] != committed[name]]
        assert not stale, f"{stale} is older than its sources: run `make bundle` and commit the result"


def test_the_lock_file_names_no_host():
    assert '"resolved"' not in (WEB / "package-lock.json").read_text()


def test_every_notebook_is_in_the_table_of_contents():
    toc = yaml.safe_load((ROOT / "book" / "_toc.yml").read_text())
    listed = [entry["file"] for part in toc["parts"] for entry in part["chapters"]]
    assert set(notebooks()) <= set(listed)


def test_the_glossary_has_each_term_once_in_order_and_in_a_sentence():
    body = re.search(r"```\{glossary\}\n(.*?)```", (ROOT / "book" / "glossary.md").read_text(), re.DOTALL)[1]
    entries = [entry.split("\n  ") for entry in body.strip().split("\n\n")]
    terms = [term.lower() for term, _ in entries]
    assert terms == sorted(set(terms))
    for term, text in entries:
        assert len(text.split()) >= 4 and text.endswith("."), term
        assert not re.search(r"[.?!] [A-Z]", text), f"{term}: one sentence"


@pytest.mark.parametrize("name", notebooks())
def test_notebooks_are_kept_without_outputs(name):
    notebook = json.loads((ROOT / "book" / f"{name}.ipynb").read_text())
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert not any(cell["outputs"] or cell["execution_count"] for cell in cells)
    longest = max(len("".join(cell["source"]).splitlines()) for cell in cells)
    assert longest <= 15, f"a code cell of {name} has {longest} lines; 15 is the limit"
    assert "widgets" not in notebook["metadata"]
    texts = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    lost = [line for text in texts for line in text.splitlines() if line.lstrip().startswith("%")]
    assert not lost, "a line that begins so is a comment to MyST, and on no page"
