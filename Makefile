# Each target says what it does: `make` prints the list.
PYTHON ?= python3
BIN := .venv/bin
# Named, for uv would install into whatever environment the caller has activated.
UV := $(BIN)/uv pip install -q --python $(BIN)/python
DISTRIBUTIONS := shared/sdk shared/runtime services/registration services/monitoring services/scoring services/awards \
	criteria_sets/tnmt-2022-tap-the criteria_sets/tnmt-2022-ca-nhan criteria_sets/nd335-2025-ca-nhan \
	criteria_sets/nd335-2025-tap-the criteria_sets/cong-an-cum criteria_sets/bang-tru-diem-don-vi sample
# Compiled when they are installed: else the first start, or every one where Python may write no caches, takes twice
# as long.
PACKAGES := $(foreach one,$(DISTRIBUTIONS),$(wildcard $(one)/thidua* $(one)/*_*))
EDITABLE := $(foreach one,$(DISTRIBUTIONS),-e $(one))
# What is compiled to machine code where there is a C compiler, and what it takes constants and types of.
COMPILED := $(wildcard shared/sdk/thidua/criteria/*.py shared/sdk/thidua/criteria/kinds/*.py)
# THIDUA_REQUIRE=kafka,prometheus,drill,slow makes these tests part of the run, and the absence of what they need red.
export THIDUA_REQUIRE
LEFT_OUT := $(foreach one,kafka prometheus drill slow,$(if $(findstring $(one),$(THIDUA_REQUIRE)),,$(one)))
WHY_kafka := need Java and Maven; make test-all
WHY_prometheus := need the Debian package prometheus; make test-all
WHY_drill := play whole stories: faults, restores, rebuilds, sets built and installed; make test THIDUA_REQUIRE=drill
WHY_slow := play whole sample years; make test-all
MARKERS := $(subst |, and ,$(subst $() ,|,$(foreach one,$(LEFT_OUT),not~$(one))))
# One more than the two cores of CI: a test often waits for PostgreSQL.
WORKERS ?= 3

.DEFAULT_GOAL := help
.PHONY: help venv demo up test test-all check format lock kafka kafka-stop prometheus bench bench-depth bench-pipeline bench-suite bench-decisions bench-scoring faults clean alone

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  \1	/p' $(MAKEFILE_LIST) | expand -t 18

venv: .venv/.ready ## the environment in .venv, pinned with hashes

# Where nothing could be compiled, it is tried again the next time.
.venv/.ready: .venv/.installed tools/compile.sh $(COMPILED)
	@tools/compile.sh

.venv/.installed: requirements.txt pyproject.toml $(foreach one,$(DISTRIBUTIONS),$(one)/pyproject.toml)
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@test -x $(BIN)/uv || $(BIN)/pip install -q --disable-pip-version-check uv
	@$(UV) --require-hashes --compile-bytecode -r requirements.txt
	@$(UV) --no-deps --no-build-isolation $(EDITABLE)
	@$(BIN)/python -m compileall -q $(PACKAGES)
	@touch $@

demo: .venv/.ready ## play the sample year 2022, print its result, keep serving it
	@$(BIN)/thidua demo

up: .venv/.ready ## serve what is in .thidua (after a demo: the sample year)
	@$(BIN)/thidua up

# pytest compiles every test on its way; where the environment forbids to keep that, each worker would do it each time.
test: export PYTHONDONTWRITEBYTECODE :=
test: .venv/.ready ## every test that needs no Java and no browser
	@$(BIN)/pytest -q -n $(WORKERS) --dist loadgroup -m "$(subst ~, ,$(MARKERS))"
	@$(foreach one,$(LEFT_OUT),echo "left out: tests marked $(one) ($(WHY_$(one)))";)

test-all: .venv/.ready kafka prometheus ## every test, on a real Apache Kafka and a real Prometheus
	@$(MAKE) --no-print-directory test THIDUA_REQUIRE=kafka,prometheus,drill,slow

check: .venv/.ready ## format, lint, types, import contracts, sizes, each distribution alone
	@$(BIN)/ruff format --check -q .
	@$(BIN)/ruff check -q .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo 2>&1 | tail -n 4
	@$(BIN)/python tools/sizes.py
	@$(BIN)/python tools/alone.py $(DISTRIBUTIONS)

format: .venv/.ready ## put the code in shape
	@$(BIN)/ruff check -q --fix . ; $(BIN)/ruff format -q .

lock: ## pin all dependencies anew, with hashes
	@$(BIN)/uv pip compile -q --extra dev pyproject.toml $(foreach one,$(DISTRIBUTIONS),$(one)/pyproject.toml) \
		--no-emit-package thidua --no-emit-package thidua-runtime --generate-hashes --no-header --no-annotate \
		--universal --upgrade -o requirements.txt

kafka: ## fetch Apache Kafka with Maven and start one broker on loopback
	@tools/kafka.sh start

kafka-stop: ## stop that broker
	@tools/kafka.sh stop

prometheus: ## install Debian's prometheus and promtool (needs root)
	@tools/install_prometheus.sh

bench-suite: .venv/.ready ## CPU time of a score and of the conditions; latency of a task to its changed score; the start on finished data
	@$(BIN)/python benchmarks/scoring.py
	@$(BIN)/python benchmarks/conditions.py
	@$(BIN)/python benchmarks/latency.py
	@test -d .thidua/demo/postgres || $(BIN)/thidua demo --once --small --data .thidua/demo > /dev/null
	@$(BIN)/python benchmarks/start.py --data .thidua/demo

BUS := .cache/bus

# What the other contestants of that benchmark need is pinned in files of its own; nothing of it enters .venv.
$(BUS)/python/.ready: benchmarks/bus/contestants.txt | .venv/.ready
	@test -x $(BUS)/python/bin/python || $(PYTHON) -m venv $(BUS)/python
	@$(BIN)/uv pip install -q --python $(BUS)/python/bin/python --require-hashes -r $<
	@touch $@

$(BUS)/kafka_streams/.ready: benchmarks/bus/kafka_streams/pom.xml $(wildcard benchmarks/bus/kafka_streams/src/main/java/vn/thidua/bench/*.java)
	@mvn -q -B -f $< compile org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
		-DincludeScope=runtime -DoutputDirectory=$(CURDIR)/$(BUS)/kafka_streams/jars
	@touch $@

bench: .venv/.ready $(BUS)/python/.ready $(BUS)/kafka_streams/.ready kafka ## the job of the bus, beside other stream processors (OUT=FILE keeps the figures)
	@$(BIN)/python -m benchmarks.bus $(BENCH) $(if $(OUT),--json $(OUT))

bench-depth: .venv/.ready kafka ## what an event costs on 20,000,000 stored tasks beside 1,000,000 (BENCH= OUT=FILE)
	@$(BIN)/python -m benchmarks.bus.depth $(BENCH) $(if $(OUT),--json $(OUT))

bench-pipeline: .venv/.ready kafka ## a year of 63 provinces from tasks to recommendations (BENCH= OUT=FILE)
	@$(BIN)/python -m benchmarks.pipeline $(BENCH) $(if $(OUT),--json $(OUT))

DECISIONS := .cache/decisions

$(DECISIONS)/.ready: benchmarks/decisions/contestants.txt | .venv/.ready
	@test -x $(DECISIONS)/bin/python || $(PYTHON) -m venv $(DECISIONS)
	@$(BIN)/uv pip install -q --python $(DECISIONS)/bin/python --require-hashes -r $<
	@touch $@

bench-decisions: .venv/.ready $(DECISIONS)/.ready ## decisions a second on one core, beside zen-engine (OUT=FILE keeps the figures)
	@$(BIN)/python -m benchmarks.decisions --python $(DECISIONS)/bin/python $(if $(OUT),--json $(OUT))

bench-scoring: .venv/.ready ## the national pay-roll, a changed fact, a draft, stored cases
	@$(BIN)/python -m benchmarks.payroll
	@$(BIN)/python -m benchmarks.incremental
	@$(BIN)/python -m benchmarks.what_if
	@$(BIN)/python -m benchmarks.case_store

faults: FIRST_SEED ?= 0
faults: SEEDS ?= 10000
faults: KILLS ?= 200
faults: EVENTS ?= 1000000
faults: SECONDS ?= 1000000
faults: .venv/.ready kafka ## faults at length: 10,000 seeds; 200 kills under 1,000,000 events (FIRST_SEED= SEEDS= KILLS= EVENTS= SECONDS=)
	@$(if $(filter 0,$(SEEDS)),,$(BIN)/python -m tests.faults.seeds --first $(FIRST_SEED) --seeds $(SEEDS) --seconds $(SECONDS))
	@$(if $(filter 0,$(KILLS)),,$(BIN)/python -m tests.faults.kills --kills $(KILLS) --events $(EVENTS) --seconds $(SECONDS))
	@$(if $(filter 0,$(SEEDS) $(KILLS)),,THIDUA_REQUIRE=kafka,drill $(BIN)/pytest -q tests/faults -m "not slow")

clean: ## remove the environment, what was compiled, caches and sample data
	@find shared -name '*.so' -delete
	@rm -rf .venv .cache .kafka .thidua .mypy_cache .ruff_cache .import_linter_cache .pytest_cache
	@find . -name __pycache__ -prune -exec rm -r {} +
