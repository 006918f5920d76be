#!/bin/sh
# SPDX-License-Identifier: MIT
# A command that is stopped leaves no file behind, and its parent sees by what it was stopped.

. "$(dirname "$0")/lib.sh"

mkfifo feed

# start COMMAND...: begins to compress what comes through `feed`, which descriptor 3 keeps open, and
# waits for the temporary file. $pid is the command's.
start() {
    rm -f out
    "$@" compress --no-sync -o out < feed &
    pid=$!
    exec 3> feed
    noise 300000 >&3
    tries=0
    until [ -n "$(find . -name '.rove-*')" ] || [ $tries -ge 200 ]; do
        sleep 0.05
        tries=$((tries + 1))
    done
    yes "there is a temporary file" test -n "$(find . -name '.rove-*')"
    yes "for the owner alone" test "$(stat -c %a .rove-*)" = 600
    no "no output yet" test -e out
}

# finish: lets the command come to its end; $got is its status.
finish() {
    exec 3>&-
    got=0
    wait "$pid" 2>/dev/null || got=$?
}

# A shell without job control starts background commands with INT ignored; env puts it back.
for signal in HUP INT PIPE TERM XCPU XFSZ; do
    start env --default-signal=$signal "$rove"
    kill -$signal "$pid"
    got=0
    wait "$pid" 2>/dev/null || got=$?
    exec 3>&-
    number=$(kill -l $signal 2>/dev/null || echo 0)
    checked=$((checked + 1))
    [ "$got" -gt 128 ] && [ "$(kill -l $((got - 128)))" = "$signal" ] ||
        bad "$signal ($number): status $got"
    nothing_left "$signal"
    no "$signal: no output" test -e out
done

# What the parent had ignored stays ignored.
for signal in HUP INT TERM; do
    start env --ignore-signal=$signal "$rove"
    kill -$signal "$pid"
    sleep 0.1
    finish
    yes "$signal ignored: status" test "$got" -eq 0
    yes "$signal ignored: output" sh -c 'gzip -dc < out | wc -c | grep -qx 300000'
    nothing_left "$signal ignored"
done

# A file that took the temporary one's place is not ours to remove.
start env "$rove"
temp=$(find . -name '.rove-*')
rm -f "$temp"
echo mine > "$temp"
kill -TERM "$pid"
wait "$pid" 2>/dev/null
exec 3>&-
yes "another's file stays" test "$(cat "$temp")" = mine
rm -f "$temp"

# USR1 asks for a line about the progress.
start env "$rove" 2>asked
kill -USR1 "$pid"
noise 300000 >&3
sleep 0.1
finish
yes "USR1" test "$got" -eq 0
yes "USR1 answers" grep -q '^rove: compressing' asked
# shellcheck disable=SC2016 # of the inner shell
start sh -c 'exec "$0" "$@" --progress=json' "$rove" 2>asked
kill -USR1 "$pid"
noise 300000 >&3
sleep 0.1
finish
yes "USR1 answers in JSON" grep -q '^{"what": "compressing", .*"end": false}' asked
no "USR1 answers in JSON alone" grep -v '^{' asked

# A reader that goes away: silence.
noise 3000000 > source
"$rove" compress -c source 2>said | head -c 10 >/dev/null
no "no word about a closed pipe" test -s said
done_testing
