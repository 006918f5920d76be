#!/bin/sh
# SPDX-License-Identifier: MIT
# Each call of the walk fails once, at each place: what is missing in the tar is named, the rest is
# whole, and the exit status is 2. What is replaced while it is walked is not followed. Depth and
# length of paths have no limit but memory.

. "$(dirname "$0")/lib.sh"

ends 1 "no path" "$rove" pack
! grep -q libarchive "$err" || skip "built without libarchive"

# A tree with each kind of thing that the walk treats in its own way, and one that is so deep that
# folders are closed, and opened again on the way up.
mkdir -p t/b/c t/empty
printf 'one\n' > t/a
: > t/none
printf 'two\n' > t/b/c/file
printf 'three\n' > t/b/third
ln -s ../b/c/file t/b/link
ln t/a t/hard
mkfifo t/pipe
truncate -s 300000 t/sparse
printf 'end' >> t/sparse
seq 1 30000 > t/long
down=u
for i in 1 2 3 4 5 6 7 8 9 10 11; do
    mkdir $down
    : > $down/z
    down=$down/$i
done
find t u -exec touch -h -d @1000000000 {} +
for tree in t u; do
    "$rove" pack -o $tree.tar $tree
    tar -tf $tree.tar > $tree.list
done

# After a run: whether what it left behind, and what it said, agree.
cat > agree.awk <<'EOF'
# all members; those that are there, and what is wrong with them, by `tar -dv`; standard error
FILENAME ~ /\.list$/ { want[$0]; next }
FILENAME == "differ" && /: / { sub(/: .*/, ""); want[$0]; next }
FILENAME == "differ" { delete want[$0]; next }
/^rove: [tu]/ { sub(/^rove: /, ""); sub(/: .*/, ""); named[$0]; next }
END {
    for (name in want) {
        path = name
        sub(/\/$/, "", path)
        while (!(path in named) && sub(/\/[^\/]*$/, "", path)) { }
        if (!(path in named)) {
            print name " is missing or wrong, and nothing is said about it"
            bad = 1
        }
    }
    exit bad
}
EOF

# agrees WHAT STATUS TREE: the output x.tar is as the status and the messages say.
agrees() {
    checked=$((checked + 1))
    case $2 in
        0)
            [ ! -s "$err" ] || bad "$1: it says something, but the status is 0"
            cmp -s x.tar $3.tar || bad "$1: status 0, but the tar is another one"
            ;;
        1)
            [ -s "$err" ] || bad "$1: status 1, and not a word"
            [ ! -e x.tar ] || bad "$1: status 1, and an output"
            ;;
        2)
            [ -s "$err" ] || bad "$1: status 2, and not a word"
            tar -dvf x.tar > differ 2> trouble
            [ ! -s trouble ] || bad "$1: tar says: $(cat trouble)"
            awk -f agree.awk $3.list differ "$err" > wrong || bad "$1: $(cat wrong)"
            ;;
        *) bad "$1: status $2" ;;
    esac
    rm -f x.tar
}
cp t.tar x.tar
printf 'rove: t/a: is fine\n' > "$err"
agrees "a warning" 2 t

# sweep CALL:ERRNO TREE [OPTION]: the call fails at each place, once; at every other where amounts are scaled down.
# hits: how many there are; warned: at how many of them the status was not 0.
step=$(amount 1 2)
sweep() {
    hits=0 warned=0
    while :; do
        status=0
        ROVE_FAULT_ONCE=hit failing "${1%:*}:$((hits * step + 1)):${1#*:}" \
            "$rove" pack --no-sync ${3:+"$3"} -o x.tar "$2" 2>"$err" || status=$?
        rmdir hit 2>/dev/null || break
        hits=$((hits + 1))
        [ $status -eq 0 ] || warned=$((warned + 1))
        agrees "call $(((hits - 1) * step + 1)) of $1 fails" $status "$2"
    done
    rm -f x.tar
    echo "$1 in $2: $hits places, $warned of them matter"
    yes "$1 has places" test $hits -gt 0
}
if can_fail; then
    for call in openat:5 fstatat:5 readlinkat:5 fdopendir:12 readdir:5 dup:24 read:5; do
        sweep $call t
        yes "$call: each is a warning" test $warned -eq $hits
    done
    sweep openat:24 u
    yes "openat in a deep tree: each is a warning" test $warned -eq $hits
    # Some places of these do not matter: who looks for a hole that nobody tells of just reads it.
    for call in fstat:5 lseek:22 fchmod:1; do
        sweep $call t
    done
    for first in 1 5 9; do # and all later ones
        status=0
        failing openat:$first:24 "$rove" pack --no-sync -o x.tar u 2>"$err" || status=$?
        # Without the first one the argument itself cannot be read.
        [ $status -eq $((first == 1 ? 1 : 2)) ] || bad "no descriptors from $first on: status $status"
        agrees "no descriptors from $first on" $status u
    done
    sweep listxattr:5 t --xattrs
    yes "listxattr: each is a warning" test $warned -eq $hits
    ends 2 "a folder that ends too early" failing readdir:3:5 "$rove" pack --no-sync -o x.tar t/empty
    says "a folder that ends too early" '^rove: t/empty: cannot be read to its end: Input/output error$'
    rm -f x.tar
fi

# Something else is put in the place of what was seen, before each call.
# swap WITH WHAT: WITH makes the other thing at `other`.
mkdir outside
printf 'SECRET\n' > outside/secret
fresh() {
    rm -rf r other
    mkdir -p r/m/n
    printf 'inner\n' > r/m/n/f
    printf 'outer\n' > r/a
    ln -s a r/link
}
swap() {
    with=$1 what=$2
    for call in swap-openat swap-fstatat; do
        k=$((1 + swaps % step)) # in turns, so that each place is seen
        while :; do
            fresh
            eval "$with"
            status=0
            ROVE_FAULT_ONCE=hit ROVE_FAULT_FILE=$what ROVE_FAULT_SWAP=other \
                failing $call:$k:0 timeout 20 "$rove" pack --no-sync -f -o x.tar r 2>"$err" || status=$?
            rmdir hit 2>/dev/null || break
            k=$((k + step)) swaps=$((swaps + 1)) checked=$((checked + 1))
            case $status in
                0) [ ! -s "$err" ] || bad "$call:$k $what $with: said something" ;;
                2) grep -Eq "^rove: $what(\.was)?: " "$err" || bad "$call:$k $what $with: not named" ;;
                *) bad "$call:$k $what $with: status $status" ;;
            esac
            ! grep -q SECRET x.tar || bad "$call:$k $what $with: a link was followed"
            tar -tf x.tar > some || bad "$call:$k $what $with: damaged"
        done
    done
    rm -f x.tar
}
if can_fail; then
    swaps=0
    for what in r/m r/m/n; do
        swap 'ln -s "$PWD/outside" other' $what
        swap 'printf plain > other' $what
        swap 'cp -r outside other; printf harmless > other/secret' $what
    done
    swap 'ln -s "$PWD/outside/secret" other' r/a
    swap 'mkfifo other' r/a
    swap 'mkdir other' r/a
    swap 'printf plain > other' r/link
    echo "$swaps swaps"
    yes "something was swapped" test $swaps -gt $((60 / step))
fi

# A folder that the walk is in goes elsewhere: the way up is lost, and said to be.
if can_fail; then
    k=1 lost=0
    while :; do
        rm -rf v other away
        cp -r u v
        mkdir other
        status=0
        ROVE_FAULT_ONCE=hit ROVE_FAULT_FILE=v/1/2/3 ROVE_FAULT_SWAP=other ROVE_FAULT_AWAY=away \
            failing swap-openat:$k:0 "$rove" pack --no-sync -f -o x.tar v 2>"$err" || status=$?
        rmdir hit 2>/dev/null || break
        k=$((k + step)) checked=$((checked + 1))
        tar -tf x.tar > some || bad "moved before $k: damaged"
        grep -qx v/z some || bad "moved before $k: the rest is missing"
        if grep -q '^rove: v/1/2: cannot be read to its end: .* moved' "$err"; then
            lost=$((lost + 1))
            [ $status -eq 2 ] || bad "moved before $k: status $status"
            ! grep -qx v/1/2/z some || bad "moved before $k: it is there all the same"
        else
            [ ! -s "$err" ] || bad "moved before $k: says something else"
            [ $status -eq 0 ] || bad "moved before $k: status $status"
            grep -qx v/1/2/z some || bad "moved before $k: missing, and not a word"
        fi
    done
    echo "moved before each of $k calls, lost at $lost"
    yes "the way was lost" test $lost -gt $((2 / step))
fi

# A file that is written to while it is read.
if can_fail; then
    while IFS=@ read -r how said; do
        seq 1 60000 > change
        touch -d @1500000000 change
        export ROVE_FAULT_FILE=change
        ends 2 "$how" failing "$how:1" "$rove" pack --no-sync -f -o x.tar change t/a
        unset ROVE_FAULT_FILE
        says "$how" "^rove: change: $said"
        yes "$how: the size in the header holds" test "$(tar -tf x.tar | tr '\n' ' ')" = "change t/a "
    done <<EOF
grow@changed while it was read$
touch@changed while it was read$
shrink@shrank while it was read; the rest is zeros in the archive$
EOF
fi

# Without memory there is no tar, and nothing else is said to be the cause: by the sizes of what is
# asked for, those of a long path, of the levels of folders, of a name, of a node for a file with two names.
if can_fail; then
    long=$(printf '%0201d' 0)
    mkdir m
    : > "m/$long"
    ln "m/$long" m/l
    for size in 408 896 202 $((32 + 204)); do
        ends 1 "no memory for $size bytes" failing "alloc:$size:12" "$rove" pack -o none.tar m m/l
        says "no memory for $size bytes" '^rove: out of memory$'
        no "no memory for $size bytes: no tar" test -e none.tar
    done
fi

# Where libarchive finds no memory for a string, of 32 bytes at least, it calls exit(): the output has been begun by then.
if can_fail; then
    mkdir begun
    noise 1500000 > begun/a
    for i in 1 2 3 4 5 6 7 8 9; do
        : > begun/b$i
    done
    : > said
    skip=20
    while [ $skip -lt 160 ]; do
        ROVE_FAULT_SKIP=$skip ROVE_FAULT_ONCE=one failing alloc:32:12 "$rove" pack --no-sync -f -o x.tar begun 2>> said
        skip=$((skip + $(amount 1 3)))
    done
    yes "libarchive has ended it" grep -q 'Internal Error in libarchive' said
    nothing_left "libarchive has ended it"
fi

# A folder that is to be found in itself.
mkdir -p loop/in
printf 'x' > loop/x
if [ "$(id -u)" -eq 0 ] && mount --bind loop loop/in 2>/dev/null; then
    ends 2 "a folder in itself" "$rove" pack -f -o x.tar loop
    says "a folder in itself" '^rove: loop/in: contains itself$'
    umount loop/in
    yes "it is not entered" test "$(tar -tf x.tar | tr '\n' ' ')" = "loop/ loop/in/ loop/x "
fi

# Deep, long, and few descriptors: 40 folders of 200 bytes.
name=$(printf '%0200d' 0)
perl -e 'for (1 .. 40) { mkdir $ARGV[0] or die; chdir $ARGV[0] or die; open my $f, ">", "z" or die; print $f $_ }' \
    "$name" || bad "no deep tree"
tar -cf - "$name" 2>/dev/null | tar -tf - | sort > want
yes "the stock tar packs it" test "$(wc -l < want)" -eq 80
ends 0 "long paths" sh -c 'ulimit -n 24 && "$1" pack -o long.tar "$2"' - "$rove" "$name"
tar -tf long.tar | sort > got
yes "all of it is there" cmp want got
yes "longer than PATH_MAX" test "$(wc -L < got)" -gt 8000
if command -v bsdtar >/dev/null; then
    bsdtar -tf long.tar | sort > got
    yes "bsdtar sees all of it" cmp want got
fi
seq 1 300 | perl -e 'mkdir "chain"; chdir "chain"; while (<>) { mkdir "x" or die; chdir "x" or die }'
ends 0 "300 folders deep" sh -c 'ulimit -n 24 && "$1" pack -o deep.tar chain' - "$rove"
yes "all 301" test "$(tar -tf deep.tar | wc -l)" -eq 301

# What cannot be packed is said, for each alone.
if command -v perl >/dev/null; then
    mkdir odd
    printf 'x' > odd/x
    perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => "odd/socket", Listen => 1) or die' &&
        ends 2 "a socket" "$rove" pack --no-sync -f -o x.tar odd
    says "a socket" '^rove: odd/socket: is a socket, which an archive cannot hold$'
    yes "the rest" test "$(tar -tf x.tar | tr '\n' ' ')" = "odd/ odd/x "
fi
if grep -q . /proc/self/status 2>/dev/null; then
    ends 2 "a file that is made up" "$rove" pack --no-sync -f -o x.tar /proc/self/status
    says "a file that is made up" ': holds more than its size tells; it is empty in the archive$'
fi
ends 1 "no name at all" "$rove" pack --no-sync -f -o x.tar "" odd/x
mentions "no name at all" ': cannot be read: No such file'
ends 1 "a file as a folder" "$rove" pack --no-sync -f -o x.tar odd/x/
mentions "a file as a folder" '^rove: odd/x: cannot be read: Not a directory$'
ln -s odd to-odd
yes "a link" "$rove" pack --no-sync -f -o x.tar to-odd
yes "is packed as such" test "$(tar -tf x.tar)" = to-odd
ends 2 "a link with a slash" "$rove" pack --no-sync -f -o x.tar to-odd/
yes "is the folder" test "$(tar -tf x.tar | tr '\n' ' ')" = "to-odd/ to-odd/x "
nothing_left "faults"
done_testing
