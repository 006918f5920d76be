#!/bin/sh
# SPDX-License-Identifier: MIT
# The completions for bash, zsh and fish know what --help knows, and no more; --help knows what the command takes.
#
# ROVE_WRITE_DOCS=1 makes them anew from this build instead of comparing.

root=$(cd "$(dirname "$0")/../.." && pwd)
. "$(dirname "$0")/lib.sh"

command -v perl > /dev/null || skip "no perl"
ends 1 "no path" "$rove" pack
! grep -q libarchive "$err" || skip "built without libarchive"
maker=$root/tools/completions/make.pl
made=$root/tools/completions

# What is committed is what the help gives today.
mkdir fresh
yes "they can be made" perl "$maker" "$rove" fresh
[ -z "${ROVE_WRITE_DOCS:-}" ] || cp fresh/* "$made"
for name in rove.bash _rove rove.fish; do
    yes "$name is of today; ROVE_WRITE_DOCS=1 makes it so" diff -u "$made/$name" "fresh/$name"
done

# Every option of the help is one, and every option that a verb takes is in its help, by its long name.
perl "$maker" "$rove" fresh --options > options
yes "there are some" test "$(wc -l < options)" -gt 100
every=$(amount 1 4) n=0
while read -r verb option value; do
    n=$((n + 1))
    [ $((n % every)) -eq 0 ] || continue
    # shellcheck disable=SC2086 # no word when it takes none
    yes "$verb $option $value" "$rove" "$verb" "$option" $value --help > help
    read -r line < help
    yes "$verb $option: help" test "${line#usage: rove "$verb"}" != "$line"
done < options
perl -0ne 'my ($table) = /option longs\[\] = \{(.*?)\n\};/s or next;
    my @names = $table =~ /\{"([a-z-]+)"/g;
    while (/\.name = "(\w+)"/g) { print "$1 --$_\n" for @names }' "$root"/tools/*.c > taken
yes "the tables are found" test "$(cut -d ' ' -f 1 taken | sort -u | wc -l)" -ge 10
# Verbs that share a table take all of it; compress, decompress and test say of each option where it means something.
cut -d ' ' -f 1,2 options | sort > known
grep -Ev '^(compress|decompress|test) ' taken | sort | comm -23 - known > unknown
yes "what is taken is in the help: $(tr '\n' ' ' < unknown)" test ! -s unknown
for option in $(sed -n 's/^compress //p' taken); do
    case $option in
        --compress | --decompress | --test | --list) continue ;; # stand for verbs
        --blocks | --data | --sizes) continue ;; # of -l, and so of `list`
    esac
    yes "$option is in a help" grep -Eq "^(compress|decompress|test) $option\$" known
done
"$rove" --help | sed -n 's/^  \([a-z]*\) .*/\1/p' | sort > want
cut -d ' ' -f 1 known | sort -u > got
yes "all verbs" diff -u want got

# bash: what is offered for a line; the last word is to be completed.
if command -v bash > /dev/null; then
    : > file.tgz
    mkdir -p folder bin
    ln -s "$rove" bin/rove
    cat > offer.bash << 'END'
source "$1"
shift
PATH=$PWD/bin:$PATH
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_rove 2> /dev/null
((${#COMPREPLY[@]} == 0)) || printf '%s\n' "${COMPREPLY[@]}"
END
    # offers WANT WORD...: exactly these, in any order. has WANT WORD...: this one among others.
    offers() {
        want=$1
        shift
        bash offer.bash "$made/rove.bash" "$@" | sort | tr '\n' ' ' > got
        yes "bash: $*: '$want', not '$(cat got)'" test "$(cat got)" = "$want"
    }
    has() {
        want=$1
        shift
        bash offer.bash "$made/rove.bash" "$@" > got
        yes "bash: $*: $want" grep -Fqx -- "$want" got
    }
    yes "bash: syntax" bash -n "$made/rove.bash"
    offers 'pack ' rove pa
    offers 'decompress ' rove dec
    offers 'file.tgz ' rove list 'fi'
    offers '--format ' rove pack --form
    offers 'cpio gnu tar ustar zip ' rove pack --format = ''
    offers 'gnu ' rove pack --format g
    offers 'json ' rove compress --progress = j
    offers 'folder ' rove pack -C fo
    offers 'folder ' rove pack --directory = fo
    offers 'crc32 crc32c ' rove sum -F crc
    offers 'crc32|gzip ' rove compress -F 'crc32|gz'
    offers '' rove compress -T ''
    offers '' rove pack -- --form
    has -9 rove compress -
    has --plugin rove --
    has -d rove -
    has file.tgz rove pack -o ''
    has folder rove get file.tgz ''
    offers 'file.tgz ' rove -d 'fi'
    while read -r verb option _; do printf '%s\n' "$option" >> "all-$verb"; done < options
    for verb in $(cut -d ' ' -f 1 options | sort -u); do
        bash offer.bash "$made/rove.bash" rove "$verb" - | sort -u > got
        sort -u "all-$verb" > want
        yes "bash: all options of $verb" diff -u want got
    done
else
    echo "no bash"
fi
if command -v zsh > /dev/null; then
    yes "zsh: syntax" zsh -n "$made/_rove"
else
    echo "no zsh"
fi
if command -v fish > /dev/null; then
    yes "fish: syntax" fish -n "$made/rove.fish"
    yes "fish: pack" sh -c 'fish -N -c "source \$argv[1]; complete -C \"rove pack --form\"" "$1" | grep -q "^--format"' - "$made/rove.fish"
else
    echo "no fish"
fi
done_testing
