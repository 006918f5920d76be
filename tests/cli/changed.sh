#!/bin/sh
# SPDX-License-Identifier: MIT
# Inputs that fail or change while they are read, and descriptors that do not block.

. "$(dirname "$0")/lib.sh"

noise 3000000 > source
for filter in gzip lz4 zlib deflate; do
    "$rove" compress -F $filter -o "whole.$filter" source || bad "$filter"
done
"$rove" sum -F xxh3 source > sums

# A file that is written to while it is read: a warning, and status 2. The output is slow to be taken
# so that the reader is still at it.
for change in 'truncate -s 1000000' 'truncate -s 4000000' 'touch -d 2001-01-01'; do
    cp source input
    mkfifo slow
    { sleep 0.2; $change input; cat; } < slow > got &
    ends 2 "$change" "$rove" compress -F lz4 -o slow input
    wait
    rm slow
    says "$change" '^rove: input: (shrank|grew|changed) while it was read$'
    yes "$change: what was read is there" lz4 -tq got
done

if can_fail; then
    ROVE_FAULT_FILE=input
    export ROVE_FAULT_FILE
    cp source listed
    for change in grow:2 shrink:2 touch:2; do
        for filter in gzip lz4; do
            cp source input
            ends 2 "compress $filter, $change" \
                failing $change "$rove" compress -f -F $filter -o out input
            says "compress $filter, $change" '^rove: input: (shrank|grew|changed) while it was read$'
            yes "compress $filter, $change: there is an output" "$rove" test out
        done
        cp source input
        ends 2 "sum, $change" sh -c 'ROVE_FAULT=$2 LD_PRELOAD=$ROVE_FAULTS "$1" sum input > got' - \
            "$rove" $change
        says "sum, $change" '^rove: input: (shrank|grew|changed) while it was read$'
        yes "sum, $change: the sum of what was read" grep -q 'input$' got
        cp source input
        ends 2 "by standard input, $change" \
            sh -c 'ROVE_FAULT=$2 LD_PRELOAD=$ROVE_FAULTS "$1" compress < input > out' - "$rove" $change
        says "by standard input, $change" '^rove: standard input: (shrank|grew|changed) while'
        # A coded file that shrinks or grows is also damaged, but not one that is only touched.
        [ $change = touch:2 ] || continue
        cp whole.gzip input
        ends 2 "test, $change" failing $change "$rove" test input
        says "test, $change" '^rove: input: changed while it was read$'
        cp whole.gzip input
        ends 2 "decompress, $change" failing $change "$rove" decompress -f -o out input
        yes "decompress, $change: there is an output" cmp out source
        cp source input
        sed 's/source/input/' sums > list
        ends 2 "sum -c, $change" \
            sh -c 'ROVE_FAULT=$2 LD_PRELOAD=$ROVE_FAULTS "$1" sum -F xxh3 -c list > got' - "$rove" $change
    done

    # A read that fails in the middle: nothing that was made of the rest looks like a whole file.
    for filter in gzip lz4 zlib deflate; do
        cp source input
        ends 1 "compress -c $filter" \
            sh -c 'ROVE_FAULT=read:4:5 LD_PRELOAD=$ROVE_FAULTS "$1" compress -F $2 -c input > got' - \
            "$rove" $filter
        says "compress -c $filter" '^rove: input: .*Input/output error'
        no "compress -c $filter: what came out is whole" "$rove" test -F $filter got
        rm -f out
        ends 1 "compress -o $filter" failing read:4:5 "$rove" compress -F $filter -o out input
        no "compress -o $filter: an output" test -e out
        cp whole.$filter input
        ends 1 "decompress $filter" failing read:4:5 "$rove" decompress -F $filter -o out input
        says "decompress $filter" '^rove: input: .*Input/output error'
        no "decompress $filter: an output" test -e out
        ends 1 "test $filter" failing read:4:5 "$rove" test -F $filter input
    done
    cp source input
    ends 1 "sum" failing read:4:5 "$rove" sum input
    says "sum" '^rove: input: cannot be read: .*Input/output error'
    cp sums input
    ends 1 "sum -c" failing read:1:5 "$rove" sum -c input
    says "sum -c" '^rove: input: cannot be read: .*Input/output error'
    # A read that fails far behind what is wanted, where the blocks are looked for.
    "$rove" compress -o input source -f || bad "changed: blocks"
    for fault in read:3:5 read:10:5; do
        ends 0 "cat --range, $fault" sh -c 'ROVE_FAULT=$2 LD_PRELOAD=$ROVE_FAULTS "$1" cat --range 0:100 input > got' - \
            "$rove" $fault
        yes "cat --range, $fault: all of it" sh -c 'head -c 100 source | cmp - got'
        for how in "" --data --sizes --blocks; do
            # shellcheck disable=SC2086 # a word or none
            ends 1 "list $how, $fault" failing $fault "$rove" list $how input
            says "list $how, $fault" '^rove: input: .*Input/output error$'
        done
    done
    # An index is of what it was made of, which is read once more when it is written.
    cp whole.gzip input
    nth=1 got=1
    while [ $got -eq 1 ] && [ $nth -lt 100 ]; do
        got=0
        failing read:$nth:5 "$rove" index -f input 2> "$err" || got=$?
        [ $got -eq 0 ] || says "index, read:$nth" '^rove: input: .*Input/output error$'
        nth=$((nth + 1))
    done
    yes "index: at last it could be read" test $got -eq 0 -a $nth -gt 4
    unset ROVE_FAULT_FILE

    # A tar whose bytes come back damaged from where they waited.
    cat source source source > large
    for filter in gzip lz4 zlib; do
        ends 1 "pack $filter" \
            sh -c 'ROVE_FAULT=flip:20 LD_PRELOAD=$ROVE_FAULTS "$1" pack --memory 2M -F $2 --prepend input large > got' - \
            "$rove" $filter
        says "pack $filter" 'gave back other bytes'
        no "pack $filter: what came out is whole" "$rove" test -F $filter got
    done
fi

# Descriptors that do not block belong to others, too: they are waited for, and left as they are.
if command -v perl > /dev/null; then
    cat > unblock.pl <<'EOF'
# Runs a command whose standard input, or output, is a slow pipe that does not block. Fails when the
# command does, or has changed the pipe.
use strict;
use Fcntl;
my ($way, $file, @command) = @ARGV;
pipe(my $from, my $to);
my $ours = $way eq 'in' ? $from : $to;
fcntl($ours, F_SETFL, fcntl($ours, F_GETFL, 0) | O_NONBLOCK);
my $command = fork();
if ($command == 0) {
    open(STDIN, '<&', $from) if $way eq 'in';
    open(STDOUT, '>&', $to) if $way eq 'out';
    exec { $command[0] } @command;
}
my $peer = fork();
if ($peer == 0) {
    close($ours);
    if ($way eq 'in') {
        open(my $source, '<', $file);
        while (sysread($source, my $bytes, 200000)) {
            select(undef, undef, undef, 0.02);
            print $to $bytes;
        }
    } else {
        close($to);
        open(my $target, '>', $file);
        while (sysread($from, my $bytes, 30000)) {
            select(undef, undef, undef, 0.005);
            print $target $bytes;
        }
    }
    exit 0;
}
close($way eq 'in' ? $to : $from);
waitpid($command, 0);
my $status = $?;
my $blocks = !(fcntl($ours, F_GETFL, 0) & O_NONBLOCK);
close($ours);
waitpid($peer, 0);
exit($status >> 8 ? $status >> 8 : $blocks ? 9 : 0);
EOF
    for filter in gzip lz4; do
        yes "$filter from a pipe that does not block" \
            sh -c 'perl unblock.pl in source "$1" compress -F $2 > got' - "$rove" $filter
        yes "$filter: all of it" sh -c '"$1" decompress -F $2 < got | cmp - source' - "$rove" $filter
        yes "$filter into a pipe that does not block" \
            perl unblock.pl out got "$rove" compress -F $filter -c source
        yes "$filter: all of it" sh -c '"$1" decompress -F $2 < got | cmp - source' - "$rove" $filter
        yes "back from one" \
            sh -c 'perl unblock.pl in "$2" "$1" decompress | cmp - source' - "$rove" whole.$filter
        yes "back into one" perl unblock.pl out got "$rove" decompress -c whole.$filter
        yes "all of it" cmp got source
    done
    yes "pack into one" perl unblock.pl out got "$rove" pack source
    yes "all of it" sh -c 'tar -xOf got source | cmp - source'
    yes "sum of one" sh -c 'perl unblock.pl in source "$1" sum -F xxh3 - > got' - "$rove"
    yes "its sum" sh -c 'sed s/source/-/ sums | cmp - got'
fi
nothing_left "changed"
done_testing
