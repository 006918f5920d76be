#!/bin/sh
# SPDX-License-Identifier: MIT
# The count at the end of .ci/run, with tools that only pretend. Usage: ci.sh SOURCE-FOLDER

set -u
source=${1:?usage: $0 SOURCE-FOLDER}
if [ ! -f "$source/.ci/run" ] || ! command -v bash > /dev/null; then
    echo "skipped: there is no .ci/run, or no bash"
    exit 77
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/rove-ci.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
mkdir "$work/.ci" "$work/core" "$work/filters" "$work/bin"
: > "$work/core/x.c"
: > "$work/filters/x.c"
: > "$work/CMakeLists.txt"
cp "$source/.ci/run" "$work/.ci/run"
cp "$source/run" "$work/run"

# pretend NAME: standard input is the tool.
pretend() { { echo '#!/bin/sh'; cat; } > "$work/bin/$1" && chmod +x "$work/bin/$1"; }
echo "echo 'install ok installed'" | pretend dpkg-query
echo 'exit 1' | pretend apt-get
echo 'exit 1' | pretend clang # without libFuzzer: that step is skipped
echo 'exit 0' | pretend cppcheck
echo 'exit 0' | pretend shellcheck
pretend cmake << 'EOF'
case $1 in
    --version) echo 'cmake version 3.25.1' ;;
    --build) exit "${BUILDS:-0}" ;;
    *)
        while [ "$1" != -B ]; do shift; done
        mkdir -p "$2"
        ;;
esac
EOF
pretend ctest << 'EOF'
[ -z "${SAID:-}" ] || printf '%s\n' "$SAID"
exit "${TESTED:-0}"
EOF

failed=0
# ends STATUS LAST: .ci/run does so, and that is its last line.
ends() {
    status=0
    env -u ROVE_TEST_SCALE PATH="$work/bin:$PATH" bash "$work/.ci/run" > "$work/said" 2>&1 || status=$?
    last=$(tail -n 1 "$work/said")
    if [ "$status" -ne "$1" ] || [ "$last" != "$2" ]; then
        sed 's/^/    /' "$work/said"
        echo "FAILED: status $status, \"$last\" instead of $1, \"$2\""
        failed=1
    fi
}

# Three steps run tests, one lints by three tools, and one is skipped.
lines='1/3 Test #1: one ...   Passed    0.01 sec
2/3 Test #2: two ...***Skipped   0.01 sec'
export SAID TESTED BUILDS
TESTED=0 BUILDS=0 SAID="$lines
3/3 Test #3: three ...   Passed    0.01 sec

100% tests passed, 0 tests failed out of 3"
ends 0 '9 passed, 0 failed'
TESTED=8 SAID="$lines
3/3 Test #3: three ...***Failed    0.01 sec

67% tests passed, 1 tests failed out of 3

The following tests FAILED:
	  3 - three (Failed)"
ends 1 '6 passed, 3 failed'
TESTED=134 SAID='' # it dies
ends 1 '3 passed, 3 failed'
TESTED=0 BUILDS=2
ends 1 '2 passed, 4 failed'
[ $failed -eq 0 ] && echo "the counts are right"
exit $failed
