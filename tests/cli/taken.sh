#!/bin/sh
# SPDX-License-Identifier: MIT
# Which files compress and decompress take, and which they leave out with a warning, as gzip does.

. "$(dirname "$0")/lib.sh"

seq 1 1000 > text
gzip -c text > coded.gz

# left_out NAME PATTERN: compress leaves the file out, says so, and does the next one.
left_out() {
    rm -f next.gz "$1.gz"
    cp text next
    ends 2 "$1" timeout 20 "$rove" compress "$1" next
    says "$1" "^rove: $1: is left out: $2"
    no "$1: no output" test -e "$1.gz"
    yes "$1: the next one" test -f next.gz
}

# taken WHAT NAME COMMAND...: the command succeeds, and its output decodes to the text.
taken() {
    name=$1 got=$2
    shift 2
    yes "$name" "$@"
    yes "$name: all of it" sh -c 'gzip -dc < "$0" | cmp - text' "$got"
    rm -f "$got"
}

cp text real
ln -s real link
left_out link "it is a symbolic link"
taken "-f link" link.gz "$rove" compress -f link
taken "-o from a link" out "$rove" compress -o out link
taken "-c from a link" out sh -c '"$1" compress -c link > out' - "$rove"
cp text twin
ln twin other
left_out twin "it has 1 other names"
taken "-f twin" twin.gz "$rove" compress -f twin
taken "-o from a twin" out "$rove" compress -o out twin
for bit in 4 2 1; do
    cp text special
    chmod ${bit}644 special
    left_out special 'its (set-user-ID|set-group-ID|sticky) bit is set'
    taken "-f special" special.gz "$rove" compress -f special
    "$rove" compress -f special
    yes "the bit is not copied" test "$(stat -c %a special.gz)" = 644
    rm -f special special.gz
done
taken "test takes all" coded.gz.copy sh -c 'ln -s coded.gz a.gz; "$1" test a.gz && cp a.gz coded.gz.copy' - "$rove"

# Decompress alike.
ln -s coded.gz l.gz
cp coded.gz t.gz
ln t.gz u.gz
cp coded.gz s.gz
chmod 4644 s.gz
for name in l t s; do
    ends 2 "decompress $name.gz" "$rove" decompress $name.gz
    says "decompress $name.gz" "^rove: $name\.gz: is left out: "
    no "$name: no output" test -e $name
    yes "decompress -f $name.gz" "$rove" decompress -f $name.gz
    yes "$name: all of it" cmp $name text
done

# What is no file is not even opened: that would wait for somebody, or do things.
mkfifo pipe
left_out pipe "it is no regular file"
ends 2 "-f pipe" timeout 20 "$rove" compress -f pipe
ends 2 "--rm -o from a pipe" timeout 20 "$rove" compress --rm -o out pipe
ends 2 "decompress pipe" timeout 20 "$rove" decompress pipe
ln -s pipe piped
ends 2 "a link to a pipe, -f" timeout 20 "$rove" compress -f piped
left_out /dev/null "it is no regular file"
if [ -c /dev/tty ]; then
    left_out /dev/tty "it is no regular file"
fi
timeout 20 sh -c 'cat text > pipe' &
taken "-c from a pipe" out sh -c 'timeout 20 "$1" compress -c pipe > out' - "$rove"
wait $!
mkdir folder
left_out folder "it is a folder"
ends 2 "decompress a folder" "$rove" decompress folder
ends 2 "test a folder" "$rove" test folder
ends 2 "a folder as standard input" sh -c '"$1" compress < folder > got' - "$rove"

# What is coded already.
for name in coded.gz coded.tgz coded.GZ; do
    cp coded.gz $name 2>/dev/null
    left_out $name "it has a suffix of such files already"
done
yes "-f coded.gz" "$rove" compress -f coded.gz
yes "is coded twice" sh -c 'gzip -dc < coded.gz.gz | cmp - coded.gz'
yes "another codec" "$rove" compress -F lz4 coded.gz
yes "-c coded.gz" sh -c '"$1" compress -c coded.gz | gzip -dc | cmp - coded.gz' - "$rove"
yes "-o from coded.gz" "$rove" compress -o out coded.gz
"$rove" compress -F lz4 text
ends 2 "text.lz4" "$rove" compress -F 'crc32|lz4' text.lz4
yes "-q is quiet, but the status stays" sh -c '
    said=$("$1" compress -q coded.gz 2>&1); [ $? -eq 2 ] && [ -z "$said" ]' - "$rove"
nothing_left "taken"
done_testing
