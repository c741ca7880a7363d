# `make` shows what there is. `make demo` and `make test` need nothing but Go and,
# on Debian or Ubuntu, root: they set up the rest (scripts/engine.sh, scripts/images.sh).
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

VERSION  = $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LINTERS  = go tool -modfile=tools/go.mod

# Where the goroutines are; the race detector needs a C compiler. The rest links
# the engine's libraries, which take minutes to build for it.
RACE       = $(if $(filter 1,$(shell go env CGO_ENABLED 2>/dev/null)),-race)
CONCURRENT = ./internal/session/... ./internal/watch/... ./internal/ui/...

.PHONY: help
help: ## Show this help
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

.PHONY: demo
demo: build ## The chat app from nothing: made, started, edited, restarted (DIR=folder)
	@scripts/demo.sh $(DIR)

.PHONY: test
test: check-go setup lint unit e2e ## Everything: linters, unit tests, scenarios on a real engine

.PHONY: build
build: check-go ## Build bin/devbox
	go build -trimpath -ldflags '-X main.version=$(VERSION)' -o bin/devbox ./cmd/devbox

.PHONY: unit
unit: check-go ## Unit tests, those of goroutines with the race detector
	go test $$(go list ./... | grep -vxF "$$(go list $(CONCURRENT))")
	go test $(RACE) $(CONCURRENT)

.PHONY: e2e
e2e: setup build ## Scenarios on the engine, with real Node and npm (RUN=pattern for some)
	DEVBOX_BIN=$(CURDIR)/bin/devbox go test -tags e2e -count 1 -p 1 -timeout 60m $(if $(RUN),-run '$(RUN)') ./e2e/... ./internal/engine/docker/...

.PHONY: soak
soak: setup build ## Storms of edits, restarts and Ctrl-C, walks over locks, every backing service, in their whole length (SAVES=10000 SEED=number)
	go test -count 1 -run SupervisorFreesThePort -v ./templates
	go test -count 1 -timeout 2h -run Storm -v ./internal/watch -soak $(if $(SAVES),-saves $(SAVES)) $(if $(SEED),-seed $(SEED))
	DEVBOX_BIN=$(CURDIR)/bin/devbox go test -tags e2e -count 1 -timeout 5h -run 'Storm|AWalk|NoCommandWrites|InterruptedAtAny|BackingServices|MailsAreSeen' -v ./e2e -soak $(if $(SAVES),-saves $(SAVES)) $(if $(SEED),-seed $(SEED))

.PHONY: bench
bench: setup build ## devbox beside its peers, in one run (ONLY=edit for a part, APP=express for one of its apps, ROUNDS=15)
	DEVBOX_BIN=$(CURDIR)/bin/devbox go run ./bench $(if $(ONLY),-only $(ONLY)) $(if $(APP),-app $(APP)) $(if $(ROUNDS),-rounds $(ROUNDS))

.PHONY: screenshot
screenshot: setup build ## The picture of the dashboard in docs, from the real screen
	@scripts/screenshot.sh

.PHONY: lint
lint: check-go ## golangci-lint, govulncheck and, where it is installed, shellcheck
	$(LINTERS) golangci-lint run
	scripts/vulncheck.sh
	scripts/shellcheck.sh

.PHONY: fmt
fmt: check-go ## Format the Go files
	$(LINTERS) golangci-lint fmt

.PHONY: cover
cover: check-go ## Unit test coverage, in coverage.out
	go test -coverprofile coverage.out ./...
	go tool cover -func coverage.out | tail -1

.PHONY: setup
setup: ## Make sure of a Docker engine and of the base images
	@scripts/engine.sh
	@scripts/images.sh

.PHONY: clean
clean: ## Remove what make made
	rm -rf bin coverage.out

.PHONY: check-go
check-go:
	@scripts/check-go.sh
