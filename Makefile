# Targets are the same on a laptop and in CI. `make` prints this help.
.DEFAULT_GOAL := help
SHELL := /bin/bash
GO ?= go
DATA ?= ./var
LINT := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.6.2
CORE := $(wildcard catalog/*/package.yaml)

ENGINES = ./workflows ./workflows/definition ./forms ./printforms ./policies ./kernel/measure ./kernel/ledger ./kernel/calendar \
	./kernel/exchange ./kernel/search ./schema/expr ./schema/filter
COVER = $(or $(TMPDIR),/tmp)/mera-cover.out

.PHONY: help run build test race catalog lint fmt vet arch check cover fuzz bench micro nightly clean

help: ## print this help
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

build: ## build bin/mera
	$(GO) build -o bin/mera ./cmd/mera

run: build ## set up, play the main job step by step and keep serving
	./bin/mera demo --data $(DATA)

test: ## all Go tests, then the tests and stories of every core package
	$(GO) test -timeout 30m ./...
	@$(MAKE) --no-print-directory catalog

race: ## all Go tests under the race detector
	$(GO) test -race -timeout 60m ./...

catalog: build ## unit tests and stories of the core packages; PKG=name for one
	./bin/mera test $(if $(PKG),catalog/$(PKG),$(dir $(CORE)))

fmt: build ## format Go and the catalog
	gofmt -w $$($(GO) list -f '{{.Dir}}' ./...)
	./bin/mera fmt catalog

vet: ## go vet and gofmt
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "not formatted:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...

lint: ## golangci-lint
	@if command -v golangci-lint >/dev/null; then golangci-lint run; else $(GO) run $(LINT) run; fi

arch: ## imports go downward only, as in cmd/internal/arch/testdata/arrows.txt
	$(GO) test ./cmd/internal/arch

check: vet arch lint test ## everything before a push

cover: ## line coverage of the pure engines, by all tests that need no database
	$(GO) test -coverprofile=$(COVER) -coverpkg=$(shell echo $(ENGINES) | tr ' ' ',') $(ENGINES) ./kernel/registry ./cmd/internal/packagetest >/dev/null
	@awk -F'[: ]' 'NR > 1 {k = $$1 ":" $$2; n[k] = $$3; if ($$4 > 0) hit[k] = 1} \
		END {for (k in n) {d = k; sub(/\/[^\/]*$$/, "", d); all[d] += n[k]; if (hit[k]) got[d] += n[k]} \
		for (d in all) printf "%5.1f %%  %s\n", 100 * got[d] / all[d], d}' $(COVER) | sort -k3

fuzz: ## every fuzz target for FUZZTIME (10s)
	@for t in $$(grep -rlE '^func Fuzz' --include='*_test.go' . ); do d=$$(dirname $$t); \
		for f in $$(grep -oE '^func Fuzz[A-Za-z0-9]+' $$t | cut -c6-); do echo "$$d $$f"; \
		$(GO) test $$d -run '^$$' -fuzz "^$$f$$" -fuzztime $${FUZZTIME:-10s} || exit 1; done; done

bench: build ## a region of 1,000,000 persons, our requests beside pgbench; ARGS="--persons 10000 --only R1" or "--soak"
	./bin/mera bench --data $(DATA)/bench --json $(DATA)/bench.json $(ARGS)

micro: ## benchmarks of the engines
	$(GO) test -run '^$$' -bench . -benchmem ./schema/... ./kernel/... ./workflows ./policies ./forms ./printforms ./graph

nightly: race fuzz micro ## what is too long for every push

clean: ## remove what was built and the embedded default's data
	rm -rf bin $(DATA)
