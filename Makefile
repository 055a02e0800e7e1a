# pwmgr: what there is to do with a checkout. `make help` lists it.
#
# Each target installs what it needs and says what (Tests/Lab/packages). Only what makes network namespaces or installs
# files needs root, and asks sudo for it (Tests/Lab/as-root); the virtual machine needs none.

PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
UNITDIR ?= $(PREFIX)/lib/systemd/system
DESTDIR ?=

SWIFT ?= swift
# One release build for everything: what is tested, measured and installed is the same program. With the Swift library
# inside it needs no toolchain where it runs, and the virtual machine reads one file in place of forty.
RELEASE := $(SWIFT) build -c release --static-swift-stdlib
BINARY := .build/release/pwmgr
LAB := Tests/Lab
EXAMPLE := examples/udp/amsterdam.yaml

.PHONY: help demo test check bench fuzz simulate vm-shell install release unit integration kernel
.NOTPARALLEL:

help: ## lists the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done

demo: ## two sites become one LAN before your eyes, and the machine is as before afterwards
	@$(LAB)/packages build test
	@$(MAKE) --no-print-directory release
	@if $(LAB)/as-root $(LAB)/has-l2tp; then \
	  $(LAB)/as-root $(BINARY) demo --data-plane kernel $(DEMO_OPTIONS); \
	else \
	  echo "demo: this machine's kernel has no L2TP: first with the userspace data plane, here"; \
	  $(LAB)/as-root $(BINARY) demo --data-plane userspace $(DEMO_OPTIONS) && \
	  echo "demo: now with the kernel data plane, in a virtual machine with Debian's kernel" && \
	  $(LAB)/packages vm && \
	  $(LAB)/vm --timeout 300 "$(CURDIR)/$(BINARY)" demo --data-plane kernel; \
	fi

test: ## everything: unit tests, scenarios in network namespaces, the same in the virtual machine, two minutes of fuzzing
	@$(LAB)/packages build test vm
	@$(MAKE) --no-print-directory unit release integration kernel
	@$(MAKE) --no-print-directory fuzz SECONDS=30

check: ## format, lint, build, unit tests
	@$(LAB)/packages build test
	$(SWIFT) format lint --strict --recursive Sources Tests Benchmarks Package.swift
	$(SWIFT) build --build-tests
	@$(MAKE) --no-print-directory unit

unit:
	$(SWIFT) test

release:
	@$(LAB)/packages build
	$(RELEASE)

integration:
	@$(LAB)/packages test
	Tests/Integration/run

kernel:
	@$(LAB)/packages vm test
	$(SWIFT) build --package-path examples/plugins/macsec
	Tests/Kernel/run

bench: ## how fast it is, beside others: tables, never a test
	@$(LAB)/packages build test vm bench
	@$(MAKE) --no-print-directory release
	Benchmarks/run

fuzz: ## whatever takes octets from outside, with any octets, each for SECONDS (60)
	@$(LAB)/packages build
	Tests/Fuzz/run --seconds $(or $(SECONDS),60)

simulate: ## sites in a world that misbehaves as its seed says: SEED (1), RUNS (600), or from SEED on for SECONDS
	@$(LAB)/packages build
	@$(SWIFT) build --build-tests
	env $(if $(SEED),PWMGR_SIMULATION_SEED=$(SEED)) $(if $(RUNS),PWMGR_SIMULATION_RUNS=$(RUNS)) \
	  $(if $(SECONDS),PWMGR_SIMULATION_SECONDS=$(SECONDS)) $(SWIFT) test --skip-build --filter '^SimulationTests.SimulationTests'

vm-shell: ## a shell in the virtual machine: root, L2TP, your files, nothing kept
	@$(LAB)/packages vm
	@$(LAB)/vm --interactive

install: ## program, systemd unit and an example site (DESTDIR, PREFIX, SYSCONFDIR, UNITDIR)
	@$(MAKE) --no-print-directory release
	@sed 's|@PREFIX@|$(PREFIX)|g; s|@SYSCONFDIR@|$(SYSCONFDIR)|g' Packaging/pwmgr.service.in >.build/pwmgr.service
	@mkdir -p "$(DESTDIR)/" 2>/dev/null; install='install'; [ -w "$(DESTDIR)/" ] || install='$(LAB)/as-root install'; set -x; \
	$$install -D -m 755 $(BINARY) "$(DESTDIR)$(PREFIX)/bin/pwmgr" && \
	$$install -D -m 644 .build/pwmgr.service "$(DESTDIR)$(UNITDIR)/pwmgr.service" && \
	$$install -d -m 700 "$(DESTDIR)$(SYSCONFDIR)/pwmgr/secrets" && \
	$$install -D -m 644 $(EXAMPLE) "$(DESTDIR)$(SYSCONFDIR)/pwmgr/site.yaml.example"
	@echo "install: put your site into $(SYSCONFDIR)/pwmgr/site.yaml (an example lies beside it), then: systemctl enable --now pwmgr"
