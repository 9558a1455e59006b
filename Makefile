# The menu. On a machine with only Node, `make score` and `make test` do all the rest: install, build, run.
# GNU make 3.81 or later. Make itself ends with 2 whenever a command fails: a scheduler that wants scoremill's exit codes
# starts `node dist/cli/main.js run ...`, after `make build`.

# What `make score` passes on, one to one: scoremill run [JOB] --model MODEL --dataset DATASET --output OUTPUT ARGS.
# Values are handed to the shell as environment variables, so blanks and quotes in them are safe; ARGS is read by the shell.
override JOB := $(value JOB)
override MODEL := $(value MODEL)
override DATASET := $(value DATASET)
override OUTPUT := $(value OUTPUT)
# What `make bench` compares with, passed on in the same way.
override AGAINST := $(value AGAINST)

# A model and a dataset are a job by themselves; otherwise it takes a job file.
ifeq ($(strip $(JOB)),)
ifneq ($(and $(strip $(MODEL)),$(strip $(DATASET))),)
override OUTPUT := $(if $(strip $(OUTPUT)),$(OUTPUT),out/score)
else
override JOB := jobs/credit-risk.yaml
endif
endif

export JOB MODEL DATASET OUTPUT AGAINST

sources := $(shell find src -name '*.ts')
installed := node_modules/.package-lock.json
built := dist/.built

.PHONY: help score build test test-safe test-examples check bench schema docs pictures clean

help: ## This menu (the default)
	@echo 'Scores large datasets with ONNX models, offline.'
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'
	@echo
	@echo "  make score JOB=jobs/digits.yaml ARGS='--workers 2'"
	@echo "  make score MODEL=model.onnx DATASET='data/*.parquet' OUTPUT=scored"

score: $(built) ## Score: DATASET=, MODEL=, JOB= (default jobs/credit-risk.yaml), OUTPUT=, ARGS= for more options
	@set -- run; \
	if [ -n "$$JOB" ]; then set -- "$$@" "$$JOB"; fi; \
	if [ -n "$$MODEL" ]; then set -- "$$@" "--model=$$MODEL"; fi; \
	if [ -n "$$DATASET" ]; then set -- "$$@" "--dataset=$$DATASET"; fi; \
	if [ -n "$$OUTPUT" ]; then set -- "$$@" "--output=$$OUTPUT"; fi; \
	exec node dist/cli/main.js "$$@" $(ARGS)

build: $(built) ## Bundle src/ to dist/

test: $(installed) ## Run the tests; ARGS='test/commit' for some of them
	node_modules/.bin/vitest run $(ARGS)

test-safe: $(built) ## Kill runs at every step and tear their files at every byte (an hour or more), and write docs/safety.md
	rm -rf coverage/safety
	status=0; \
	SCOREMILL_SAFETY=full node_modules/.bin/vitest run $(or $(ARGS),test/safety) --maxWorkers=1 || status=1; \
	node test/safety/write-report.mjs || status=1; \
	exit $$status

test-examples: $(built) ## Test all examples, cron and the container image too (root, Debian; a quarter of an hour the first time)
	SCOREMILL_EXAMPLES=full node_modules/.bin/vitest run $(or $(ARGS),test/examples) --maxWorkers=1

check: $(installed) ## Check types, lint and format
	node_modules/.bin/tsc --noEmit
	node_modules/.bin/biome check .

bench: $(built) ## Time runs and their stages, write docs/performance.md; AGAINST=folder or revision, ARGS='--rows 10000000 --runs 5'
	node_modules/.bin/tsc -p bench/tsconfig.json
	@set --; \
	if [ -n "$$AGAINST" ]; then set -- "--against=$$AGAINST"; fi; \
	exec node bench/.built/bench/main.js "$$@" $(ARGS)

schema: $(built) ## Write schema/job.schema.json
	node dist/cli/main.js schema > schema/job.schema.json.new
	mv schema/job.schema.json.new schema/job.schema.json

docs: $(installed) ## Write docs/troubleshooting.md from the failures in the code, and figures from bench/figures/
	node_modules/.bin/vitest run test/docs/troubleshooting.test.ts test/docs/figures.test.ts --update

pictures: $(built) ## Draw docs/pictures/ anew, of the reports of the sample jobs (with Chromium)
	SCOREMILL_PICTURES=draw node_modules/.bin/vitest run test/docs/pictures.test.ts

clean: ## Remove what was built; predictions in out/ stay
	rm -rf dist coverage bench/.built bench/.data

$(installed): package.json package-lock.json
	npm ci --include=dev
	@touch $@

$(built): $(installed) $(sources) $(wildcard build/*) tsconfig.json tsconfig.build.json
	rm -rf dist
	node_modules/.bin/tsc -p tsconfig.build.json
	node build/bundle.mjs
	@touch $@
