# For a Makefile of your own: `include scores.mk`, then `make scores/2024-03-01` scores a day, `make scores-of-march` a month.
# A day that is there is not scored again, by make nor by scoremill; to have it again: SCOREMILL='... --if-exists replace' make -B.
# Make ends with 2 when a command fails; the exit code of scoremill stands in its message.
SCOREMILL ?= node dist/cli/main.js
JOB ?= examples/nightly.yaml
SCORES ?= out/nightly
# The job file takes its output folder from here.
export SCORES := $(abspath $(SCORES))

.PHONY: scores-of-march
scores-of-march:
	$(SCOREMILL) run $(JOB) --dates 2024-03-01..2024-03-31 --quiet

# The folder is there before it is complete: what a day is made of is told by _SUCCESS, which is written last.
scores/%: $(SCORES)/%/_SUCCESS ;

.PRECIOUS: $(SCORES)/%/_SUCCESS
$(SCORES)/%/_SUCCESS:
	$(SCOREMILL) run $(JOB) --date $* --quiet
