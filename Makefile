# A thin front for Meson and Ninja. As root, `make demo` or `make test` is all that a fresh checkout needs.

BUILD ?= build
# Given to `meson setup` when the build directory is made, for example MESON_FLAGS=--prefix=/usr
MESON_FLAGS ?=

.PHONY: all deps demo test test-vm test-vm-12 soak bench lint fmt install uninstall deb clean

all:
	@scripts/build $(BUILD) $(MESON_FLAGS)

deps:
	@scripts/install-deps

demo: deps all
	@FLOE=$(abspath $(BUILD))/floe scripts/demo

test: deps all
	@scripts/test --all

# In a virtual machine with Debian 13 (or 12), which it makes; VM_FLAGS=--short: the main job and a reboot only.
test-vm: deps all
	@scripts/test-vm $(VM_FLAGS)

test-vm-12: deps all
	@scripts/test-vm --suite bookworm $(VM_FLAGS)

soak: deps all
	@FLOE=$(abspath $(BUILD))/floe scripts/soak

bench: deps all
	@FLOE=$(abspath $(BUILD))/floe bench/run

lint: all
	@scripts/lint $(BUILD)

fmt:
	git ls-files '*.c' '*.h' | xargs clang-format -i

install: all
	meson install -C $(BUILD) --no-rebuild

# What the last install of this build directory put in place.
uninstall:
	ninja -C $(BUILD) uninstall

# Debian packages, into $(BUILD)/deb.
deb:
	@scripts/deb $(BUILD)/deb

clean:
	rm -rf $(BUILD) build-asan build-fuzz
