# make run   installs what is missing, builds, and serves a demonstration shop
# make test  the whole test suite, as CI runs it

SHELL := /bin/bash
.DEFAULT_GOAL := help

# Debian and Ubuntu packages that the build and the tests need, beside the Swift toolchain.
PACKAGES := pkg-config libpq-dev libzstd-dev liblz4-dev libcurl4-openssl-dev zlib1g-dev postgresql
BENCH_PACKAGES := python3 python3-venv
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
DATA ?= data
PORT ?= 8080
SIMULATOR_PORT ?= 8181
ROWS ?= 10000000

# A crash of a test must end it, not open a debugger that waits.
export SWIFT_BACKTRACE := enable=no

help:            ## this list
	@grep -hE '^[a-z-]+: .*##|^[a-z-]+:  *##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | column -t -s "$$(printf '\t')"

setup:           ## install the system packages that are missing
	@$(call install,$(PACKAGES))
	@command -v swift >/dev/null || { echo "swift is missing: install the Swift 6.2 toolchain or newer from swift.org"; exit 1; }

# Installs those of $(1) that are not there; asks nothing and costs nothing when all are.
define install
missing=""; for package in $(1); do \
  dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; done; \
if [ -n "$$missing" ]; then echo "installing:$$missing"; \
  $(SUDO) apt-get update -qq && DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -qq --no-install-recommends $$missing; fi
endef

build: setup     ## build the release binary
	swift build -c release --product ambar

run: build       ## serve a demonstration shop at http://127.0.0.1:8080
	.build/release/ambar serve --demo --data $(DATA) --port $(PORT)

test: setup      ## build and run every test
	swift build --build-tests
	swift test --skip-build --no-parallel

test-long: setup ## the same with many more seeds, kills and mutations (about an hour)
	swift build --build-tests
	AMBAR_LONG_TESTS=1 swift test --skip-build --no-parallel

SANITIZED := DurableIOTests,ColumnsTests,EncodingsTests,StorageTests,FileFormatsTests

test-sanitize: setup ## the tests of bytes, columns and storage under the address and the thread sanitizer
	for sanitizer in address thread; do \
	  export AMBAR_ONLY=$(SANITIZED) ASAN_OPTIONS=detect_leaks=0 AMBAR_SANITIZED=1 && \
	  swift build --build-tests --sanitize=$$sanitizer --scratch-path .build-$$sanitizer && \
	  swift test --skip-build --sanitize=$$sanitizer --scratch-path .build-$$sanitizer --no-parallel || exit 1; \
	done

bench: build     ## measure against DuckDB, ClickHouse and PostgreSQL, and print tables
	@$(call install,$(BENCH_PACKAGES))
	Tests/Benchmarks/run.sh $(ROWS)

format:          ## format the sources in place
	swift format format --in-place --recursive --parallel Package.swift Sources Tests

lint:            ## check the format; silent when all is well
	swift format lint --strict --recursive --parallel Package.swift Sources Tests

clean:           ## remove what the build made
	rm -rf .build

.PHONY: help setup build run test test-long test-sanitize bench format lint clean
