#!/bin/sh
# SPDX-License-Identifier: MIT
# A file with several names stays one file, whatever the paths by which it is reached, and comes out
# so with the stock tools. What is reached twice is in the tar once.

. "$(dirname "$0")/lib.sh"

ends 1 "no path" "$rove" pack
! grep -q libarchive "$err" || skip "built without libarchive"

tools=tar
! command -v bsdtar >/dev/null || tools="tar bsdtar"

mkdir -p s/sub/deep t
printf 'content\n' > s/a
ln s/a s/b
ln s/a s/sub/c
ln s/a t/d
printf 'alone\n' > s/alone
printf 'other\n' > s/sub/deep/x
ln s/sub/deep/x t/x
ln -s alone s/soft
ln -P s/soft t/soft
mkfifo s/pipe
ln s/pipe t/pipe

# members TAR: their names in one line, `>` before those that are links to others.
members() {
    tar -tvf "$1" | sed 's/ link to .*//; s/ -> .*//; s/^\(h*\).* \([^ ]*\)$/\1\2/; s/^h/>/' | tr '\n' ' '
}

# packed WANT ARG...: packing the arguments gives these members; unpacked by each tool, all names of
# one file are one again.
packed() {
    members=$1
    shift
    args="$*"
    yes "$args" "$rove" pack --no-sync -f -o x.tar "$@"
    quiet "$args"
    yes "$args: $(members x.tar)" test "$(members x.tar)" = "$members "
    for tool in $tools; do
        rm -rf x
        mkdir x
        yes "$args: $tool" "$tool" -xf x.tar -C x
        quiet "$args: $tool is silent"
        for name in '[abcd]' soft pipe x; do
            yes "$args: $tool: $name is one file" test \
                "$(find x ! -type d -name "$name" -printf '%i\n' | sort -u | wc -l)" -le 1
        done
        # shellcheck disable=SC2044 # none of them has a blank
        for file in $(find x -name '[abcd]'); do
            yes "$args: $tool: $file" cmp "$file" s/a
        done
    done
}
whole='s/ s/a s/alone >s/b s/pipe s/soft s/sub/ >s/sub/c s/sub/deep/ s/sub/deep/x'
packed "$whole" s
packed "$whole" s s
packed "$whole" s ./s s/ s/. .//s
packed "$whole" s s/a s/sub s/alone s/soft
packed 's/a s/ s/alone >s/b s/pipe s/soft s/sub/ >s/sub/c s/sub/deep/ s/sub/deep/x' s/a s
packed 's/sub/c s/ >s/a s/alone >s/b s/pipe s/soft s/sub/ s/sub/deep/ s/sub/deep/x' s/sub/c s
packed 's/sub/deep/x s/b s/ >s/a s/alone s/pipe s/soft s/sub/ >s/sub/c s/sub/deep/' \
    s/sub/deep/x s/b s/b s
packed 's/alone s/soft s/ s/a >s/b s/pipe s/sub/ >s/sub/c s/sub/deep/ s/sub/deep/x' s/alone s/soft s s/alone
packed "$whole t/ >t/d >t/pipe >t/soft >t/x" s t
packed 't/ t/d t/pipe t/soft t/x s/ >s/a s/alone >s/b >s/pipe >s/soft s/sub/ >s/sub/c s/sub/deep/ >s/sub/deep/x' t s
packed 't/d >s/b' t/d s/b
packed './s/a s/ s/alone >s/b s/pipe s/soft s/sub/ >s/sub/c s/sub/deep/ s/sub/deep/x' ./s/a s
packed "${PWD#/}/s/b >s/a ${PWD#/}/t/x >t/x" "$PWD/s/b" s/a "$PWD/t/x" t/x
packed "${PWD#/}/t/ ${PWD#/}/t/d ${PWD#/}/t/pipe ${PWD#/}/t/soft ${PWD#/}/t/x >s/b" "$PWD/t" "$PWD/t/d" s/b
packed 't/d >s/b' ./s/../t/d s/b t/../t/d

# What is put in front is what the rest links to.
packed 's/sub/c s/ >s/a s/alone >s/b s/pipe s/soft s/sub/ s/sub/deep/ s/sub/deep/x' --prepend s/sub/c s
packed "t/ t/d t/pipe t/soft t/x s/ >s/a s/alone >s/b >s/pipe >s/soft s/sub/ >s/sub/c s/sub/deep/ >s/sub/deep/x" \
    --prepend t s
packed "$whole" --prepend s s
packed 't/x t/d >s/b s/ >s/a s/alone s/pipe s/soft s/sub/ >s/sub/c s/sub/deep/ >s/sub/deep/x' \
    --prepend t/x --prepend t/d --prepend s/b s
packed "s/ s/a s/alone >s/b s/pipe s/soft s/sub/ >s/sub/c s/sub/deep/ s/sub/deep/x >t/d" --prepend s s/a s/sub t/d

# Everything, twice: nothing of it doubles.
mkdir all
cp -a s t all
yes "the folder itself and what is in it" \
    sh -c 'cd all && "$1" pack -o ../all.tar . s t/x ./s/a' - "$rove"
tar -tf all.tar | sort > got
sort -u got > once
yes "each once" cmp got once
yes "all of it" test "$(wc -l < got)" -eq "$(find all | wc -l)"

# Names that are long, or no text, as targets of links.
long=$(printf '%0150d' 0)
mkdir "$long"
printf 'long\n' > "$long/$long"
ln "$long/$long" near
odd=$(printf 'n\377me')
printf 'odd\n' > "$odd"
ln "$odd" odd-link
yes "long and odd names" "$rove" pack --no-sync -f -o x.tar "$long" near "$odd" odd-link
for tool in $tools; do
    rm -rf x
    mkdir x
    yes "$tool: long and odd" "$tool" -xf x.tar -C x
    yes "$tool: long" test "x/$long/$long" -ef x/near
    yes "$tool: odd" test "x/$odd" -ef x/odd-link
done

# One name for two files: the second would replace the first, and links to it would lie.
mkdir one two
printf 'first\n' > one/f
ln one/f one/g
printf 'second\n' > two/f
mkdir one/d two/d
printf '1' > one/d/1
printf '2' > two/d/2
mkdir one/in two/in
# A name below one that is no folder, in either order: nothing could unpack that.
ln -s s soft
: > file
mkdir -p below/in below/file
: > below/file/x
for args in 'soft soft/a' 'soft soft/sub soft/sub/c' 'soft/a soft' './soft .//soft/a' '--prepend soft soft/sub' \
    'file below/in/../file/x' 'below/in/../file/x file' 'file below/in/../file' 'below/in/../file file'; do
    # shellcheck disable=SC2086
    ends 2 "$args" "$rove" pack --no-sync -f -o x.tar $args
    mentions "$args" 'is left out: (what it lies in is no folder|another file has its name) in the archive'
    for tool in $tools; do
        rm -rf x
        mkdir x
        yes "$args: $tool" "$tool" -xf x.tar -C x
        quiet "$args: $tool is silent"
    done
done

ends 2 "one name for two files" "$rove" pack --no-sync -f -o x.tar one/in/../f one/g two/in/../f
says "one name for two files" '^rove: two/in/\.\./f: is left out: another file has its name in the archive, f$'
yes "the first stays" test "$(tar -xOf x.tar f)" = first
yes "the link, too" test "$(members x.tar)" = "f >one/g "
yes "one name for two folders" "$rove" pack --no-sync -f -o x.tar one/in/../d two/in/../d
yes "holds both" test "$(members x.tar)" = "d/ d/1 d/ d/2 "
mv two/f two/was
mkdir two/f
printf 'deep\n' > two/f/x
ends 2 "a file's name for a folder" "$rove" pack --no-sync -f -o x.tar one/in/../f two/in/../f
yes "nothing below a file" test "$(members x.tar)" = "f "

# The first name cannot be read: the next one is stored in full.
if can_fail; then
    ROVE_FAULT_ONCE=hit
    export ROVE_FAULT_ONCE
    ends 2 "the first fails" failing openat:2:5 "$rove" pack --no-sync -f -o x.tar s
    unset ROVE_FAULT_ONCE
    yes "s/b is the file" test "$(members x.tar)" = \
        "s/ s/alone s/b s/pipe s/soft s/sub/ >s/sub/c s/sub/deep/ s/sub/deep/x "
    yes "with all of it" sh -c 'tar -xOf x.tar s/b | cmp - s/b'
fi
nothing_left "links"
done_testing
