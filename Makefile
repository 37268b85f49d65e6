# Every target sets up what it needs by itself, on a fresh machine too, and reuses it the next time.
# Options: PYTHON=python3.12 (which Python makes .venv), CPU=1 (PyTorch's small CPU build), PORT=8000, BOOK=…, ARGS="…".
PYTHON ?= python3
CPU ?=
PORT ?= 8000
BOOK ?=
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
WEB := nnlib/labs/web
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet \
       $(if $(CPU),--extra-index-url https://download.pytorch.org/whl/cpu)
# Jupyter refuses to run as root unless told so; a container has no other user.
ALLOW_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

# Stamps: each says that a step was done, and is older than its inputs when it must be done again.
MADE := $(VENV)/.made
READERS := $(VENV)/.readers
TOOLS := $(VENV)/.tools
ESBUILD := $(WEB)/node_modules/.package-lock.json
# Where a cell has failed or a lab was lost, there is no such page (book/_ext/textbook/stopping.py).
SITE := book/_build/html/index.html

.PHONY: help lab test site pdf serve address bench robust fuzz bundle chromium npm
.DEFAULT_GOAL := help

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16
	@echo 'Options: CPU=1 (small PyTorch without GPU libraries, Linux), PYTHON=…, PORT=…, ARGS="…" (passed on)'

lab: $(READERS) ## open the book in JupyterLab, with live labs (ARGS="--no-browser --port 8889")
	@$(BIN)/jupyter lab book $(ALLOW_ROOT) $(ARGS)

test: $(TOOLS) $(ESBUILD) chromium npm ## run every check: style, tests, notebooks, browser (ARGS="-k site")
	@echo "Checking style …"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@echo "Running the tests, every notebook and the browser (several minutes) …"
	@$(BIN)/python -m pytest -p tests.once_more -n 3 --dist loadscope --no-loadscope-reorder --nbval-lax --nbval-current-env --nbval-cell-timeout=120 tests book $(ARGS)

site: $(TOOLS) npm ## build the book as a web site in book/_build/html
	@echo "Building the site: every notebook is executed (a few minutes) …"
	@$(BIN)/jupyter-book build --all -W --keep-going book
	@echo "Built $(SITE); make serve shows it."

pdf: $(TOOLS) chromium npm ## print the book to one PDF (book/_build/from-neuron-to-network.pdf); a built site offers it
	@echo "Putting all pages on one (what make site has executed is not executed again) …"
	@$(BIN)/jupyter-book build -W --keep-going --builder custom --custom-builder singlehtml book
	@echo "Printing …"
	@$(BIN)/python book/_ext/print_book.py book/_build/singlehtml book/_build/from-neuron-to-network.pdf --site book/_build/html
	@echo "Printed book/_build/from-neuron-to-network.pdf."

serve: $(SITE) ## show the built site on this machine until Ctrl-C (PORT=8000)
	@echo "The site: http://127.0.0.1:$(PORT)/ (Ctrl-C ends it)"
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory book/_build/html $(PORT)

address: $(TOOLS) ## set the repository's address, once, for launch buttons and links (URL=https://github.com/owner/name)
	@$(BIN)/python .ci/address "$(URL)"

bench: $(TOOLS) chromium ## measure the speed budgets, side by side with PyTorch and scikit-learn
	@$(BIN)/python -m tests.benchmarks $(ARGS)

robust: $(TOOLS) ## execute the notebooks as other processors do: which claims hold? (BOOK=08_capacity, ARGS="--only SSE")
	@$(BIN)/python -m tests.robustness $(BOOK) $(ARGS)

fuzz: $(TOOLS) chromium ## run the long tests: random walks, printing the book
	@$(BIN)/python -m pytest -m "fuzz or long" tests $(ARGS)

bundle: $(ESBUILD) ## rebuild the bundles of labs and exercises (after changing a web/ folder)
	@cd $(WEB) && npm run --silent bundle

$(MADE):
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed, this is %s: make PYTHON=python3.12 …" % sys.version.split()[0])'
	@echo "Creating $(VENV) …"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "No virtual environment; on Debian or Ubuntu: sudo apt-get install python3-venv" >&2; exit 1; }
	@touch $@

$(READERS): requirements.txt pyproject.toml $(MADE)
	@echo "Installing JupyterLab, PyTorch and the rest into $(VENV) (once; some minutes) …"
	@$(PIP) -r requirements.txt
	@touch $@

$(TOOLS): requirements-dev.txt $(READERS)
	@echo "Installing the tools for tests and site into $(VENV) (once; a minute or two) …"
	@$(PIP) -r requirements-dev.txt
	@touch $@

$(ESBUILD): $(WEB)/package-lock.json | npm
	@echo "Installing esbuild …"
	@cd $(WEB) && npm ci --silent --no-audit --no-fund

$(SITE):
	@$(MAKE) --no-print-directory site

chromium:
	@.ci/need "the browser of the tests" "chromium fonts-dejavu-core" \
	  chromium-headless-shell chromium chromium-browser google-chrome google-chrome-stable

npm:
	@.ci/need "fetches the page's JavaScript packages" npm npm
