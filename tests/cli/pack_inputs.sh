#!/bin/sh
# SPDX-License-Identifier: MIT
# What is packed: folders that paths are seen from, lists of paths, and what is left out, as with tar.

. "$(dirname "$0")/lib.sh"

ends 1 "no path" "$rove" pack
! grep -q libarchive "$err" || skip "built without libarchive"

mkdir -p a/sub b/sub c
for f in a/one a/sub/two b/one b/sub/three c/four; do
    printf '%s\n' "$f" > "$f"
done
# names WHAT COMMAND...: the members of what is packed, in one line.
names() {
    what=$1
    shift
    yes "$what" sh -c '"$@" > t.tar' - "$@"
    tar -tf t.tar 2> "$err" | tr '\n' ' ' > got
}
is() { yes "$1" test "$(cat got)" = "$2"; }

# -C
names "-C" "$rove" pack -C a one sub
is "-C" "one sub/ sub/two "
tar -cf want.tar -C a one sub
tar -tf want.tar | tr '\n' ' ' > want
yes "-C: as tar" cmp want got
yes "-C: the content" test "$(tar -xOf t.tar one)" = a/one
names "-C for what follows" "$rove" pack c -C a sub -C ../b one
is "-C for what follows" "c/ c/four sub/ sub/two one "
yes "-C on -C" test "$(tar -xOf t.tar one)" = b/one
ends 1 "a path before -C is seen from where it stands" "$rove" pack -o x.tar one -C a sub
says "a path before -C is seen from where it stands" '^rove: one: .*No such file'
yes "and the rest is packed" test "$(tar -tf x.tar | tr '\n' ' ')" = "sub/ sub/two "
names "-C and --prepend" "$rove" pack -C a sub --prepend one
is "-C and --prepend" "one sub/ sub/two "
names "--directory=" "$rove" pack --directory=a -- one
is "--directory=" "one "
names "the output is not seen from there" "$rove" pack -C a -o out.tar one
yes "the output is not seen from there" test -f out.tar
: > a/out.tar
ends 2 "but it is found" sh -c 'cd a && "$1" pack -f -o out.tar -C .. a' - "$rove"
says "but it is found" '^rove: a/out.tar: is left out: it is the output itself'
ends 1 "-C to nowhere" "$rove" pack -o no.tar -C none one
says "-C to nowhere" '^rove: -C: none cannot be entered: No such file'
ends 1 "-C to a file" "$rove" pack -o no.tar -C a/one one
says "-C to a file" '^rove: -C: a/one cannot be entered: Not a dir'
no "nothing is made" test -e no.tar
rm -f a/out.tar
ln a/one b/hard
names "a hard link across -C" "$rove" pack -C a one -C ../b hard
tar -tvf t.tar | grep -q 'hard link to one' || bad "a hard link across -C"
rm b/hard

# --exclude, as GNU tar's: what it lists with the same options.
mkdir -p e/build/deep e/src/build 'e/src/new
line'
for f in e/x.o e/x.c e/src/y.o e/src/y.c e/build/z e/build/deep/z.c e/src/build/w 'e/src/new
line/f' 'e/[x]' e/.hidden; do
    : > "$f"
done
for args in '--exclude=*.o' '--exclude=build' '--exclude=e/build' '--exclude=src/build' \
    '--exclude=e/*.c' '--exclude=src/*' '--exclude=[x]' '--exclude=x*' '--exclude=./e' '--exclude=?.o' \
    '--exclude=*.o --exclude=build' '--exclude=e*d' '--exclude=line' '--exclude=.*' '--exclude=y'; do
    # shellcheck disable=SC2086
    tar --sort=name -cf want.tar $args e
    tar -tf want.tar > want
    # shellcheck disable=SC2086
    yes "$args" "$rove" pack -f -o t.tar $args e
    quiet "$args"
    tar -tf t.tar > got
    yes "$args: as tar" diff -u want got
done
names "a slash behind a pattern" "$rove" pack --exclude=src/ --exclude=e/build/ e
is "a slash behind a pattern" "e/ e/.hidden e/[x] e/x.c e/x.o "
printf '*.o\n\nbuild\n' > patterns
names "--exclude-from" "$rove" pack --exclude-from patterns --exclude .hidden e
cp got from
names "the same" "$rove" pack e --exclude='*.o' --exclude=build --exclude=.hidden
yes "--exclude-from" cmp from got
printf '*.o\nbuild' | "$rove" pack --exclude-from - --exclude .hidden -f -o t.tar e
yes "--exclude-from -" test "$(tar -tf t.tar | tr '\n' ' ')" = "$(cat from)"
ends 1 "--exclude-from nothing" "$rove" pack -o no.tar --exclude-from none e
says "--exclude-from nothing" '^rove: none: cannot be read: No such file'
ends 1 "all is left out" "$rove" pack -o no.tar --exclude=e e
says "all is left out" '^rove: no.tar: is not written: there is nothing to pack'
if may_be_nobody; then
    mkdir shut
    chmod 000 shut
    [ "$(id -u)" -ne 0 ] || chown 65534:65534 shut
    excluded() { as_nobody "$rove" pack --exclude=shut c shut > t.tar; }
    yes "what is left out is not looked at" excluded
    quiet "what is left out is not looked at"
    chmod 755 shut
fi
names "what is left out of --prepend" "$rove" pack --prepend a --exclude=sub c
is "what is left out of --prepend" "a/ a/one c/ c/four "

# --files-from
printf 'c\n\na/one\nb/sub/' > list
names "--files-from" "$rove" pack --files-from list
is "--files-from" "c/ c/four a/one b/sub/ b/sub/three "
names "--files-from, before and behind" "$rove" pack b/one --files-from=list a/sub
is "--files-from, before and behind" "b/one c/ c/four a/one b/sub/ b/sub/three a/sub/ a/sub/two "
printf 'one\n' > one-list
names "--files-from and -C" "$rove" pack -C a --files-from one-list
is "--files-from and -C" "one "
printf -- '-C\n--help\n' > odd
: > ./-C
: > ./--help
names "lines are no options" "$rove" pack --files-from odd
is "lines are no options" "-C --help "
find e -print0 > list0
names "--null" "$rove" pack --null --no-recursion --files-from list0
tr '\0' '\n' < list0 | wc -l > want
find e -print0 | sort -z > want0
tar -cf want.tar --no-recursion --null -T list0
tar -tf want.tar | tr '\n' ' ' > want
yes "--null --no-recursion: as tar" cmp want got
yes "standard input" sh -c 'find e -print0 | "$1" pack --null --files-from - > t.tar' - "$rove"
yes "standard input: all of it" test "$(tar -tf t.tar | sort | tr '\n' ' ')" = "$(tr ' ' '\n' < want | sort | tr '\n' ' ' |
    sed 's/^ //')"
ends 1 "names that end with 0 in a list of lines" "$rove" pack -o no.tar --files-from list0
says "names that end with 0 in a list of lines" '^rove: list0: holds a byte of value 0'
ends 1 "no list" "$rove" pack -o no.tar --files-from none
says "no list" '^rove: none: cannot be read: No such file'
: > empty
ends 1 "an empty list" "$rove" pack -o no.tar --files-from empty
says "an empty list" 'there is nothing to pack'
printf 'a/one\nmissing\n' > list
ends 1 "what a list names and is not there" "$rove" pack -f -o t.tar --files-from list
says "what a list names and is not there" '^rove: missing: .*No such file'
yes "and the rest" test "$(tar -tf t.tar)" = a/one
seq -f n%g "$(amount 2000 300)" > many && mkdir m && (cd m && xargs touch < ../many)
names "a long list" "$rove" pack -C m --files-from many
yes "a long list" test "$(wc -w < got)" -eq "$(wc -l < many)"
ends 1 "--sort" "$rove" pack --sort=inode a
says "--sort" '^rove: --sort: "inode" is not name'

names "--no-recursion" "$rove" pack --no-recursion a b
is "--no-recursion" "a/ b/ "
nothing_left "inputs"
done_testing
