#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs of zeros are left out of the files that decompress makes, and read back as zeros.

. "$(dirname "$0")/lib.sh"

blocks() { stat -c %b "$1"; }

truncate -s 3M holes
[ "$(blocks holes)" -lt 100 ] || skip "this file system has no holes"

# made NAME: codes the file. coded bytes are in NAME.gz and NAME.lz4.
made() {
    "$rove" compress -k "$1" && "$rove" compress -k -F lz4 "$1" || bad "making $1"
}

# Zeros at the front, in the middle, at the end; data that begins and ends anywhere in a block.
for len in 0 1 4095 4096 4097; do
    {
        head -c 1000000 /dev/zero
        noise $((len + 3))
        head -c $((500000 + len)) /dev/zero
        noise 100
        head -c $((700000 - len)) /dev/zero
    } > mixed$len
    made mixed$len
    { cat mixed$len; printf x; } > ended$len
    made ended$len
done
head -c 100000 /dev/zero > zeros
printf '\0' > zero
: > nothing
noise 50000 > full
for file in zeros zero nothing full; do
    made $file
done

for file in mixed* ended* zeros zero nothing full; do
    case $file in *.gz | *.lz4) continue ;; esac
    for suffix in gz lz4; do
        rm -f out
        yes "$file.$suffix" "$rove" decompress -o out $file.$suffix
        yes "$file.$suffix: same bytes" cmp out $file
        yes "$file.$suffix: same length" test "$(stat -c %s out)" = "$(stat -c %s $file)"
        case $file in
            mixed* | ended* | zeros)
                yes "$file.$suffix: has holes" test "$(blocks out)" -lt 150
                yes "$file.$suffix --no-sparse" "$rove" decompress --no-sparse -f -o out $file.$suffix
                yes "$file.$suffix: has none" test "$(($(blocks out) * 512))" -ge "$(stat -c %s $file)"
                yes "$file.$suffix: same bytes again" cmp out $file
                ;;
        esac
    done
done

# Standard output: only when asked, and only where a hole cannot show what was there before.
to() { yes "$1" sh -c "$2" - "$rove"; }
to "as it is" '"$1" decompress -c mixed0.gz > out'
yes "none" test "$(blocks out)" -gt 4000
to "--sparse" '"$1" decompress --sparse -c mixed0.gz > out'
yes "holes" test "$(blocks out)" -lt 150
yes "same" cmp out mixed0
to "behind what is there" '{ printf 12345; "$1" decompress --sparse -c mixed0.gz; printf 67; } > out'
yes "holes, too" test "$(blocks out)" -lt 150
{ printf 12345; cat mixed0; printf 67; } > want
yes "same, too" cmp out want
to "appended" ': > out; "$1" decompress --sparse -c mixed0.gz >> out'
yes "same when appended" cmp out mixed0
noise 3000000 > out
to "over what is there" '"$1" decompress --sparse -c mixed0.gz 1<> out'
yes "zeros are zeros" cmp -n "$(stat -c %s mixed0)" out mixed0
to "a pipe" '"$1" decompress --sparse -c mixed0.gz | cmp - mixed0'
yes "a device" "$rove" decompress --sparse -o /dev/null mixed0.gz
yes "the last one counts" "$rove" decompress --sparse --no-sparse -f -o out mixed0.gz
yes "as it says" test "$(blocks out)" -gt 4000

if can_fail; then
    rm -f out
    ends 1 "the last zero cannot be written" failing pwrite:1:28 "$rove" decompress -o out zeros.gz
    says "the last zero cannot be written" '^rove: out: .*No space left'
    no "nothing is left" test -e out
fi
nothing_left "sparse"
done_testing
