#!/bin/sh
# SPDX-License-Identifier: MIT
# Plants breaches in a copy of the tree and sees that the lints notice each one, and nothing else.
# Usage: sh test_lints.sh ROOT WORK LIBROVE_SO CC

set -eu
root=$1 work=$2 so=$3 cc=$4
here=$root/tests/lint
passed=0 failed=0

# fresh: a clean copy of the folders that the lints watch; taken from one snapshot, so that an editor
# at work in the tree cannot confuse the comparison.
fresh() {
    rm -rf "$work/tree"
    cp -R "$work/snapshot" "$work/tree"
}

# lint NAME: runs one lint over the copy.
lint() {
    case $1 in
        exports) sh "$here/exports.sh" "$work/librove.so" "$work/librove.a" "$work/list" ;;
        headers) perl "$here/headers.pl" "$work/tree" "$so" "$cc" ;;
        comments) perl "$here/headers.pl" "$work/tree" - - ;;
        alone) perl "$here/headers.pl" "$work/tree" - "$cc" ;;
        plots) perl "$root/benchmarks/plot.pl" "$work/tree" --check ;;
        *) perl "$here/$1.pl" "$work/tree" ;;
    esac
}

verdict() {
    if [ "$1" = ok ]; then
        passed=$((passed + 1))
        echo "ok: $2"
    else
        failed=$((failed + 1))
        echo "FAILED: $2"
        sed 's/^/    /' "$work/said"
    fi
}

# new LINT: what the lint says of the copy beyond what it says of the clean tree, whose own breaches
# are another test's affair.
new() {
    [ -e "$work/clean.$1" ] || : >"$work/clean.$1"
    grep -vxF -f "$work/clean.$1" "$work/said" || true
}

# notices LINT SENTENCE WHAT: the planted breach must make the lint fail, and say why; afterwards
# the copy is clean again.
notices() {
    if lint "$1" >"$work/said" 2>&1; then
        verdict bad "$1 does not notice: $3"
    elif new "$1" | grep -q -e "$2"; then
        verdict ok "$1 notices: $3"
    else
        verdict bad "$1 fails without saying \"$2\": $3"
    fi
    fresh
}

# lets LINT FILE WHAT: the planted file is no breach, and the lint does not name it.
lets() {
    lint "$1" >"$work/said" 2>&1 || true
    if new "$1" | grep -q -e "$2"; then
        verdict bad "$1 does not let pass: $3"
    else
        verdict ok "$1 lets pass: $3"
    fi
    fresh
}

# plant FILE: standard input becomes a file of the copy.
plant() {
    mkdir -p "$(dirname "$work/tree/$1")"
    cat >"$work/tree/$1"
}

append() {
    cat >>"$work/tree/$1"
}

rm -rf "$work"
mkdir -p "$work/snapshot"
for folder in include core filters tools python tests; do
    cp -R "$root/$folder" "$work/snapshot/$folder"
done
rm "$work"/snapshot/include/rove/*.hpp # lint_headers looks at them; it takes seconds
fresh

for name in layers lengths listed words spdx sequence headers comments alone; do
    lint "$name" >"$work/clean.$name" 2>&1 || true
done

# ---- layers -----------------------------------------------------------------------------------

plant core/stream/planted.h </dev/null
echo '#include "stream/planted.h"' | plant core/base/planted.c
notices layers 'floor base may not include' 'a floor that includes one above it'

echo '#include <rove/rope.h>' | plant core/base/planted.c
notices layers 'floor base may not include' 'a floor that reaches up through a public header'

echo '#include "planted_b.h"' | plant core/rope/planted_a.h
echo '#include "planted_c.h"' | plant core/rope/planted_b.h
echo '#include "planted_a.h"' | plant core/rope/planted_c.c
: | plant core/rope/planted_c.h
notices layers 'closes a cycle' 'a cycle inside a floor'

# calls_back FOLDER: two rooms that call each other; both functions are declared in a header below them.
calls_back() {
    printf 'int rv_a(void);\nint rv_b(int x,\n         int y);\n' | plant "$1/planted.h"
    printf 'int rv_a(void)\n{\n    return rv_b(1, 2);\n}\n' | plant "$1/planted_a.c"
    printf 'int rv_b(int x,\n         int y)\n{\n    return x + y + %s;\n}\n' "$2" |
        plant "$1/planted_b.c"
}

calls_back core/rope 'rv_a()'
notices layers 'planted_b.c:4: closes a cycle of calls: .*planted_a.c:3' 'a cycle of calls on a floor'

printf '    base      memory < arith\n' | plant docs/architecture.md
notices layers 'architecture.md:1: the rooms of core/base stand so: base  arith .* < atfork memory' 'a drawing that is not as the calls are'

calls_back tools 'rv_a()'
notices layers 'planted_b.c:4: closes a cycle of calls: .*planted_a.c:3' 'a cycle of calls in the tool'

printf 'static inline int rv_a(void)\n{\n    return rv_b();\n}\n' | plant core/chunk/planted_a.h
printf 'int rv_b(void)\n{\n    return rv_a();\n}\n' | plant core/chunk/planted_b.c
notices layers 'closes a cycle of calls' 'a header that calls back'

calls_back core/rope 'table.rv_a() + table->rv_a() + (&rv_a != 0) /* rv_a() */'
lets layers planted_ 'a table, the address of a function, a call in a comment'

printf 'static int rv_a(void)\n{\n    return 1;\n}\n\nint rv_b(void)\n{\n    return rv_a();\n}\n' |
    plant core/rope/planted_a.c
printf 'static int rv_a(void)\n{\n    return rv_b();\n}\n' | plant core/rope/planted_b.c
lets layers planted_ 'functions of one name that are static'

echo '#include "base/version.h"' | plant core/attic/planted.c
notices layers 'is not a floor' 'a folder that is no floor'

echo '#include <rove/stream.h>' | plant filters/planted.c
notices layers 'a filter may include' 'a filter that sees a stream'

echo '#include "base/arith.h"' | plant filters/planted.c
notices layers 'a filter may include' 'a filter that sees the core'

echo '#include <rove/registry.h>' | plant filters/planted.c
notices layers 'a filter may include' 'a filter that sees the registry'

echo '#  include  "../core/base/arith.h"' | plant tools/planted.c
notices layers 'climbs out' 'a tool that climbs into the core'

echo '#include "base/arith.h"' | plant tools/planted.c
notices layers 'tools/ may include' 'a tool that sees the core'

echo '#include "base/arith.h"' | plant python/src/planted.c
notices layers 'python/src/ may include' 'a Python module that sees the core'

printf '#define WHERE "base/arith.h"\n#include WHERE\n' | plant core/rope/planted.c
notices layers 'cannot be checked' 'an include by macro'

: | plant include/rove/planted.h
echo '#include <rove/planted.h>' | plant core/rope/planted.c
notices layers 'has no floor' 'a public header without a floor'

printf '// #include "stream/x.h"\n/*\n#include "stream/y.h"\n*/\n#include <stdio.h>\n' |
    plant core/base/planted.c
lets layers core/base/planted.c 'includes in comments'

# ---- lengths ----------------------------------------------------------------------------------

awk 'BEGIN { for (i = 0; i < 451; i++) print "int planted" i ";" }' | plant core/base/planted.c
notices lengths '451 lines, at most 450' 'a file of the core of 451 lines'

awk 'BEGIN { for (i = 0; i < 601; i++) print "int planted" i ";" }' | plant filters/planted.c
notices lengths '601 lines, at most 600' 'a filter of 601 lines'

awk 'BEGIN { print "int planted(void)\n{"; for (i = 0; i < 58; i++) print "    f(\"}\");"; print "}" }' |
    plant filters/planted.c
notices lengths 'planted has 61 lines' 'a function of 61 lines'

printf 'static int planted(int a, int b, int c,\n    int (*d)(int, int), int e, int f)\n{\n}\n' |
    plant core/base/planted.c
notices lengths 'planted has 6 parameters' 'a function of six parameters'

awk 'BEGIN { print "#define planted(x) \\"; for (i = 0; i < 60; i++) print "    f(x); \\"; print "" }' |
    plant core/base/planted.c
notices lengths 'macro planted has' 'a macro as long as a function may not be'

awk 'BEGIN { print "int planted(int a, int b, int c, int d, int e)\n{"
    for (i = 0; i < 57; i++) print "    f(1, 2, 3, 4, 5, 6);"; print "}" }' | plant core/base/planted.c
lets lengths core/base/planted.c '60 lines and five parameters'

# ---- headers ----------------------------------------------------------------------------------

printf '\nROVE_API int rove_planted(void);\n' | append include/rove/version.h
notices comments 'rove_planted has no comment' 'a public prototype without a comment'

printf '\n// Planted.\nROVE_API int rove_planted(void);\n' | append include/rove/version.h
notices comments 'rove_planted has no comment' 'a comment that Doxygen does not read'

printf '\nstruct rove_planted {\n    int x; ///< planted\n};\n' | append include/rove/version.h
notices comments 'struct rove_planted has no comment' 'a struct without a comment'

printf '\n/// Planted.\nstruct rove_planted {\n    int x; // planted\n};\n' | append include/rove/version.h
notices comments 'struct rove_planted: the member in this line has no comment' 'a field without a comment'

printf '\n/// Planted.\nenum rove_planted {\n    ROVE_PLANTED\n};\n' | append include/rove/version.h
notices comments 'enum rove_planted: the member in this line has no comment' 'an enumerator without a comment'

printf '\n#define ROVE_PLANTED 1\n' | append include/rove/version.h
notices comments 'macro ROVE_PLANTED has no comment' 'a macro without a comment'

printf '\nstruct rove_planted;\n' | append include/rove/version.h
notices comments 'struct rove_planted is defined nowhere' 'an opaque struct without a comment'

sed '/^\/\/\/ @file/d' "$root/include/rove/version.h" | plant include/rove/version.h
notices comments 'does not open with /// @file' 'a header whose head is no page'

printf '\n/// Planted.\nROVE_API int rove_planted(void);\n' | append include/rove/version.h
notices headers 'does not export it' 'a public prototype that nobody defines'

printf '\n/// Planted.\nint rove_planted(void);\n' | append include/rove/version.h
notices comments 'has neither ROVE_API nor ROVE_INLINE' 'a public prototype without its mark'

grep -v 'rove_version_number(void);' "$root/include/rove/version.h" | plant include/rove/version.h
notices headers 'no public header declares it' 'an export without a prototype'

printf '\n/// Planted.\nROVE_API size_t rove_version_planted(void);\n' | append include/rove/version.h
notices alone 'does not compile alone as C11' 'a header that needs another one first'

printf '\n/// Planted.\nstatic inline int rove_planted(void)\n{\n    return 1;\n}\n' |
    append include/rove/version.h
notices comments 'has neither ROVE_API nor ROVE_INLINE' 'an inline function without a symbol'

printf '\n/// Planted.\nROVE_INLINE int rove_planted(void)\n{\n    return 1;\n}\n' |
    append include/rove/version.h
notices headers 'does not export it' 'an inline function that the library does not hold'

printf '\n/// Planted.\nROVE_INLINE char *rove_planted(void *p)\n{\n    return p;\n}\n' |
    append include/rove/version.h
if ! command -v c++ >/dev/null && ! command -v clang++ >/dev/null; then
    fresh
else
    notices alone 'does not compile alone as C++17' 'a header that is not C++'
fi

if command -v c++ >/dev/null || command -v clang++ >/dev/null; then
    printf '#include <rove/rove.h>\ninline rove::planted planted();\n' | plant include/rove/planted.hpp
    notices alone 'does not compile alone as c++17' 'a header of C++ that needs another one first'
    printf '#include <stdexcept>\ninline void planted() { throw std::runtime_error(""); }\n' |
        plant include/rove/rove.hpp
    notices alone 'does not compile alone as c++17 -fno-exceptions' 'a wrapper that cannot do without exceptions'
fi

# ---- listed, words, spdx ----------------------------------------------------------------------

: | plant core/base/planted.c
notices listed 'is in no CMakeLists' 'a source that no list names'

# The forbidden words are spelled in two halves, or the lint would find them here.
for word in "TO""DO" "FIX""ME" "XX""X" "HA""CK"; do
    printf '// %s: finish this\n' "$word" | append core/base/version.c
    notices words 'marks unfinished work' "the word $word"
done
printf 'include /%s/main/rove.mk\n' work | plant docs/planted.md
notices words 'path of one machine' 'a path of one machine'

printf '// no licence\nint planted;\n' | plant core/base/planted.c
notices spdx 'lacks its SPDX' 'a source without a licence'

printf '// SPDX-License-Identifier: MIT\n\nint planted;\n' | plant core/base/planted.c
notices spdx 'lacks its line of purpose' 'a source without a purpose'

# ---- sequence ---------------------------------------------------------------------------------

printf 'int a(int *), b(int, int);\nstatic int planted(int x)\n{\n    return b(a(&x), 1 + a(&x));\n}\n' | append core/base/version.c
notices sequence 'two of its arguments' 'a call that depends on which argument comes first'

# ---- docs -------------------------------------------------------------------------------------

# with_readme: the copy gets the pages too; README.md shows an example of one line.
with_readme() {
    printf '// licence\n// purpose\nint shown;\n' | plant docs/examples/00_readme.c
    printf '# rove\n\n```c\nint %s;\n```\n' "$1" | plant README.md
}

with_readme other
notices docs 'the example differs' 'a README whose example is not the one that is compiled'

with_readme shown
printf 'See [there](docs/planted.md).\n' | append README.md
notices docs 'leads nowhere' 'a link to a page that is not there'

with_readme shown
printf 'It is in `core/planted.c`.\n' | append README.md
notices docs 'there is no core/planted.c' 'a path that is not there'

with_readme shown
printf '// licence\n// purpose\nint shown;\n' | plant docs/examples/10_planted.c
notices docs 'no page shows anything' 'an example that no page shows'

with_readme shown
printf '%0151d\n' 7 | append README.md
notices docs 'a line of 151 characters' 'a line of prose that is too long'

with_readme shown
printf '%0150d\n| %0150d |\n' 7 7 | plant docs/planted.md
lets docs 'planted.md:[12]: a line' 'a line that is just short enough, and a wide table'

with_readme shown
printf '| what | 12.5 ns | 3 KiB |\n' | append README.md
printf '| row | 12.6 ns (2.5 ns) |\n' | plant docs/benchmarks.md
notices docs '12.5 ns stands in no row' 'a figure that nothing has printed'

with_readme shown
printf '<!-- code: shown.c -->\n\n```c\nint   shown;\n```\n\n```c\nint other;\n```\n' | plant docs/planted.md
printf 'int shown;\n' | plant docs/shown.c
notices docs 'planted.md:7: this code is not in docs/shown.c' 'code on a page that is in no file'

with_readme shown
printf '<!-- code and tables: shown.c -->\n\n| theirs | ours |\n|---|---|\n| `x \\| y` | `a \\| b` or `c` |\n' |
    plant docs/planted.md
printf 'a | b\n' | plant docs/shown.c
notices docs '`c` is not in docs/shown.c' 'code in a table that is in no file'

with_readme shown
printf '<!-- code: none.c -->\n' | plant docs/planted.md
notices docs 'there is no docs/none.c' 'code of a file that is not there'

with_readme shown
printf '<!-- code and tables: shown.c -->\n\n| t | `o` |\n|---|---|\n| `x` | `o` |\n\n```cpp\n  o;\n```\n' |
    plant docs/planted.md
printf 'if (o)\n    o;\n' | plant docs/shown.c
lets docs docs/planted.md: 'code on a page that is in its file'

with_readme shown
lets docs README.md: 'a README that shows its example'

# ---- plots ------------------------------------------------------------------------------------

pictures() {
    mkdir -p "$work/tree/docs"
    cp -R "$root/docs/plots" "$root/docs/benchmarks.md" "$root/docs/benchmarks-filters.md" "$work/tree/docs"
}

pictures
lets plots 'shows other figures' 'pictures that show what the tables say'
pictures
sed 's/| [0-9.]* ns (/| 1234 ns (/' "$root/docs/benchmarks.md" | plant docs/benchmarks.md
notices plots 'shows other figures than the table' 'a table that was measured anew'
pictures
sed 's/| -   *|       | [0-9.]* MB/| -         |       | 1234 MB/' "$root/docs/benchmarks-filters.md" | plant docs/benchmarks-filters.md
notices plots 'shows other figures than the table' 'the limit of a row without a peer'
pictures
sed '/plots\/rope-4/d' "$root/docs/benchmarks.md" | plant docs/benchmarks.md
notices plots 'docs/benchmarks.md: does not show plots/rope-4.svg' 'a picture that its page does not show'

# ---- exports ----------------------------------------------------------------------------------

echo rove_x >"$work/list"

# build CODE [LINK-OPTION...]: a library in place of ours.
build() {
    echo "$1" >"$work/planted.c"
    shift
    "$cc" -fPIC -c -o "$work/planted.o" "$work/planted.c"
    "$cc" -shared -o "$work/librove.so" "$work/planted.o" "$@"
    rm -f "$work/librove.a"
    ar rc "$work/librove.a" "$work/planted.o"
}

build 'int rove_x(void) { return 1; }'
lets exports planted 'names that begin with rove_'

build 'int rove_x(void) { return 1; } int planted(void) { return 1; }'
notices exports 'exports planted' 'an export without the prefix'

build 'int rove_y(void) { return 1; }'
notices exports 'lost rove_x' 'a function that is gone'

build 'int rove_x(void) { return 1; } int rove_planted(void) { return 1; }'
notices exports 'rove_planted is not in' 'a function that nobody has promised'

build 'int rove_x(void) { return 1; } __attribute__((visibility("hidden"))) int planted;'
notices exports 'shows planted' 'a symbol of the archive without a prefix'

build 'void *mallocx(unsigned long, int); void *rove_x(void) { return mallocx(1, 0); }'
notices exports 'may only be a weak reference' 'a strong reference to jemalloc'

build 'static int x; int *f(void) { return &x; }' -Wl,--version-script=/dev/stdin <<'MAP'
{ local: *; };
MAP
notices exports 'exports nothing' 'a library that shows nothing'

rm -rf "$work"
echo "test_lints: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
