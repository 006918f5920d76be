#!/bin/sh
# SPDX-License-Identifier: MIT
# A coded file that is damaged or cut anywhere: status 1, one sentence with the place, no output.

. "$(dirname "$0")/lib.sh"

noise 85000 > source
seq 1 4000 >> source
"$rove" compress -F gzip -o whole.gzip source || bad "gzip"
"$rove" compress -F lz4 -o whole.lz4 source || bad "lz4"
"$rove" compress -F zlib -o whole.zlib source || bad "zlib"

# refuses WHAT FILTER: `damaged` is not decoded.
refuses() {
    ends 1 "$1" "$rove" decompress -F "$2" -o out damaged
    says "$1" '^rove: damaged: .*(offset|byte) [0-9]+'
    checked=$((checked + 1))
    if [ -e out ]; then
        bad "$1: there is an output"
        rm -f out
    fi
}

# flip FILE AT BIT: `damaged` is FILE with one bit turned over.
flip() {
    byte=$(od -An -tu1 -j"$2" -N1 "$1")
    cp "$1" damaged
    # shellcheck disable=SC2059
    printf "\\$(printf %03o $((byte ^ (1 << $3))))" |
        dd of=damaged bs=1 seek="$2" conv=notrunc 2>/dev/null
}

# Some bits the formats leave unchecked: gzip's time, extra flags and system, and what pads a stored
# deflate block, and the last one, to a whole byte. There a flip must change nothing.
# survives FILTER WHAT: `damaged` is decoded to what it was.
survives() {
    "$rove" decompress -F "$1" -o out damaged 2>/dev/null || return 1
    cmp -s out source || bad "$2: decoded, but to something else"
    rm -f out
    harmless=$((harmless + 1))
}

# places LEN: the first and the last bytes, and some all over; fewer where amounts are scaled down.
places() {
    seq 0 "$(amount 1 2)" 24
    seq 25 $(($1 / $(amount 80 6) + 1)) $(($1 - 25))
    seq $(($1 - 24)) "$(amount 1 3)" $(($1 - 1))
}

for filter in gzip lz4 zlib; do
    len=$(wc -c < whole.$filter)
    yes "$filter: about 100 KB" test "$len" -gt 90000 -a "$len" -lt 110000
    bit=0
    harmless=0
    for at in $(places "$len"); do
        flip whole.$filter "$at" $bit
        survives $filter "$filter: byte $at, bit $bit" ||
            refuses "$filter: byte $at, bit $bit" $filter
        head -c "$at" whole.$filter > damaged
        refuses "$filter: cut to $at bytes" $filter
        bit=$(((bit + 3) % 8))
    done
    case $filter in
        gzip) yes "gzip: harmless flips" test $harmless -le 9 ;;
        zlib) yes "zlib: harmless flips" test $harmless -le 3 ;;
        lz4) yes "lz4: harmless flips" test $harmless -le 1 ;; # a match may be found at two places
    esac
done

# Without -F the first bytes must tell.
noise 1000 > damaged
ends 1 "no format" "$rove" decompress -o out damaged
says "no format" '^rove: damaged: '
: > damaged
ends 1 "nothing" "$rove" decompress -o out damaged
no "no output" test -e out

# By pipes, and by `test`.
head -c 50000 whole.gzip > damaged
ends 1 "test" "$rove" test damaged
says "test" '^rove: damaged: .*(offset|byte) 50000'
ends 1 "by a pipe" sh -c '"$1" decompress < damaged > out' - "$rove"
says "by a pipe" '^rove: standard input: .*(offset|byte) 50000'
rm -f out

# What is good is decoded, whatever comes with it.
cp whole.gzip good.gz
ends 1 "one of three" "$rove" decompress good.gz damaged missing
yes "the good one" cmp good source

# A bomb.
head -c 20000000 /dev/zero | "$rove" compress > bomb.gz
ends 1 "--max-output" "$rove" decompress --max-output 1M bomb.gz
says "--max-output" '^rove: bomb.gz: .*--max-output'
ends 1 "--max-ratio" "$rove" decompress --max-ratio 100 bomb.gz
says "--max-ratio" '^rove: bomb.gz: .*--max-ratio'
no "no output" test -e bomb
# To a pipe comes what was decoded before the damage, as gzip has it.
seq 1 60000 > many
gzip -c many > many.gz
for at in 5000 30000 60000 100000; do
    flip many.gz $at 3
    "$rove" decompress -c damaged 2>/dev/null | cat > got
    gzip -dc < damaged 2>/dev/null > want
    yes "what comes before byte $at" test "$(wc -c < got)" -ge "$(wc -c < want)"
    yes "before byte $at: is right" cmp -n $at got many
done

nothing_left "damage"
done_testing
