# liquid_control without a ROS installation: everything goes into one virtual environment.
# `make help` lists the targets.

VENV ?= .venv
JOBS ?= 2

# PyBullet has wheels for Python 3.10 and 3.11. A name that is there need not run (pyenv's shims
# do not), so each is tried.
PYTHON ?= $(shell for python in python3.11 python3.10 python3 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 10), (3, 11)))' \
	2>/dev/null && { echo $$python; break; }; done)

# A robot needs neither PyTorch nor PyBullet, and may have a newer Python.
NEWER := 'import sys; sys.exit(sys.version_info[:2] < (3, 12))'
NEWER_PYTHON ?= $(shell for python in python3.14 python3.13 python3.12 python3 python; do \
	$$python -c $(NEWER) 2>/dev/null && { echo $$python; break; }; done)

BIN := $(abspath $(VENV))/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check
INSTALL = $(PIP) install --quiet --no-warn-conflicts --constraint requirements/constraints.txt \
	--constraint requirements/ros-jazzy.txt
SOURCES := pyproject.toml setup.py setup.cfg $(wildcard requirements/*.txt)

# Policies that ship: what the campaign compares, in the forest and in all worlds.
FOREST = $(notdir $(wildcard config/policies/forest_*))
WORLDS = $(notdir $(wildcard config/policies/worlds_*))

# What `make fly` and `make drive` pass on.
FLIGHT = $(if $(WORLD),--world '$(WORLD)') $(if $(WIND),--wind '$(WIND)') \
	$(if $(SEED),--seed '$(SEED)') $(if $(POLICY),--policy '$(POLICY)') \
	$(if $(VIDEO),--video '$(VIDEO)') $(if $(filter-out 0 no false,$(GUI)),--gui)

# The wheels of ROS 2 make the virtual environment an ament prefix. Discovery stays on this
# machine. What another ROS, Python or environment has exported must not leak in.
export VIRTUAL_ENV := $(abspath $(VENV))
export PATH := $(BIN):$(PATH)
export AMENT_PREFIX_PATH := $(VIRTUAL_ENV)
export ROS_AUTOMATIC_DISCOVERY_RANGE ?= LOCALHOST
unexport PYTHONPATH PYTHONHOME LD_LIBRARY_PATH _ROS_WHEELS_BOOTSTRAP_COMPLETE RMW_IMPLEMENTATION
unexport COLCON_PREFIX_PATH CMAKE_PREFIX_PATH ROS_DISTRO ROS_PACKAGE_PATH

.DEFAULT_GOAL := help
.PHONY: help fly drive setup test lint runtime kilted campaign clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo '  make fly WORLD=forest WIND=W2 SEED=600000 POLICY=name VIDEO=flight.gif GUI=1'
	@echo '  PYTHON=python3.10 chooses the Python, VENV=.venv the environment.'

fly: $(VENV)/.fly.stamp  ## set up without PyTorch and fly a simulated drone to a target
	@$(BIN)/liquid-control fly $(FLIGHT)

drive: $(VENV)/.fly.stamp  ## the same for a ground robot
	@$(BIN)/liquid-control drive $(FLIGHT)

setup: $(VENV)/.all.stamp  ## set up everything, PyTorch and the test tools included
	@:

test: $(VENV)/.all.stamp  ## set up everything and run every test
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile $(PYTEST_ARGS)

lint: $(VENV)/.all.stamp  ## ruff, ament_flake8, ament_pep257, mypy
	$(BIN)/python -m pytest -n $(JOBS) --dist load test/lint

runtime: $(VENV)-runtime/.stamp  ## test what a robot needs, on Python 3.12 or newer, without PyTorch
	$(abspath $(VENV))-runtime/bin/python -m pytest $(PYTEST_ARGS) \
		test/unit/sensing test/unit/wiring test/unit/runtime

kilted: $(VENV)-kilted/.stamp  ## run the tests of the nodes on the wheels of ROS 2 Kilted
	VIRTUAL_ENV=$(abspath $(VENV))-kilted AMENT_PREFIX_PATH=$(abspath $(VENV))-kilted \
		PATH=$(abspath $(VENV))-kilted/bin:$(PATH) \
		$(abspath $(VENV))-kilted/bin/python -m pytest $(PYTEST_ARGS) test/ros

campaign: $(VENV)/.all.stamp  ## the long evaluations behind the README's tables; resumes
	$(BIN)/liquid-control evaluate --policy expert $(FOREST) --world forest \
		--wind W0,W1,W2,W3,W4,W5,W9mps --episodes 200 --jobs $(JOBS) --out runs/campaign \
		--json docs/results/forest.json
	$(BIN)/liquid-control evaluate --suite camera --episodes 200 --jobs $(JOBS) \
		--out runs/campaign/camera --json docs/results/camera.json
	$(BIN)/liquid-control evaluate --suite worlds --policy worlds_liquid expert \
		--episodes 200 --jobs $(JOBS) --out runs/campaign/worlds --json docs/results/worlds.json
	$(BIN)/liquid-control evaluate --suite memory --policy worlds_liquid expert \
		--episodes 200 --jobs $(JOBS) --out runs/campaign/memory --json docs/results/memory.json
	$(BIN)/liquid-control evaluate --suite memory --policy $(WORLDS) --episodes 200 \
		--jobs $(JOBS) --out runs/campaign/memory --json docs/results/memory_heads.json
	$(BIN)/liquid-control evaluate --suite vehicle --policy worlds_liquid expert \
		--episodes 200 --jobs $(JOBS) --out runs/campaign/vehicle --json docs/results/vehicle.json
	$(BIN)/liquid-control evaluate --suite range --policy worlds_liquid expert \
		--episodes 200 --jobs $(JOBS) --out runs/campaign/range --json docs/results/range.json
	$(BIN)/liquid-control evaluate --policy yard_liquid expert --world yard --wind W0,W2 \
		--episodes 200 --jobs $(JOBS) --out runs/campaign/yard --json docs/results/yard.json
	$(BIN)/python test/campaign/fly_over_ros.py --episodes 10 --json docs/results/over_ros.json
	$(BIN)/python test/campaign/fly_over_mavlink.py --episodes 50 \
		--json docs/results/over_mavlink.json
	$(BIN)/python test/test_readme.py
	$(BIN)/python test/campaign/kill_and_resume.py train evaluate --kills 10
	$(BIN)/python test/campaign/swaps.py process --swaps 10000
	$(BIN)/python test/campaign/swaps.py ros --swaps 200
	$(BIN)/liquid-control faults --seeds 20 --out runs/campaign/faults \
		--json docs/results/faults.json
	$(BIN)/python test/test_faults_document.py
	$(BIN)/python test/campaign/soak.py --hours 2 --factor 5 --json docs/results/soak.json
	$(BIN)/python test/campaign/fuzz.py core --examples 1000000 --out runs/campaign/fuzz
	$(BIN)/python test/campaign/fuzz.py dds --messages 20000

clean:  ## remove what builds and tests leave; keeps runs/
	rm -rf $(VENV) $(VENV)-runtime $(VENV)-kilted build install log .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	find liquid_control test -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.python.stamp:
	@test -n '$(PYTHON)' || { echo 'liquid_control: expected Python 3.10 or 3.11 (PyBullet has no' \
		'wheels for others), found none; install python3.11 and its venv module, or give' \
		'make PYTHON=/path/to/python3.11' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 10), (3, 11)))' || { \
		echo 'liquid_control: expected PYTHON to be 3.10 or 3.11, found: $(PYTHON)' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo 'liquid_control: $(PYTHON) cannot make a virtual' \
		'environment; install its venv module (Debian, Ubuntu: python3-venv)' >&2; exit 1; }
	@touch $@

$(VENV)-runtime/.stamp: $(SOURCES)
	@test -n '$(NEWER_PYTHON)' || { echo 'liquid_control: expected Python 3.12 or newer, found none;' \
		'give make NEWER_PYTHON=/path/to/python3.13' >&2; exit 1; }
	@$(NEWER_PYTHON) -c $(NEWER) || { echo 'liquid_control: expected NEWER_PYTHON to be 3.12 or' \
		'newer, found: $(NEWER_PYTHON)' >&2; exit 1; }
	@$(NEWER_PYTHON) -m venv --clear $(VENV)-runtime
	@echo 'Installing the runtime and its test tools into $(VENV)-runtime ...'
	@$(abspath $(VENV))-runtime/bin/python -m pip --disable-pip-version-check install --quiet \
		--editable '.[runtime-test]'
	@touch $@

$(VENV)-kilted/.stamp: $(SOURCES)
	@test -n '$(PYTHON)' || { echo 'liquid_control: expected Python 3.10 or 3.11, found none; give' \
		'make PYTHON=/path/to/python3.11' >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)-kilted
	@echo 'Installing simulation, ROS 2 Kilted and its test tools into $(VENV)-kilted ...'
	@$(abspath $(VENV))-kilted/bin/python -m pip --disable-pip-version-check install --quiet \
		--no-warn-conflicts --constraint requirements/constraints.txt \
		--constraint requirements/ros-kilted.txt \
		--editable '.[sim,ros-wheels-kilted,ros-test]'
	@$(abspath $(VENV))-kilted/bin/python -m pip --disable-pip-version-check install --quiet \
		--no-deps --no-warn-conflicts --require-hashes \
		--requirement requirements/gym-pybullet-drones.txt
	@touch $@

$(VENV)/.fly.stamp: $(VENV)/.python.stamp $(SOURCES)
	@echo 'Installing runtime, simulation and ROS 2 wheels into $(VENV) ...'
	@$(INSTALL) --editable '.[sim,ros-wheels]'
	@$(PIP) install --quiet --no-deps --no-warn-conflicts --require-hashes \
		--requirement requirements/gym-pybullet-drones.txt
	@touch $@

$(VENV)/.all.stamp: $(VENV)/.fly.stamp
	@echo 'Installing training and test tools into $(VENV) ...'
	@$(INSTALL) --editable '.[sim,ros-wheels,train,tasks,test]'
	@touch $@
