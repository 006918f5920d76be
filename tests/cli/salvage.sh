#!/bin/sh
# SPDX-License-Identifier: MIT
# What follows the end of coded data, and what can be had of data that is damaged or cut.

. "$(dirname "$0")/lib.sh"

noise 900000 > source
seq 1 "$(amount 100000 20000)" >> source
for filter in gzip lz4 zlib; do
    "$rove" compress -F $filter -o whole.$filter source || bad "$filter"
done

# decodes STATUS WHAT OPTION...: `damaged`, by each way out; what comes is left in `out`.
decodes() {
    status=$1 of=$2
    shift 2
    rm -f out
    ends "$status" "$of, by pipes" sh -c 'shift; "$@" < damaged > piped' - - "$rove" decompress "$@"
    ends "$status" "$of, test" "$rove" test "$@" damaged
    ends "$status" "$of" "$rove" decompress "$@" -o out damaged
}

# Zeros and other bytes behind the end.
tail_of() {
    case $1 in
        zero) printf '\0' ;;
        zeros) head -c 70000 /dev/zero ;;
        garbage) printf garbage ;;
        garbage-in-zeros) head -c 70000 /dev/zero && printf x && head -c 300000 /dev/zero ;;
        noise) tail -c +2000 source ;;
        almost) printf '\037x' ;;
    esac
}
for filter in gzip lz4 zlib; do
    for tail in zero zeros garbage garbage-in-zeros noise almost; do
        { cat whole.$filter && tail_of $tail; } > damaged
        name="$filter and $tail"
        case $tail in
            zero | zeros) follows=zeros ;;
            *) follows='other bytes' ;;
        esac
        decodes 2 "$name" -F $filter
        says "$name" "^rove: damaged: $follows follow the end of the coded data, and are ignored$"
        yes "$name: all of it" cmp out source
        yes "$name: all of it by pipes" cmp piped source
        decodes 2 "$name, --salvage" --salvage
        yes "$name, --salvage: all of it" cmp out source
        decodes 1 "$name, --strict" --strict
        says "$name, --strict" "^rove: damaged: $follows follow the end of the coded data$"
        no "$name, --strict: no output" test -e out
    done
    cp whole.$filter damaged
    decodes 0 "$filter, --strict" --strict
    decodes 0 "$filter, --salvage" --salvage
    yes "$filter, --salvage: all of it" cmp out source
done

# What the text of the chain lets pass is no reason to warn; --strict has the last word.
for filter in gzip lz4; do
    for tail in zeros garbage-in-zeros; do
        { cat whole.$filter && tail_of $tail; } > damaged
        decodes 0 "$filter:trailing=ignore and $tail" -F $filter:trailing=ignore
        quiet "$filter:trailing=ignore and $tail"
        yes "$filter:trailing=ignore and $tail: all of it" cmp out source
        decodes 1 "$filter:trailing=ignore and $tail, --strict" --strict -F $filter:trailing=ignore
        says "$filter:trailing=ignore and $tail, --strict" "^rove: damaged: .*follow the last"
    done
    decodes 2 "$filter:trailing=zeros and others" -F $filter:trailing=zeros
    { cat whole.$filter && tail_of zeros; } > damaged
    decodes 0 "$filter:trailing=zeros and zeros" -F $filter:trailing=zeros
    decodes 2 "$filter:trailing=refuse and zeros" -F $filter:trailing=refuse
done
ends 2 "the stock gzip agrees" sh -c '{ cat whole.gzip && printf garbage; } | gzip -dc > stock'
yes "on what comes out, too" cmp stock source

# All that is inside is checked first: what is cut there is damage, whatever follows outside.
head -c 1000 whole.lz4 | "$rove" compress > damaged
printf garbage >> damaged
decodes 1 "damage inside" -F 'lz4|gzip'
says "damage inside" 'layer 1 of 2 \(lz4\).*ends'

# Damaged and cut data: what comes before is delivered, when that is asked for.
for filter in gzip lz4 zlib; do
    len=$(wc -c < whole.$filter)
    for at in 1 $((len / 3)) $((len * 3 / 4)) $((len - 4)) $((len - 1)); do
        head -c $at whole.$filter > damaged
        decodes 1 "$filter cut to $at" -F $filter
        no "$filter cut to $at: no output" test -e out
        [ $at -gt 1 ] || continue
        decodes 2 "$filter cut to $at, --salvage" --salvage -F $filter
        says "$filter cut to $at, --salvage" '^rove: damaged: .*; what came before is kept$'
        yes "$filter cut to $at, --salvage: the beginning" cmp -n "$(wc -c < out)" out source
        yes "$filter cut to $at, --salvage: as much by pipes" cmp out piped
        yes "$filter cut to $at, --salvage: most of it" test "$(wc -c < out)" -ge $((at - 262144))
    done
    { head -c $((len * 3 / 4)) whole.$filter && noise 5000 && tail -c 1000 whole.$filter; } > damaged
    decodes 1 "$filter with a hole" -F $filter
    decodes 2 "$filter with a hole, --salvage" --salvage -F $filter
    yes "$filter with a hole: the beginning" cmp -n $((len / 4)) out source
done
gzip -dc < whole.gzip > all
{ cat whole.gzip && head -c 100000 whole.gzip; } > damaged
decodes 2 "a cut second member" --salvage
yes "the first is whole" cmp -n "$(wc -c < source)" out source
{ cat whole.gzip && printf '\037\213junkjunkjunk'; } > damaged
decodes 1 "a second member of an unknown kind"
decodes 2 "a second member of an unknown kind, --salvage" --salvage
yes "the first is whole" cmp out source

# Nothing to be had is a failure all the same, and so is what no decoder can be blamed for.
printf 'no format at all' > damaged
decodes 1 "no format" --salvage
no "no format: no output" test -e out
head -c 5 whole.gzip > damaged
decodes 1 "a cut header" --salvage
cp whole.gzip damaged
decodes 1 "a limit" --salvage --max-output 1000
if can_fail; then
    ROVE_FAULT_FILE=damaged
    export ROVE_FAULT_FILE
    cp whole.zlib damaged
    head -c 500000 /dev/zero >> damaged
    reads=$(($(wc -c < whole.zlib) / 262144 + 2))
    for read in 1 2 $reads; do
        ends 1 "read $read fails" failing "read:$read:5" "$rove" decompress --salvage -F zlib -f -o out damaged
        says "read $read fails" '^rove: damaged: .*Input/output error'
    done
fi
yes "--stats counts what was moved" sh -c '
    { printf 12345; "$1" decompress -c --stats=figures whole.gzip; } > got
    grep -q " bytes_out=$(wc -c < source) " figures' - "$rove"
nothing_left "salvage"
done_testing
