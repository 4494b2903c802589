# Two commands do everything on a fresh machine: `make demo` (the main job) and `make test`.
# The environment lives in .venv; system libraries are installed where you are root on Debian/Ubuntu, else named.

PYTHON ?= python3
BIN := .venv/bin
# For example TORCH_ARGS="--index-url URL" to take torch from another index (a CPU build, a special CUDA version).
TORCH_ARGS ?=

SYSTEM_PACKAGES := libegl1 libgl1 libgl1-mesa-dri libgles2 libxcb-cursor0 libxkbcommon-x11-0 libxcb-icccm4 \
  libxcb-image0 libxcb-keysyms1 libxcb-render-util0 libdbus-1-3 fonts-dejavu-core

.PHONY: help setup system-libraries demo test test-slow test-kill test-display fuzz lint format bench clean

help:
	@echo "make demo    set up, make the demo project, fit it, open it (without a display: contact sheet and EFT JSON)"
	@echo "make test    set up, run the tests, a worker for each core (WORKERS=0: all in one process)"
	@echo "make lint    ruff, mypy --strict, import contracts"
	@echo "make bench   measure fits, rendering and the window"
	@echo "make test-slow   long stories, fuzzing and load"
	@echo "make test-display   the stories of the window on a virtual display (needs Xvfb)"
	@echo "make fuzz    spoil files of every format and read them, for an hour (MINUTES=60)"
	@echo "make test-kill   20 sessions of ten minutes' work, each killed at a random moment"

setup: .venv/.ready

.venv/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Exemplar needs Python 3.11 or newer, $(PYTHON) is older; name another one: make setup PYTHON=python3.12"; exit 1; }
	@$(MAKE) --no-print-directory system-libraries
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet $(TORCH_ARGS) "$$(grep '^torch==' constraints.txt)"
	$(BIN)/python -m pip install --quiet --quiet --constraint constraints.txt --editable ".[dev]"
	@touch $@

system-libraries:
	@if [ "$$(uname)" = Linux ] && command -v dpkg-query >/dev/null; then \
	  missing=""; \
	  for package in $(SYSTEM_PACKAGES); do \
	    dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q "ok installed" || missing="$$missing $$package"; \
	  done; \
	  if [ -n "$$missing" ]; then \
	    if [ "$$(id -u)" = 0 ]; then \
	      apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	    else \
	      echo "Qt and EGL need libraries of the system; install them with: sudo apt-get install$$missing"; \
	    fi; \
	  fi; \
	elif [ "$$(uname)" = Linux ]; then \
	  echo "Qt and EGL need these libraries of the system (Debian's names): $(SYSTEM_PACKAGES)"; \
	fi

demo: setup
	$(BIN)/python main.py demo

# Whole files go to a worker, for what they set up once; in order, so that the short ones come last and fill the gap.
WORKERS ?= auto
test: setup
	$(BIN)/python -m pytest -q -m "not slow" -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test-slow: setup
	$(BIN)/python -m pytest -q -m slow

test-kill: setup
	$(BIN)/python -m pytest -q -m slow tests/integration/test_kill9_desk.py

test-display: setup
	@command -v xvfb-run >/dev/null || { echo "The stories need a virtual display; install it with: sudo apt-get install xvfb xauth"; exit 1; }
	env -u QT_QPA_PLATFORM xvfb-run -a -s "-screen 0 1600x1000x24" $(BIN)/python -m pytest -q tests/gui/test_story_main.py tests/gui/test_story_review_desk.py tests/gui/test_story_study.py

MINUTES ?= 60
fuzz: setup
	$(BIN)/python -m tests.fuzz --grown
	$(BIN)/python -m tests.fuzz --minutes $(MINUTES)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup
	$(BIN)/python -m tests.bench

clean:
	rm -rf .venv build dist *.egg-info
