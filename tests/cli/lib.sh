# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# What the tests of the command share. A test begins with `. "$(dirname "$0")/lib.sh"`; its argument is the
# command's path. Each works in a folder of its own and ends with `done_testing`.

set -u
LC_ALL=C
export LC_ALL

rove=${1:?usage: $0 PATH-OF-ROVE}
case $rove in
    /*) ;;
    *) rove=$PWD/$rove ;;
esac
[ -x "$rove" ] || {
    echo "$rove is not there"
    exit 1
}
failed=0
checked=0

work=$(mktemp -d "${TMPDIR:-/tmp}/rove-cli.XXXXXX") || exit 1
trap 'chmod -R u+rwx "$work" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir "$work/in" "$work/err"
cd "$work/in" || exit 1
err=$work/err/last

bad() {
    failed=$((failed + 1))
    printf 'FAILED: %s\n' "$*"
    [ ! -s "$err" ] || sed 's/^/    stderr: /' "$err"
}

# yes WHAT COMMAND...: the command succeeds. What it prints on stderr goes to $err.
yes() {
    what=$1
    shift
    checked=$((checked + 1))
    "$@" 2>"$err" || bad "$what: status $?: $*"
}

# no WHAT COMMAND...: the command fails.
no() {
    what=$1
    shift
    checked=$((checked + 1))
    if "$@" 2>"$err"; then
        bad "$what: $*"
    fi
}

# ends STATUS WHAT COMMAND...: the command ends with that status.
ends() {
    want=$1 what=$2
    shift 2
    checked=$((checked + 1))
    got=0
    "$@" 2>"$err" || got=$?
    [ "$got" -eq "$want" ] || bad "$what: status $got instead of $want: $*"
}

# says WHAT PATTERN: the last command's stderr is one line, and the line matches.
says() {
    checked=$((checked + 1))
    # By the shell itself, as it is asked thousands of times. The second read sees a line without end, too.
    if ! { IFS= read -r _line && ! IFS= read -r more && [ -z "$more" ]; } < "$err"; then
        bad "$1: not one line on stderr"
    elif ! grep -Eq -- "$2" "$err"; then
        bad "$1: stderr does not match '$2'"
    fi
}

# mentions WHAT PATTERN: some line of the last command's stderr matches.
mentions() {
    checked=$((checked + 1))
    grep -Eq -- "$2" "$err" || bad "$1: stderr does not match '$2'"
}

# quiet WHAT: the last command said nothing on stderr.
quiet() {
    checked=$((checked + 1))
    [ ! -s "$err" ] || bad "$1: is not quiet"
}

# nothing_left WHAT: no temporary file of the command lies here.
nothing_left() {
    checked=$((checked + 1))
    left=$(find . -name '.rove-*' -print)
    [ -z "$left" ] || bad "$1: left behind: $left"
}

# stop_it SIGNAL PID: sends it to that process, which reads from descriptor 3 and would write `stopped`. It ends by it and
# leaves no file.
stop_it() {
    kill "-$1" "$2"
    got=0
    wait "$2" 2> /dev/null || got=$?
    exec 3>&-
    checked=$((checked + 1))
    [ "$got" -gt 128 ] && [ "$(kill -l $((got - 128)))" = "$1" ] || bad "$1: status $got"
    no "$1: no output" test -e stopped
    nothing_left "$1"
}

# amount FULL QUICK: how much of what repeats itself; QUICK where amounts are scaled down, as by `./run test`.
amount() {
    case ${ROVE_TEST_SCALE:-1} in
        0* | .*) echo "$2" ;;
        *) echo "$1" ;;
    esac
}

# noise LEN: bytes that do not compress, the same in each run.
noise() {
    perl -e 'srand 1; print substr pack("N*", map { int rand 2 ** 32 } 0 .. $ARGV[0] / 4), 0, $ARGV[0]' "$1"
}

# as_nobody COMMAND...: runs it as an ordinary user. Only where may_be_nobody says so.
as_nobody() {
    if [ "$(id -u)" -eq 0 ]; then
        setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
    else
        "$@"
    fi
}

may_be_nobody() {
    [ "$(id -u)" -ne 0 ] && return 0
    chmod 755 "$work" "$work/in"
    as_nobody "$rove" --version >/dev/null 2>&1
}

# failing CALL:NTH:ERRNO COMMAND...: runs it with a call that fails; see faults.c. Only where
# can_fail says so.
failing() {
    fault=$1
    shift
    env ROVE_FAULT="$fault" LD_PRELOAD="$ROVE_FAULTS" "$@"
}

can_fail() {
    [ -n "${ROVE_FAULTS:-}" ] && [ -f "$ROVE_FAULTS" ] && failing none:1 "$rove" --version >/dev/null
}

# The test needs what is not here.
skip() {
    echo "skipped: $*"
    exit 77
}

done_testing() {
    if [ "$failed" -gt 0 ]; then
        echo "$failed of $checked checks FAILED"
        exit 1
    fi
    echo "$checked checks passed"
    exit 0
}
