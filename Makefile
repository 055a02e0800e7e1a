# pwmgr: what there is to do with a checkout. `make help` lists it.
#
# Each target installs what it needs and says what (Tests/Lab/packages). Only what makes network namespaces or installs
# files needs root, and asks sudo for it (Tests/Lab/as-root); the virtual machine needs none.

PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
UNITDIR ?= $(PREFIX)/lib/systemd/system
DESTDIR ?=

SWIFT ?= swift
# Line numbers for backtraces. With all that a debugger can use, compiling takes a fifth more processor time; for that,
# call swift by hand, which compiles everything anew.
LINE_TABLES := -Xswiftc -gline-tables-only
# One release build for everything: what is tested, measured and installed is the same program. With the Swift library
# inside it needs no toolchain where it runs, and the virtual machine reads one file in place of forty.
RELEASE := $(SWIFT) build -c release $(LINE_TABLES) --static-swift-stdlib --product
BINARY := .build/release/pwmgr
UNIT := env NO_COLOR=1 .build/debug/pwmgrPackageTests.xctest --testing-library swift-testing
SIMULATE := .build/release/pwsimulate
LAB := Tests/Lab
# $(call part,NAME) before a command: below `parts`, which sets PWMGR_PARTS, what it takes is noted.
part = $(if $(PWMGR_PARTS),$(LAB)/part $(1))
NATIVE = $(call part,--scenarios 'native scenarios') Tests/Integration/run
# In the time that nothing else wants.
IDLE := nice -n 19
PLUGIN := $(SWIFT) build $(LINE_TABLES) --package-path examples/plugins/macsec
MACHINE = $(call part,--scenarios "virtual machine's scenarios") Tests/Kernel/run
EXAMPLE := examples/udp-amsterdam.yaml
# The files that `make install` makes of the sources before it copies anything; Packaging/files names all that is
# installed.
STAGED := .build/staged
FILES = Packaging/files --prefix "$(PREFIX)" --sysconfdir "$(SYSCONFDIR)" --unitdir "$(UNITDIR)" --staged $(STAGED)

.PHONY: help demo test everything here machine fuzzing check changes bench fuzz fuzz-build simulate vm-shell install \
  uninstall deb rpm package-test staged release simulator debug unit tests example simulation integration kernel
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

test: ## everything: unit tests, simulated sites, scenarios here and in the virtual machine, fuzzing; with a table of times
	@$(LAB)/packages start
	@$(LAB)/parts $(MAKE) --no-print-directory everything

everything:
	@$(call part,packages) $(LAB)/packages build test vm
	@$(MAKE) --no-print-directory debug
	@$(LAB)/beside $(IDLE) $(MAKE) --no-print-directory fuzzing -- $(MAKE) --no-print-directory here \
	  -- $(MAKE) --no-print-directory machine

# Three ways run at the same time, to leave the processors idle as little as possible: each module of a build waits for
# those that it imports, native scenarios wait for each other, the virtual machine's now and then. The machine's way is
# the longest: all that others can build is built by others, and fuzzing, counted in processor seconds, gives way.
fuzzing: fuzz-build
	$(call part,'fuzz run') Tests/Fuzz/run --seconds 30 --timeout 600 # It may get a tenth of a processor.

here:
	@$(MAKE) --no-print-directory tests example
	@$(RELEASE) pwmgr # Built by the machine's way; waited for here.
	@$(MAKE) --no-print-directory simulator
	@$(NATIVE) --jobs 4
	@$(MAKE) --no-print-directory simulation

machine: release
	@$(PLUGIN) # Built by the other way; waited for here.
	@$(MACHINE)

check: ## before every commit: format, lint, build, unit tests, and scenarios that touch what has changed (since BASE)
	@$(LAB)/packages start build test
	@$(LAB)/parts --line check $(MAKE) --no-print-directory changes

changes:
	$(call part,'format and lint') $(SWIFT) format lint --strict --recursive Sources Tests Benchmarks Package.swift
	@$(MAKE) --no-print-directory unit
	@touched=$$($(LAB)/touched $(if $(BASE),--base $(BASE))) || exit; \
	if [ -z "$$touched" ]; then echo 'check: no scenario touches what has changed'; exit; fi; \
	echo "check: scenarios that touch what has changed: $$touched"; \
	PWMGR_PROGRAM=$(CURDIR)/.build/debug/pwmgr $(call part,--scenarios scenarios) Tests/Integration/run $$touched

unit: debug tests ## the unit tests: all, or those that FILTER selects

debug:
	@$(LAB)/packages start build
	$(call part,'debug build') $(SWIFT) build --build-tests $(LINE_TABLES)

# Not by `swift test`: it takes the lock of .build for as long as it runs, whatever it is told, and the release build, on
# the longest of the three ways, would wait for it.
tests:
	$(call part,'unit tests') $(UNIT) $(if $(FILTER),--filter $(FILTER))
	$(call part,"make's tools") $(LAB)/tests/run

release:
	@$(LAB)/packages build
	$(call part,'release build') $(RELEASE) pwmgr

simulator:
	@$(LAB)/packages build
	$(call part,'simulator build') $(RELEASE) pwsimulate

example:
	@$(LAB)/packages build
	$(call part,'example plugin') $(PLUGIN)

simulation:
	$(call part,simulation) $(SIMULATE)

integration:
	@$(LAB)/packages test
	$(NATIVE)

kernel: example
	@$(LAB)/packages vm test
	$(MACHINE)

bench: ## how fast it is, beside others: tables, never a test
	@$(LAB)/packages build test vm bench
	@for program in pwmgr pwbench planepair; do $(RELEASE) $$program || exit; done
	Benchmarks/run

fuzz: ## whatever takes octets from outside, with any octets, each for SECONDS (60)
	@$(MAKE) --no-print-directory fuzz-build
	$(call part,'fuzz run') Tests/Fuzz/run --seconds $(or $(SECONDS),60)

fuzz-build:
	@$(LAB)/packages build
	$(call part,'fuzz build') Tests/Fuzz/run --build

simulate: ## sites in a world that misbehaves as its seed says: SEED (1), RUNS (4000), or from SEED on for SECONDS; WORLD (sites, habits)
	@$(MAKE) --no-print-directory simulator
	$(SIMULATE) $(if $(WORLD),--world $(WORLD)) $(if $(SEED),--seed $(SEED)) $(if $(RUNS),--runs $(RUNS)) $(if $(SECONDS),--seconds $(SECONDS))

vm-shell: ## a shell in the virtual machine: root, L2TP, your files, nothing kept
	@$(LAB)/packages vm
	@$(LAB)/vm --interactive

staged: release
	@rm -rf $(STAGED) && mkdir -p $(STAGED)
	@Packaging/manual $(BINARY) $(STAGED)/man
	@Packaging/completions $(BINARY) $(STAGED)/completions
	@sed '1s|=.*|=$(PREFIX)/share/pwmgr/site-file.schema.json|' $(EXAMPLE) >$(STAGED)/site.yaml.example
	@for unit in pwmgr pwmgr-exporter pwmgr-hooks; do \
	  sed 's|@PREFIX@|$(PREFIX)|g; s|@SYSCONFDIR@|$(SYSCONFDIR)|g' Packaging/$$unit.service.in >$(STAGED)/$$unit.service; \
	done

install: staged ## program, systemd unit, manual, completions and an example site (DESTDIR, PREFIX, SYSCONFDIR, UNITDIR)
	@mkdir -p "$(DESTDIR)/" 2>/dev/null; root=; [ -w "$(DESTDIR)/" ] || root=$(LAB)/as-root; \
	$$root $(FILES) install "$(DESTDIR)"
	@echo "install: put your site into $(SYSCONFDIR)/pwmgr/site.yaml (an example lies beside it), then: systemctl enable --now pwmgr"

uninstall: ## removes what `make install` installed, but for your site and secrets (the same DESTDIR, PREFIX and so on)
	@root=; [ -w "$(DESTDIR)/" ] || root=$(LAB)/as-root; $$root $(FILES) uninstall "$(DESTDIR)"

# Not in the folder of `make install`, whose unit names other paths.
PACKAGED := PREFIX=/usr SYSCONFDIR=/etc STAGED=.build/staged-package
# The pages' date is the commit's, so that the same commit makes the same package.
deb: export SOURCE_DATE_EPOCH = $(shell git log -1 --format=%ct)
deb: ## the Debian package, in .build/packages
	@$(LAB)/packages build deb
	@$(MAKE) --no-print-directory staged $(PACKAGED)
	@Packaging/deb

rpm: export SOURCE_DATE_EPOCH = $(shell git log -1 --format=%ct)
rpm: ## the RPM package, in .build/packages/rpm; for distributions at least as new as the one that makes it
	@$(LAB)/packages build rpm
	@$(MAKE) --no-print-directory staged $(PACKAGED)
	@Packaging/rpm

package-test: deb ## the Debian package: its contents, lintian, and its life in a bare Debian 12; takes minutes
	@$(LAB)/packages vm package
	Tests/Packaging/run
