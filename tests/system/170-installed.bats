# SPDX-License-Identifier: Apache-2.0
# What `make install` puts in place is enough for a program of one's own: headers, library, pkg-config file,
# and the command that conmon calls.

load helpers

setup_file() {
    busybox_tar
    command -v pkg-config cc >/dev/null || return 0
    # A copy below a directory of its own, as a package is made; its prefix stays the build's.
    export STAGE=$BATS_FILE_TMPDIR/stage
    DESTDIR=$STAGE make -s -C "$BATS_TEST_DIRNAME/../.." install BUILD="$(dirname "$FLOE")" >/dev/null
    export PKG_CONFIG_SYSROOT_DIR=$STAGE
    PKG_CONFIG_LIBDIR=$(dirname "$(find "$STAGE" -name libfloe.pc)")
    export PKG_CONFIG_LIBDIR
}

setup() {
    floe_setup
    command -v pkg-config cc >/dev/null || skip "pkg-config or a C compiler is missing"
    libdir=$(dirname "$(find "$STAGE" -name libfloe.so)")
    # The command, found in PATH by the library: not below its prefix, it has to be told where the library is.
    mkdir "$BATS_TEST_TMPDIR/bin"
    printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec %s "$@"\n' "$libdir" "$(find "$STAGE" -path '*/bin/floe')" \
        >"$BATS_TEST_TMPDIR/bin/floe"
    chmod +x "$BATS_TEST_TMPDIR/bin/floe"
}

compile() { # COMPILER ARG...
    # shellcheck disable=SC2046
    "$1" -Wall -Wextra -Werror -pedantic $(pkg-config --cflags libfloe) "${@:2}"
}

# build_example NAME: sets $example to the program.
build_example() {
    example=$BATS_TEST_TMPDIR/$1
    # shellcheck disable=SC2046
    compile cc -std=c11 -D_POSIX_C_SOURCE=200809L -o "$example" "$BATS_TEST_DIRNAME/../../examples/$1.c" \
        $(pkg-config --libs libfloe)
}

run_example() { # ARG...
    PATH=$BATS_TEST_TMPDIR/bin:$PATH LD_LIBRARY_PATH=$libdir "$example" "$@" 3>&-
}

@test "installed: the example lives a container's life with nothing but the installed copy" {
    build_example lifecycle
    run -0 run_example busybox "$root" "$runroot"
    has "$output" "Hello from"
    has "$output" "10 operations in a batch"
    matches "$output" 'frozen, [1-9][0-9]* pages'
    has "$output" "goes on"
    has "$output" "exit code 7"
    is "$(floe ps -aq)" ""
}

@test "installed: the example says what failed, and why" {
    build_example lifecycle
    run -1 run_example nothing "$root" "$runroot"
    matches "$output" '^create: .*nothing'
}

@test "installed: every header stands alone, as C and as C++" {
    local header

    # The list is the source's, so that a header that is not installed is missed.
    for header in "$BATS_TEST_DIRNAME"/../../include/floe/*.h; do
        echo "#include <floe/$(basename "$header")>" >"$BATS_TEST_TMPDIR/alone.c"
        compile cc -std=c11 -fsyntax-only "$BATS_TEST_TMPDIR/alone.c"
        ! command -v c++ >/dev/null || compile c++ -x c++ -std=c++11 -fsyntax-only "$BATS_TEST_TMPDIR/alone.c"
    done
}

@test "installed: a C++ program sees every _INIT macro and every call as C does" {
    command -v c++ >/dev/null || skip "a C++ compiler is missing"
    {
        echo '#include <floe/floe.h>'
        echo 'int main() {'
        grep -ohE '^#define FLOE_[A-Z_]+_INIT' \
            "$(find "$STAGE" -path '*/include/floe')"/*.h | while read -r _ macro; do
            type=${macro%_INIT}
            echo "    ${type,,} ${macro,,} = $macro; (void)${macro,,};"
        done
        echo '    return floe_version()[0] == 0;'
        echo '}'
    } >"$BATS_TEST_TMPDIR/all.cc"
    # shellcheck disable=SC2046
    compile c++ -std=c++20 -Wno-missing-field-initializers -o "$BATS_TEST_TMPDIR/all" "$BATS_TEST_TMPDIR/all.cc" \
        $(pkg-config --libs libfloe)
    LD_LIBRARY_PATH=$libdir "$BATS_TEST_TMPDIR/all"
}

@test "installed: the library's name carries its version, and only floe_ names are seen" {
    matches "$(readelf -d "$libdir/libfloe.so" | grep SONAME)" 'libfloe\.so\.[0-9]+\]'
    soname=$(readelf -d "$libdir/libfloe.so" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')
    [ -L "$libdir/$soname" ]
    is "$(nm -D --defined-only "$libdir/libfloe.so" | awk '$2 == "T" && $3 !~ /^floe_/')" ""
    is "$(pkg-config --modversion libfloe)" "$("$FLOE" version --format '{{.Client.Version}}')"
}
