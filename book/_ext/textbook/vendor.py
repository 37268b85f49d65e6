"""Third-party JavaScript that the pages need, served from the site itself.

The files come from npm packages of fixed versions, checked against their known sha512, and from the
installed anywidget. They are not committed: the first build fetches them into a cache beside the
repository's other caches, later builds find them there and need neither npm nor a network.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from importlib.metadata import version
from pathlib import Path

from sphinx.errors import ExtensionError
from sphinx.util import logging

logger = logging.getLogger(__name__)

CACHE = Path(__file__).resolve().parents[3] / ".cache" / "site"
MATHJAX = "vendor/mathjax/tex-mml-chtml.js"
REQUIRE = "vendor/require.js"
WIDGET_MANAGER = "vendor/embed-amd.js"

# package → (sha512 of its archive as npm states it, {path or folder in it: path under _static/vendor})
PACKAGES = {
    "mathjax@3.2.2": (
        "Bt+SSVU8eBG27zChVewOicYs7Xsdt40qm4+UpHyX7k0/O9NliPc+x77k1/FEsPsjKPZGJvtRZM1vO+geW0OhGw==",
        {
            "es5/tex-mml-chtml.js": "mathjax/tex-mml-chtml.js",
            "es5/output/chtml/fonts/woff-v2": "mathjax/output/chtml/fonts/woff-v2",
            "LICENSE": "mathjax/LICENSE",
        },
    ),
    "requirejs@2.3.7": (
        "DouTG8T1WanGok6Qjg2SXuCMzszOo0eHeH9hDZ5Y4x8Je+9JB38HdTLT4/VA8OaUhBa0JPVHJ0pyBkM1z+pDsw==",
        {"require.js": "require.js"},
    ),
    "@jupyter-widgets/html-manager@1.0.15": (
        "5thBIV6ymNgmPVOHvzx+gGy8ZSKmSazhtGw4/c4xJDVzRhG9PTeQsRjF3FUTopvFi//SABeNz1yp47bCrJ3CQA==",
        # The manager asks for its icon fonts under the name that they have on a content delivery network, and the
        # controls ask beside their module; they do so when their style sheet comes before the theme draws its icons.
        {
            "dist/embed-amd.js": "embed-amd.js",
            "dist/*.woff2": "@jupyter-widgets/html-manager/dist",
            "dist/**/*.woff2": "@jupyter-widgets",
        },
    ),
}


def put_in_place(app):
    """Fill the cache if it is not filled yet and add it to the static files of an HTML build."""
    if app.builder.format == "html":
        app.config.html_static_path.append(str(filled_cache()))


def filled_cache():
    """Return the folder that holds ``vendor/``, one for each set of versions; fetch its content if it is missing."""
    anywidget = f"anywidget@{version('anywidget')}"
    name = hashlib.sha256(repr((PACKAGES, anywidget)).encode()).hexdigest()[:12]
    cache = CACHE / name
    if cache.is_dir():
        return cache
    CACHE.mkdir(parents=True, exist_ok=True)
    # Renaming is the last step, so a build that was broken off leaves no half-filled cache.
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        vendor = Path(scratch, "filled", "vendor")
        vendor.mkdir(parents=True)
        for package, (sha512, wanted) in PACKAGES.items():
            logger.info("fetching %s from npm", package)
            _unpack(_fetch(package, sha512, Path(scratch)), wanted, vendor)
        shutil.copy(_installed_anywidget(), vendor / "anywidget.js")
        if not cache.is_dir():
            vendor.parent.rename(cache)
    return cache


def _fetch(package, sha512, folder):
    """Download one package's archive into `folder`; an ExtensionError where that fails or the bytes differ."""
    if not (npm := shutil.which("npm")):
        raise ExtensionError(f"npm is needed once, to fetch {package} for the site: install Node.js (with npm)")
    folder = Path(tempfile.mkdtemp(dir=folder))
    command = [npm, "pack", package, "--silent", "--pack-destination", str(folder)]
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise ExtensionError(f"npm could not fetch {package}:\n{answer.stderr}")
    (archive,) = folder.glob("*.tgz")
    if base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode() != sha512:
        raise ExtensionError(f"{package} from npm is not the file it used to be (its sha512 differs)")
    return archive


def _unpack(archive, wanted, target):
    """Copy the wanted files, folders and patterns of an npm archive below `target`."""
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        with tarfile.open(archive) as tar:
            tar.extractall(scratch, filter="data")
        package = Path(scratch, "package")
        for source, destination in wanted.items():
            place = target / destination
            if (package / source).is_dir():
                shutil.copytree(package / source, place)
            elif (package / source).is_file():
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(package / source, place)
            else:
                place.mkdir(parents=True, exist_ok=True)
                for file in package.glob(source):
                    shutil.copy(file, place)


def _installed_anywidget():
    """The front end that belongs to the installed anywidget: it and the saved state have the same version."""
    return Path(sys.prefix, "share", "jupyter", "nbextensions", "anywidget", "index.js")
