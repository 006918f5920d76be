#!/bin/sh
# SPDX-License-Identifier: MIT
# `rove cat --follow`: what a writer has flushed comes out at once, and what becomes of the file is told.
# Usage: follow.sh PATH-OF-ROVE FOLDER-OF-PLUGINS

. "$(dirname "$0")/lib.sh"

export ROVE_FILTER_PATH="$2"
unset ROVE_PLUGINS

# wait_for COMMAND...: until it succeeds, ten seconds at most.
wait_for() {
    tries=0
    until "$@"; do
        tries=$((tries + 1))
        [ $tries -lt 500 ] || return 1
        sleep 0.02
    done
}

has_lines() { [ "$(wc -l < got)" -ge "$1" ]; }
says_soon() { grep -q "$1" said; }

# follow FILE: follows it in the background.
follow() {
    : > got
    "$rove" cat --follow "$@" > got 2> said &
    follower=$!
}

# ended STATUS WHAT: it ends by itself, with that status.
ended() {
    wait_for sh -c "! kill -0 $follower 2> /dev/null" || kill $follower
    code=0
    wait $follower || code=$?
    yes "$2: ends with $1" test $code -eq "$1"
}

# stop WHAT: it runs until a signal comes, and that ends it.
stop() {
    yes "$1: it is still there" kill -TERM $follower
    code=0
    wait $follower 2> /dev/null || code=$?
    yes "$1: a signal ends it" test $code -eq 143
}

# Members, frames: each piece is whole, and what follows it comes later.
formats='gzip bgzf lz4'
[ ! -f "$2/rove-filter-zstd.so" ] || formats="$formats zstd"
for format in $formats; do
    : > log
    follow log
    echo first | "$rove" compress -F $format >> log
    yes "$format: one line" wait_for has_lines 1
    echo second | "$rove" compress -F $format >> log
    yes "$format: another line" wait_for has_lines 2
    yes "$format: nothing is said" test ! -s said
    stop $format
    yes "$format: all of it" test "$(cat got)" = "$(printf 'first\nsecond')"
done

# Half a stream: flushed deflate data, and a header that comes byte by byte.
perl -MCompress::Raw::Zlib -e '
    my $d = Compress::Raw::Zlib::Deflate->new(-WindowBits => WANT_GZIP, -AppendOutput => 1);
    for my $i (1 .. 3) {
        my $out = "";
        $d->deflate("line $i\n", $out) if $i < 3;
        $d->flush($out, $i < 3 ? Z_SYNC_FLUSH : Z_FINISH);
        open my $f, ">", "piece$i" or die;
        print $f $out;
    }' 2> /dev/null
if [ -s piece3 ]; then
    : > log
    follow log
    head -c 1 piece1 >> log
    sleep 0.1
    tail -c +2 piece1 >> log
    yes "flushed: one line" wait_for has_lines 1
    cat piece2 >> log
    yes "flushed: another line" wait_for has_lines 2
    cat piece3 >> log
    stop "flushed"
    yes "flushed: all of it" test "$(cat got)" = "$(printf 'line 1\nline 2')"
fi

# A format that knows its end; another one behind it.
seq 1 1000 | "$rove" compress -F zlib > whole.zz
follow whole.zz
ended 0 "zlib"
yes "zlib: all of it" sh -c 'seq 1 1000 | cmp - got'
{ seq 1 10 | gzip -c && echo nonsense, and more of it; } > odd.gz
follow odd.gz
ended 2 "something follows"
yes "something follows: is told" grep -q 'odd.gz: other bytes follow' said

# What becomes of the file.
seq 1 5 | gzip -c > log
follow log
yes "renamed: what is there" wait_for has_lines 5
mv log log.1
yes "renamed: is told" wait_for says_soon '^rove: log: has lost its name (No such file or directory); what is added to it is still given$'
seq 6 7 | gzip -c >> log.1
yes "renamed: what is added" wait_for has_lines 7
echo new | gzip -c > log
ended 2 "replaced"
yes "replaced: is told" grep -q '^rove: log: is another file by now' said
seq 1 5 | gzip -c > log
follow log
yes "cut: what is there" wait_for has_lines 5
: > log
ended 1 "cut"
yes "cut: is told" grep -Eq '^rove: log: was cut to 0 bytes when [0-9]+ had been read$' said
{ seq 1 5 | gzip -c | head -c 10; head -c 300 /dev/zero | tr '\0' '\377'; } > bad.gz
follow bad.gz
ended 1 "damaged"
yes "damaged: is told" grep -q '^rove: bad.gz: ' said
echo plain text, and enough of it > plain
follow plain
ended 1 "not coded"

# Pipes: what was flushed comes out, the end is an end, and a reader that goes away ends it.
mkfifo pipe
: > got
"$rove" cat --follow < pipe > got 2> said &
follower=$!
{
    echo first | gzip -c
    wait_for has_lines 1 && : > came
    echo second | gzip -c
    wait_for has_lines 2 && : > came.too
} > pipe
ended 0 "pipe"
yes "pipe: one line at once" test -f came
yes "pipe: another line at once" test -f came.too
seq 1 5 | gzip -c > log
ends 0 "the reader goes away" sh -c '{ "$1" cat --follow log; echo $? > code; } | head -n 1 > got' - "$rove"
yes "the reader goes away: so do we" test "$(cat code)" -eq 141
ends 0 "the reader goes away, and no signal tells" sh -c \
    '{ env --ignore-signal=PIPE timeout 20 "$1" cat --follow log 2> said; echo $? > code; } | head -n 1 > got' - "$rove"
yes "the reader goes away, and no signal tells: so do we" test "$(cat code)" -eq 1
yes "the reader goes away, and no signal tells: is told" grep -qx 'rove: standard output: is read by nobody any more' said
cp log itself
ends 1 "into what is followed" sh -c 'timeout 20 "$1" cat --follow itself >> itself' - "$rove"
says "into what is followed" '^rove: standard output: is the input itself$'
yes "into what is followed: it stays" cmp log itself

# Misuse.
cp log other
for words in 'log other' '--range 0:1 log' '--index log.gzi log'; do
    ends 1 "cat --follow $words" "$rove" cat --follow $words
done
ends 1 "missing" "$rove" cat --follow missing
says "missing" '^rove: missing: cannot be read'
done_testing
