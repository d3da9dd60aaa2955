# make demo: set-up and the main job, with the core alone.  make test: set-up with all extras and the tests.
# Python 3.11 or newer is all that is needed.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

.PHONY: demo test wheel core lock coq paper bench nightly fuzz lint docs notebooks clean

.venv/made: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable .
	touch $@

.venv/made-test: .venv/made
	$(BIN)/pip install --quiet --editable ".[test]"
	touch $@

.venv/made-lint: .venv/made-test
	$(BIN)/pip install --quiet --editable ".[lint]"
	touch $@

.venv/made-docs: .venv/made
	$(BIN)/pip install --quiet --editable ".[docs]"
	touch $@

demo: .venv/made
	$(BIN)/efpep table problems/single_agent_rates.toml
	$(BIN)/efpep rate ef21 --mu 0.1 --L 1 --delta 0.5 --agents 10 --certificate ef21.certificate.json
	$(BIN)/efpep verify ef21.certificate.json

test: .venv/made-test
	$(BIN)/python -m pytest -n 2

wheel:  # the wheel, in a fresh environment with the core alone
	rm -rf .venv-core build/wheel
	$(PYTHON) -m venv .venv-core
	.venv-core/bin/pip install --quiet --upgrade pip
	.venv-core/bin/pip wheel --quiet --no-deps --wheel-dir build/wheel .
	.venv-core/bin/pip install --quiet build/wheel/efpep-*.whl
	.venv-core/bin/python -I tests/wheel.py build/wheel/efpep-*.whl

core: wheel  # what needs no more than the core
	.venv-core/bin/python tests/core.py --alone

lock:  # uv.lock, for pyproject.toml as it is; versions that are locked stay where they can
	$(PYTHON) -m venv build/uv
	build/uv/bin/pip install --quiet uv
	build/uv/bin/uv lock --python $(PYTHON)

coq: .venv/made  # theorems and certificates in the proof assistant Coq, which is installed where it is missing and can be
	@command -v coqc > /dev/null || { echo "coqc is not installed: apt-get install coq"; \
	  root=$$([ "$$(id -u)" = 0 ] || echo "sudo -n"); $$root apt-get update -qq; $$root apt-get install -y -qq coq || true; }
	@command -v coqc > /dev/null || { echo "Coq cannot be installed here; install Coq 8.16 or later, such as with apt-get install coq."; exit 1; }
	mkdir -p build/coq
	for method in ef ef21 cgd; do \
	  $(BIN)/efpep prove $$method --coq build/coq/$$method.v > build/coq/$$method.txt || exit 1; \
	  $(BIN)/efpep rate $$method --mu 0.1 --L 1 --delta 0.5 --certificate build/coq/$$method.json >> build/coq/$$method.txt || exit 1; \
	  $(BIN)/efpep verify build/coq/$$method.json --coq build/coq/$${method}_rate.v >> build/coq/$$method.txt || exit 1; \
	  for file in $${method}_rate $$method; do \
	    (cd build/coq && coqc $$file.v >> $$method.txt) || exit 1; echo "coqc accepts build/coq/$$file.v"; \
	  done; \
	done

paper: .venv/made-test  # the papers' tables and figures, with the page that lists them, as paper/paper.pdf
	$(BIN)/python -m problems.paper

bench: .venv/made-test  # all benchmarks in their quick forms, each beside its baseline
	$(BIN)/python benchmarks/run.py

nightly: .venv/made-test
	$(BIN)/python -m pytest -n 2 -m "slow or not slow"

fuzz: .venv/made-test
	$(BIN)/python tests/fuzz.py --seconds 1800

lint: .venv/made-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

docs: .venv/made-docs  # the documentation, in site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

notebooks: .venv/made-test
	$(BIN)/python notebooks/run.py

clean:
	rm -rf .venv .venv-core build site
