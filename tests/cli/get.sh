#!/bin/sh
# SPDX-License-Identifier: MIT
# Members of archives become files: those that were meant, where they were meant, and nowhere else.
# Usage: get.sh PATH-OF-ROVE FOLDER-OF-PLUGINS

maker=$(cd "$(dirname "$0")" && pwd)/ustar.pl
cpio=$(dirname "$maker")/cpio.pl
. "$(dirname "$0")/lib.sh"

built=$2
umask 022
mkdir "$work/plugins"
for name in libdeflate zstd; do
    [ ! -f "$built/rove-filter-$name.so" ] ||
        install -m 755 "$built/rove-filter-$name.so" "$work/plugins" || exit 1
done
export ROVE_FILTER_PATH="$work/plugins"
unset ROVE_PLUGINS

mkdir -p tree/inner/deep
seq 1 50000 > tree/a
seq 1 300 > tree/inner/b
seq 1 400 > tree/inner/deep/c
seq 5 > 'tree/x[1]'
ln tree/a tree/hard
ln -s inner/b tree/link
touch -d '2020-02-02 02:02:02' tree/inner/b tree/inner
chmod 750 tree/inner/b
chmod 555 tree/inner/deep
"$rove" pack -o tree.tar.gz tree 2> "$err" || skip "no libarchive"
"$rove" pack -o tree.tar.lz4 tree || bad "lz4"
"$rove" pack tree | gzip -c > gzip.tar.gz
"$rove" pack -o tree.tar tree || bad "tar"
archives='tree.tar tree.tar.gz tree.tar.lz4 gzip.tar.gz'
[ ! -f "$work/plugins/rove-filter-zstd.so" ] || { "$rove" pack -o tree.tar.zst tree && archives="$archives tree.tar.zst"; }

# All of it, and what is asked for.
for archive in $archives; do
    mkdir to
    yes "$archive" "$rove" get -o to $archive tree
    quiet "$archive"
    yes "$archive: the same" diff -r tree to/tree
    yes "$archive: modes and times" test "$(cd tree && find . -printf '%p %m %T@\n' | sed 's/[.][0-9]*$//' | sort)" = \
        "$(cd to/tree && find . -printf '%p %m %T@\n' | sed 's/[.][0-9]*$//' | sort)"
    yes "$archive: one file of two names" test to/tree/a -ef to/tree/hard
    yes "$archive: a link" test "$(readlink to/tree/link)" = inner/b
    yes "$archive -c" sh -c '"$1" get -c $2 tree/inner/b | cmp - tree/inner/b' - "$rove" $archive
    yes "$archive -c of two" sh -c '"$1" get -o - $2 tree/inner > got && cat tree/inner/b tree/inner/deep/c | cmp - got' - "$rove" $archive
    mkdir ./- # which is no place for -o -
    yes "$archive -o -" sh -c '"$1" get -o - $2 tree/inner/b | cmp - tree/inner/b' - "$rove" $archive
    rmdir ./- || { bad "$archive -o -: went into a folder" && chmod -R u+w ./- && rm -r ./-; }
    yes "$archive by a pipe" sh -c 'cat $2 | "$1" get -c - tree/inner/b | cmp - tree/inner/b' - "$rove" $archive
    chmod -R u+w to && rm -r to
done

# names WHAT WANTED PATTERN...: these members are meant.
names() {
    what=$1 wanted=$2
    shift 2
    mkdir to
    yes "$what" "$rove" get -o to/ tree.tar.gz "$@"
    yes "$what: these" test "$(cd to && find . -type f -o -type l | sort | tr '\n' ' ')" = "$wanted"
    chmod -R u+w to && rm -r to
}
names "a file" "./tree/inner/b " tree/inner/b
names "a folder" "./tree/inner/b ./tree/inner/deep/c " tree/inner
names "a folder with a slash" "./tree/inner/b ./tree/inner/deep/c " tree/inner/
names "with a dot" "./tree/inner/b " ./tree/inner/b
names "a star" "./tree/inner/b ./tree/inner/deep/c " 'tree/*/*'
names "a question mark" "./tree/a " 'tree/?'
names "a set" "./tree/inner/b ./tree/inner/deep/c ./tree/link " 'tree/[il]*'
names "a literal set" "./tree/x[1] " 'tree/x[1]'
names "several" "./tree/a ./tree/link " tree/link tree/a
ends 1 "missing" "$rove" get -o . tree.tar.gz tree/inner/b nothing tree/inn
mentions "missing: the first" '^rove: tree.tar.gz: has no member nothing$'
mentions "missing: the second" '^rove: tree.tar.gz: has no member tree/inn$'

mkdir to
ends 1 "an empty name" "$rove" get -o to tree.tar.gz ''
mentions "an empty name" '^rove: tree.tar.gz: has no member $'
yes "an empty name is not all" test -z "$(ls to)"
rm -r to

# Into one file.
yes "-o FILE" "$rove" get -o one tree.tar.gz tree/inner/b
yes "-o FILE: the data" cmp one tree/inner/b
ends 1 "-o FILE that exists" "$rove" get -o one tree.tar.gz tree/a
says "-o FILE that exists" '^rove: one: the file exists; -f overwrites it$'
yes "-o FILE -f" "$rove" get -f -o one tree.tar.gz tree/a
yes "-o FILE -f: the data" cmp one tree/a
ends 1 "-o FILE for two" "$rove" get -f -o one tree.tar.gz tree/inner
says "-o FILE for two" '^rove: one: takes one member, and there is also tree/inner/deep/c; a folder takes many$'
ends 1 "-o FILE for none" "$rove" get -f -o one tree.tar.gz tree/link
says "-o FILE for none" '^rove: one: is not written: no member has data for it$'
yes "-o FILE: is as it was" cmp one tree/a
ends 2 "-o of a second name" "$rove" get -c tree.tar.gz tree/hard
says "-o of a second name" '^rove: tree/hard: is left out: it is a link to tree/a, which has the data$'
ends 1 "the archive itself" "$rove" get -f -o tree.tar.gz tree.tar.gz tree/a
ends 1 "no such folder" "$rove" get -o none/ tree.tar.gz tree/a
says "no such folder" '^rove: none/: cannot be entered: No such file'

# What is there stays, without -f.
mkdir to && mkdir -p to/tree/inner && echo mine > to/tree/a && chmod 700 to/tree/inner
ends 1 "existing" "$rove" get -o to tree.tar.gz tree/a tree/inner
says "existing" '^rove: tree/a: the file exists; -f overwrites it$'
yes "existing: stays" test "$(cat to/tree/a)" = mine
yes "existing: the folder stays" test "$(stat -c %a to/tree/inner)" = 700
yes "existing: the others are there" cmp to/tree/inner/b tree/inner/b
chmod u+w to/tree/inner/deep # who is not root may not write there any more
yes "-f" "$rove" get -f -o to tree.tar.gz tree
yes "-f: all is there" diff -r tree to/tree
chmod -R u+w to && rm -r to

# No archive, damage.
ends 1 "no archive" "$rove" get tree/a x
says "no archive" '^rove: tree/a: is no archive that can be read: tar, cpio or zip$'
gzip -c tree/a > a.gz
ends 1 "no archive, coded" "$rove" get a.gz x
ends 1 "no member named" "$rove" get tree.tar.gz
ends 1 "no archive there" "$rove" get missing.tar x
mkdir to
head -c 20000 gzip.tar.gz > cut.tar.gz
ends 1 "cut" "$rove" get -o to cut.tar.gz tree
no "cut: no half of a file" test -e to/tree/a
( cd to && nothing_left "cut" )
{ head -c -8 gzip.tar.gz && printf '\1\2\3\4' && tail -c 4 gzip.tar.gz; } > sum.tar.gz
ends 1 "a wrong checksum at the end" sh -c '"$1" get -c sum.tar.gz tree/inner/b > got' - "$rove"
ends 1 "a wrong checksum: no file" "$rove" get -o new sum.tar.gz tree/inner/b
no "a wrong checksum: no file" test -e new
rm -r to

# Folders that come behind what lies in them, as find -depth tells them.
if command -v cpio > /dev/null; then
    find tree -depth | cpio -o -H newc --quiet > depth.cpio
    mkdir to
    yes "folders last" "$rove" get -o to depth.cpio tree
    quiet "folders last"
    yes "folders last: modes and times" test "$(cd tree && find . -printf '%p %m %T@\n' | sed 's/[.][0-9]*$//' | sort)" = \
        "$(cd to/tree && find . -printf '%p %m %T@\n' | sed 's/[.][0-9]*$//' | sort)"
    chmod -R u+w to && rm -r to
    if may_be_nobody; then
        mkdir to && chmod 777 to
        folders_last() { (umask 027 && as_nobody "$rove" get -o to depth.cpio tree); }
        yes "folders last, by nobody" folders_last
        yes "folders last, by nobody: modes and times" test \
            "$(cd tree && find . -type d -printf '%p %m %T@\n' | sed 's/[.][0-9]*$//; s/ 755 / 750 /; s/ 555 / 550 /' | sort)" = \
            "$(cd to/tree && find . -type d -printf '%p %m %T@\n' | sed 's/[.][0-9]*$//' | sort)"
        chmod -R u+w to && rm -r to
    fi
    mkdir -p to/tree/inner && chmod 700 to/tree/inner
    yes "folders last: one that is there" "$rove" get -o to depth.cpio tree/inner
    yes "folders last: it stays" test "$(stat -c %a to/tree/inner)" = 700
    chmod -R u+w to && rm -r to

    # A file with three names: newc and crc have its data with the last one, odc and bin with each.
    mkdir names
    echo data > names/1
    ln names/1 names/2
    ln names/1 names/3
    : > names/4
    ln names/4 names/5
    for kind in newc crc odc bin; do
        printf 'names/%s\n' 1 2 3 4 5 | cpio -o -H $kind --quiet > names.cpio
        for members in 1 2 3 '1 2' '1 3' '2 3' '1 2 3' 4 '4 5' '1 2 3 4 5'; do
            mkdir to
            # shellcheck disable=SC2046
            yes "$kind: $members" "$rove" get -o to names.cpio $(printf 'names/%s ' $members)
            quiet "$kind: $members"
            for name in $members; do
                yes "$kind: $members: $name" cmp "names/$name" "to/names/$name"
                case $name in
                    [123]) yes "$kind: $members: one file" test "to/names/${members%% *}" -ef "to/names/$name" ;;
                esac
            done
            yes "$kind: $members: no other" test "$(ls to/names | tr '\n' ' ')" = "$members "
            rm -r to
        done
        for name in 1 2 3 4; do
            yes "$kind: -c $name" sh -c '"$1" get -c names.cpio names/$2 | cmp - names/$2' - "$rove" $name
            yes "$kind: -o $name" "$rove" get -o to names.cpio names/$name
            yes "$kind: -o $name" cmp to names/$name
            rm -f to
        done
        ends 2 "$kind: -c, two" sh -c '"$1" get -c names.cpio names/2 names/3 > got' - "$rove"
        says "$kind: -c, two" '^rove: names/[23]: is left out: it is a link to names/[12], which has the data$'
        yes "$kind: -c, two: once" cmp got names/2
        mkdir -p to/names && echo mine > to/names/1
        ends 1 "$kind: one is there" "$rove" get -o to names.cpio names/1 names/2
        says "$kind: one is there" '^rove: names/1: the file exists; -f overwrites it$'
        yes "$kind: one is there: it stays" test "$(cat to/names/1)" = mine
        yes "$kind: one is there: the other" cmp to/names/2 names/2
        yes "$kind: -f" "$rove" get -f -o to names.cpio names
        yes "$kind: -f" diff -r names to/names
        rm -r to
    done
    # What follows may be missing: then there is no file.
    printf 'names/%s\n' 1 2 3 | cpio -o -H newc --quiet | head -c 300 > names.cpio
    mkdir to
    ends 1 "cut before the data" "$rove" get -o to names.cpio names
    no "cut before the data" test -e to/names/1 -o -e to/names/2
    rm -r to names
else
    echo "no cpio"
fi

# Files with several names, in archives that no cpio would write at one go: a name that is that of several files, one that
# becomes a folder, files without data, data that have gone by, numbers that are used again.
if command -v perl > /dev/null; then
    # found ENDS SAID KIND-AND-MEMBERS WANTED FILES...: FILES, as NAME=CONTENT, are what comes of taking WANTED.
    found() {
        status=$1 words=$2 members=$3 wanted=$4
        shift 4
        mkdir to
        set -f # a star is for rove
        # shellcheck disable=SC2086
        perl "$cpio" $members > made.cpio
        # shellcheck disable=SC2086
        ends "$status" "$members: $wanted" "$rove" get -o to made.cpio $wanted
        set +f
        [ -z "$words" ] || says "$members: $wanted" "^rove: $words$"
        [ -n "$words" ] || quiet "$members: $wanted"
        yes "$members: $wanted" test "$(cd to && find . -type f | sort | sed 's/^..//' | while read -r name; do
            echo "$name=$(cat "$name")"
        done)" = "$(printf '%s\n' "$@")"
        rm -r to
    }
    two='newc x 1 2 - x 2 2 -' # the later one has the name
    found 0 '' "$two p 1 2 A q 2 2 B" '*' p=A q=B x=B
    found 0 '' "$two q 2 2 B p 1 2 A" '*' p=A q=B x=B
    found 0 '' "$two p 1 2 A q 2 2 B" x x=B
    found 0 '' "$two p 1 2 A q 2 2 B" 'x p' p=A x=B
    found 0 '' 'odc x 1 3 A x 2 2 B p 1 3 A q 2 2 B r 1 3 A' '*' p=A q=B r=A x=B
    found 1 'p: cannot be made: it is a link to x, which another member has replaced' 'newc x 1 2 A x 2 2 B p 1 2 - q 2 2 -' \
        '*' q=B x=B
    found 0 '' 'newc x 1 2 - p 1 2 A x 1 2 - q 1 2 B' '*' p=A q=B x=B
    lies='d: cannot be made: a later member lies in it, as in a folder'
    found 1 "$lies" 'newc d 1 2 - d/f 2 1 F p 1 2 A' '*' d/f=F p=A
    found 1 "$lies" 'newc d 1 2 - d/f 2 1 F p 1 2 A' d d/f=F
    found 0 '' 'newc d 1 2 - d/ 2 1 - p 1 2 A' '*' p=A
    for wanted in a b c 'a c' 'b c'; do
        # shellcheck disable=SC2046
        found 0 '' 'newc a 1 3 - b 1 3 - c 1 3 -' "$wanted" $(printf '%s= ' $wanted)
        # shellcheck disable=SC2046
        found 0 '' 'odc a 1 3 - b 1 3 - c 1 3 -' "$wanted" $(printf '%s= ' $wanted)
    done
    found 1 'b: cannot be made: it is a link to a, which is not here' 'newc a 1 2 A b 1 2 -' b ''
    found 1 'c: cannot be made: it is a link to b, which is not here' 'newc a 1 3 - b 1 3 B c 1 3 -' c ''
    found 0 '' 'newc a 1 3 - b 1 3 B c 1 3 -' 'a c' a=B c=B
    found 2 '[.][.]/x: is left out: its name leads out of the folder' 'newc ../x 1 3 - y 1 3 - z 1 3 A' '*' y=A z=A
    # A name that cannot be made takes the data away from no other, unless they have gone into it.
    perl "$cpio" newc p/a 1 3 - b 1 3 - c 1 3 A > made.cpio
    mkdir to && echo mine > to/p
    ends 1 'a name behind a file' "$rove" get -o to made.cpio '*'
    says 'a name behind a file' '^rove: p/a: cannot be made: Not a directory$'
    yes 'the others' test "$(cat to/p to/b to/c)" = "$(printf 'mine\nAA')"
    rm -r to && mkdir -p to/p/a/in
    ends 1 'a name that is a folder' "$rove" get -fo to made.cpio '*'
    yes 'a name that is a folder, and those without data' test "$(cat "$err")" = "rove: p/a: cannot be given its name: Directory not empty
rove: b: cannot be made: its data went into a file that could not be made
rove: c: cannot be made: its data went into a file that could not be made"
    yes 'no file' test -z "$(find to -type f)"
    rm -r to
    # To standard output, where nothing is a link.
    put() {
        status=$1 words=$2 members=$3 wanted=$4 data=$5
        # shellcheck disable=SC2086
        perl "$cpio" $members > made.cpio
        # shellcheck disable=SC2086
        ends "$status" "-c, $members: $wanted" sh -c 'rove=$1; shift; "$rove" get -c made.cpio "$@" > got' - "$rove" $wanted
        [ -z "$words" ] || says "-c, $members: $wanted" "^rove: $words$"
        yes "-c, $members: $wanted" test "$(cat got)" = "$data"
    }
    put 0 '' "$two p 1 2 A q 2 2 B" x AB
    put 0 '' 'newc a 1 3 - b 1 3 - c 1 3 -' c ''
    put 0 '' 'odc a 1 2 - b 1 2 -' b ''
    put 2 'b: is left out: it is a link to a, which has the data' 'newc a 1 2 A b 1 2 -' b ''
    put 2 'c: is left out: it is a link to b, which has the data' 'newc a 1 3 - b 1 3 B c 1 3 -' c ''
else
    echo "no perl"
fi

# A name that is as long as the system takes leaves no room for that under which a file is made first.
if command -v perl > /dev/null; then
    for more in 61 69; do
        long=$(perl -e 'print "0" x 200, "/" for 1 .. 20; print "1" x shift, "/f"' $more)
        perl "$maker" x pax '' "$((${#long} + 11)) path=$long
" 0 short '' data > long.tar
        mkdir to
        case $more in
            61) yes "a long name" "$rove" get -o to long.tar '*' ;;
            69) ends 2 "a longer name" "$rove" get -o to long.tar '*'
                mentions "a longer name" 'f: is left out: its name, .*, is too long$' ;;
        esac
        yes "a long name: $more" test "$(find to -type f -name f | wc -l)" -eq $((more < 65))
        nothing_left "a long name: $more"
        rm -r to
    done
fi

# Archives that mean harm.
if command -v perl > /dev/null; then
    mkdir to outside && echo mine > outside/victim
    # refused WHAT LEFT-OUT MEMBERS...: the first sound member is there, nothing is outside.
    refused() {
        what=$1 left=$2
        shift 2
        perl "$maker" "$@" 0 sound '' sound > hostile.tar
        gzip -c hostile.tar > hostile.tar.gz
        for words in '-o to hostile.tar' '-f -o to hostile.tar.gz'; do
            # shellcheck disable=SC2086
            ends 2 "$what: $words" "$rove" get $words '*'
            says "$what: $words" "^rove: $left: is left out: "
            yes "$what: the rest is there" test "$(cat to/sound)" = sound
            yes "$what: nothing outside" test "$(find . -name 'evil*'; cat outside/*)" = mine
            rm -rf to && mkdir to
        done
    }
    refused "absolute" "$work/in/evil" 0 "$work/in/evil" '' evil
    refused "above" '[.][.]/evil' 0 ../evil '' evil
    refused "above, in the middle" 'd/[.][.]/[.][.]/evil' 5 d '' '' 0 d/../../evil '' evil
    refused "above, with a dot" '[.][.]/evil' 0 ./../evil '' evil
    refused "a link to the outside" 'l/evil' 2 l ../outside '' 0 l/evil '' evil
    refused "an absolute link" 'l/evil' 2 l "$work/in/outside" '' 0 l/evil '' evil
    refused "a link to a link" 'm/evil' 2 l ../outside '' 2 m l '' 0 m/evil '' evil
    refused "a link within" 'l/d/evil' 5 d '' '' 2 l . '' 0 l/d/evil '' evil
    refused "a folder through a link" 'l/evil' 2 l ../outside '' 5 l/evil/ '' ''
    refused "a name of a file outside" evil 1 evil "$work/in/outside/victim" ''
    refused "a name of a file above" evil 1 evil ../outside/victim ''
    refused "a name through a link" evil 2 l ../outside '' 1 evil l/victim ''

    # A file that has no name, or that of the folder.
    perl "$maker" 0 '' '' data 0 ./ '' data 5 ./ '' '' 0 sound '' sound > hostile.tar
    ends 2 "no name" "$rove" get -o to hostile.tar '*'
    says "no name" '^rove: hostile.tar: a member is left out: its name is that of the folder itself$'
    yes "no name: the rest is there" test "$(cat to/sound)" = sound
    rm -rf to && mkdir to

    # A link of the archive's own is replaced by a file of that name, not followed.
    perl "$maker" 2 f ../outside/victim '' 0 f '' evil > hostile.tar
    yes "a file in the place of a link" "$rove" get -o to hostile.tar f
    yes "it is a file" test ! -L to/f -a "$(cat to/f)" = evil -a "$(cat outside/victim)" = mine
    # So is a second name of a file: the first one keeps its data.
    rm -rf to && mkdir to
    # A hard link of a tar with data of its own.
    perl "$maker" x x '' '9 size=5
' 1 b a hello > own.tar
    rm -rf to && mkdir to
    yes 'a link with data to what is not there' "$rove" get -o to own.tar b
    yes 'its data' test "$(cat to/b)" = hello
    yes 'its data, -c' sh -c 'test "$("$1" get -c own.tar b)" = hello' - "$rove"
    yes 'its data, -o' "$rove" get -o own own.tar b
    yes 'its data, -o' test "$(cat own)" = hello
    perl "$maker" x x '' '9 size=5
' 0 a '' hello x x '' '9 size=5
' 1 ./b .//a hello > own.tar
    ends 2 'data of both, -c' sh -c '"$1" get -c own.tar "*" > got' - "$rove"
    says 'data of both, -c' '^rove: ./b: is left out: it is a link to .//a, which has the data$'
    yes 'data of both, -c: once' test "$(cat got)" = hello
    yes 'data of both, -c: the link' sh -c 'test "$("$1" get -c own.tar b)" = hello' - "$rove"
    rm -rf to && mkdir to
    yes 'data of both' "$rove" get -o to own.tar '*'
    yes 'data of both: one file' test to/a -ef to/b
    # A link to itself is how GNU tar tells of a file that it was given twice, perhaps by two names that mean the same.
    for names in 'a a' './a a' 'a .//a' 'd/a d//a'; do
        # shellcheck disable=SC2086
        set -- $names
        perl "$maker" 0 "$1" '' hello 1 "$2" "$1" '' > twice.tar
        for words in '' -f; do
            rm -rf to && mkdir to
            # shellcheck disable=SC2086
            yes "$names $words" "$rove" get $words -o to twice.tar '*'
            quiet "$names $words"
            yes "$names $words: it is there" test "$(cat "to/$1")" = hello
        done
        yes "$names, -c" sh -c 'test "$("$1" get -c twice.tar "*" 2> said)" = hello && test ! -s said' - "$rove"
        yes "$names, -o" "$rove" get -f -o own twice.tar '*'
        quiet "$names, -o"
    done
    # A folder with nothing in it makes way, for any kind of member.
    perl "$maker" 0 f '' first 1 g f '' 2 h f '' > ways.tar
    rm -rf to && mkdir -p to/f to/g to/h
    ends 1 'folders in the way' "$rove" get -o to ways.tar '*'
    mentions 'folders in the way' '^rove: f: the file exists; -f overwrites it$'
    yes 'folders in the way: they stay' test -d to/f -a -d to/g -a -d to/h
    yes 'folders in the way, -f' "$rove" get -f -o to ways.tar '*'
    yes 'folders in the way, -f' test "$(cat to/f to/h)" = firstfirst -a to/f -ef to/g
    perl "$maker" 5 f '' '' 0 f '' second > ways.tar
    rm -rf to && mkdir to
    yes 'a folder of its own' "$rove" get -o to ways.tar '*'
    yes 'a folder of its own' test "$(cat to/f)" = second
    rm -rf to && mkdir to
    perl "$maker" 0 f '' first 1 g f '' 0 g '' second > hostile.tar
    yes "a file in the place of a second name" "$rove" get -o to hostile.tar f g
    yes "the first is as it was" test "$(cat to/f to/g)" = firstsecond
    # The last of several members of one name counts; a folder may come again.
    perl "$maker" 5 d '' '' 0 d/f '' one 5 d/ '' '' 0 ./d/f '' two > hostile.tar
    yes "twice the same name" "$rove" get -o to hostile.tar d
    yes "the last one counts" test "$(cat to/d/f)" = two
    # A link that lay there before is no way out either.
    rm -rf to && mkdir to && ln -s ../outside to/l
    perl "$maker" 0 l/evil '' evil > hostile.tar
    ends 2 "a link that was there" "$rove" get -o to hostile.tar l
    ends 2 "a link that was there, -f" "$rove" get -f -o to hostile.tar l
    yes "a link that was there: nothing outside" test "$(ls outside)" = victim
    # Data that go with a link do not reach a file that was there.
    rm -rf to && mkdir to && echo mine > to/mine
    perl "$maker" 1 g mine evil > hostile.tar
    "$rove" get -o to hostile.tar g 2> "$err"
    yes "data with a link" test "$(cat to/mine)" = mine
    # A name that steers a terminal, in messages.
    perl "$maker" 0 "../$(printf 'e\033[31m')" '' evil > hostile.tar
    ends 2 "an odd name" "$rove" get -o to hostile.tar '*'
    says "an odd name" '^rove: [.][.]/e\\033\[31m: '
fi

# A folder that may not be written to, in the system's own words, and by the member's name.
if may_be_nobody; then
    rm -rf to && mkdir to && chmod 555 to
    "$rove" pack -o flat.tar -C tree a && chmod 644 flat.tar
    ends 1 "closed folder" as_nobody "$rove" get -o to flat.tar a
    says "closed folder" '^rove: a: cannot be made: Permission denied$'
    chmod 755 to
fi

# A signal removes what is half there.
mkfifo feed
"$rove" get -f -o to - '*' < feed &
pid=$!
exec 3> feed
head -c 100000 tree.tar >&3
tries=0
until [ -n "$(find to -name '.rove-*')" ] || [ $tries -ge 100 ]; do
    sleep 0.02
    tries=$((tries + 1))
done
kill -TERM "$pid"
got=0
wait "$pid" 2> /dev/null || got=$?
exec 3>&-
checked=$((checked + 1))
[ "$got" -gt 128 ] || bad "a signal: status $got"
nothing_left "a signal"
done_testing
