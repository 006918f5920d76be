#!/bin/sh
# SPDX-License-Identifier: MIT
# --rm removes the input only when a regular file has all of it, has its name, and both are on the disk.

. "$(dirname "$0")/lib.sh"

seq 1 20000 > source
gzip -c source > source.gz

fresh() {
    rm -rf ./f ./f.gz g g.gz out
    cp source f
    cp source.gz g.gz
}

# stays STATUS WHAT PATTERN COMMAND...: the command ends so, says this, and both inputs are still
# there, whole.
stays() {
    status=$1 name=$2 words=$3
    shift 3
    ends "$status" "$name" "$@"
    mentions "$name" "$words"
    yes "$name: the input stays" cmp f source
    yes "$name: the coded input stays" cmp g.gz source.gz
}

# Removed, where all is well; otherwise this test could not fail.
fresh
yes "compress --rm" "$rove" compress --rm f
no "removed" test -e f
yes "all of it is there" sh -c 'gzip -dc < f.gz | cmp - source'
yes "decompress --rm" "$rove" decompress --rm g.gz
no "removed again" test -e g.gz
yes "all of it is there again" cmp g source
fresh
yes "compress --rm -o" "$rove" compress --rm -o out f
no "removed with -o" test -e f
fresh
yes "compress --rm --no-sync" "$rove" compress --rm --no-sync f
no "removed without sync" test -e f

# Outputs that are no files.
mkfifo pipe
ln -s /dev/null null
ln -s pipe pipe-link
drained() {
    timeout 60 cat pipe > /dev/null &
    "$@"
    drained_status=$?
    wait $!
    return $drained_status
}
for force in "" -f; do
    fresh
    for out in /dev/null null /dev/fd/4 - /dev/stdout /proc/self/fd/1; do
        # shellcheck disable=SC2086
        stays 2 "compress $force --rm -o $out" '^rove: f: is kept: --rm ' \
            sh -c '"$@" > /dev/null 4>/dev/null' - "$rove" compress $force --rm -o $out f
        # shellcheck disable=SC2086
        stays 2 "decompress $force --rm -o $out" '^rove: g.gz: is kept: --rm ' \
            sh -c '"$@" > /dev/null 4>/dev/null' - "$rove" decompress $force --rm -o $out g.gz
    done
    # shellcheck disable=SC2086
    stays 2 "$force --rm -c -o null" 'is kept' "$rove" compress $force --rm -c -o null f
    # shellcheck disable=SC2086
    stays 2 "$force --rm -c" 'is kept' sh -c '"$@" > /dev/null' - "$rove" compress $force --rm -c f
    for out in pipe pipe-link; do
        # shellcheck disable=SC2086
        stays 2 "$force --rm -o $out" 'is kept' drained "$rove" compress $force --rm -o $out f
        # shellcheck disable=SC2086
        stays 2 "$force decompress --rm -o $out" 'is kept' drained "$rove" decompress $force --rm -o $out g.gz
    done
done

# The names of open descriptors mean these, also where they are files: the names stay.
fresh
yes "-o /dev/stdout" sh -c '"$1" compress -f -o /dev/stdout f > got' - "$rove"
yes "went there" sh -c 'gzip -dc < got | cmp - f'
yes "-o /dev/fd/5" sh -c '"$1" compress -f -o /dev/fd/5 f 5> got' - "$rove"
yes "went there, too" sh -c 'gzip -dc < got | cmp - f'
ln -s /dev/stdout to-stdout
yes "a link to /dev/stdout" sh -c '"$1" compress -f -o to-stdout f > got' - "$rove"
yes "is followed" sh -c 'gzip -dc < got | cmp - f'
yes "and stays" test -L to-stdout -a -L /dev/stdout
ends 1 "a closed descriptor" sh -c '"$1" compress -o /dev/fd/9 f 9>&-' - "$rove"
says "a closed descriptor" '^rove: /dev/fd/9: cannot be written: Bad file descriptor'

# Names that were made up are those of files: what lies there is not written to.
for target in /dev/null pipe nowhere; do
    fresh
    ln -s $target f.gz
    ln -s $target g
    stays 1 "f.gz is a link to $target" '^rove: f\.gz: the file exists; -f' \
        timeout 20 "$rove" compress --rm f
    stays 1 "g is a link to $target" '^rove: g: the file exists; -f' \
        timeout 20 "$rove" decompress --rm g.gz
    yes "-f: f.gz was a link to $target" timeout 20 "$rove" compress -f --rm f
    yes "has become a file" test -f f.gz -a ! -L f.gz
    yes "with all of it" sh -c 'gzip -dc < f.gz | cmp - source'
done
no "nothing was made" test -e nowhere
yes "the pipe stays" test -p pipe

# Calls that fail when all the bytes are written.
if can_fail; then
    # Call by call: the status, what is said, and whether there is an output all the same.
    while IFS=@ read -r fault status said output; do
        fresh
        stays "$status" "compress: $fault" "$said" failing "$fault" "$rove" compress --rm f
        case $output in
            complete) yes "$fault: output" sh -c 'gzip -dc < f.gz | cmp - source' ;;
            none) no "$fault: output" test -e f.gz ;;
        esac
        fresh
        stays "$status" "decompress: $fault" "$said" failing "$fault" "$rove" decompress --rm g.gz
        nothing_left "$fault"
    done <<EOF
fsync-file:1:5@1@: cannot be written to the disk: Input/output error@none
fsync-file:1:28@1@: cannot be written to the disk: No space left@none
fsync-folder:1:5@1@: has its name, but its folder cannot be written to the disk: Input@complete
close:1:5@1@: cannot be written: Input/output error@none
rename:1:5@1@: cannot be given its name: Input/output error@none
write:1:28@1@: No space left on device@none
unlink:1:1@1@^rove: (f|g.gz): cannot be removed: Operation not permitted@complete
fchmod:1:1@2@: its mode cannot be set: Operation not permitted@complete
futimens:1:1@2@: its times cannot be set: Operation not permitted@complete
EOF
    fresh
    yes "a folder that cannot be synced at all" failing fsync-folder:1:22 "$rove" compress --rm f
    no "hinders nothing" test -e f
    fresh
    ends 1 "pack" failing fsync-folder:1:5 "$rove" pack -o out f
    ends 2 "pack" failing fchmod:1:1 "$rove" pack -f -o out f
    yes "its tar" sh -c 'tar -tf out > /dev/null'
    ends 1 "standard output that fails when it is closed" \
        sh -c 'ROVE_FAULT=close:1:28 LD_PRELOAD=$ROVE_FAULTS "$1" compress -c f > got' - "$rove"
    says "standard output that fails when it is closed" '^rove: standard output: .*No space left'
fi

# A list's mask is shown as the group's bits of a mode: it must not become the group's rights.
: > listed
if setfacl -m u:12345:rw,g::-,m::rw,o::- listed 2>/dev/null; then
    umask 022
    yes "a list" "$rove" compress -f -o coded listed
    getfacl -cn listed > want && getfacl -cn coded > got
    yes "a list is copied" cmp got want
    mkdir -p handed && setfacl -d -m u:54321:rwx handed
    : > unlisted && chmod 640 unlisted
    yes "no list" "$rove" compress -f -o handed/coded unlisted
    no "a folder's list gives nobody rights to the output" sh -c 'getfacl -cn handed/coded | grep 54321'
    yes "the mode is that of the input" test "$(stat -c %a handed/coded)" = 640
    if can_fail; then
        for call in fsetxattr getxattr; do
            rm -f coded
            ends 2 "$call fails" failing $call:1:5 "$rove" compress -o coded listed
            says "$call fails" '^rove: coded: is for its owner only'
            yes "$call fails: nobody else reads it" test "$(stat -c %a coded)" = 600
        done
    fi
fi

# What is written over a file, and is like no other, is for nobody who could not read that file.
for mode in 600 640 444 755; do
    rm -f private && : > private && chmod $mode private
    yes "pack over a file of mode $mode" "$rove" pack -f -o private source
    yes "it keeps its mode $mode" test "$(stat -c %a private)" = $mode
    yes "compress what is piped over it" "$rove" compress -f -o private < source
    yes "it keeps its mode $mode again" test "$(stat -c %a private)" = $mode
done
(umask 077 && "$rove" pack -o fresh.tar source)
yes "a new file has the mode of the umask" test "$(stat -c %a fresh.tar)" = 600
rm -f private fresh.tar
if [ -e want ]; then
    yes "pack over a file with a list" "$rove" pack -f -o listed source
    getfacl -cn listed > got
    yes "its list stays" cmp got want
fi

# What is no plain file is no input to be removed, wherever the output goes.
fresh
mkfifo queue
ln -s source alias
ln source twin
for input in queue alias twin; do
    ends 2 "--rm -c -o, input $input" timeout 20 "$rove" compress --rm -c -o made.gz "$input"
    mentions "--rm -c -o, input $input" "^rove: $input: is left out"
    yes "--rm -c -o, input $input: it stays, nothing is made" test -e "$input" -a ! -e made.gz
done
rm -f queue alias twin

# What is not sure to be whole.
fresh
printf 'more' >> g.gz
ends 2 "bytes behind the end of gzip" "$rove" decompress --rm g.gz
mentions "bytes behind the end of gzip" '^rove: g.gz: is kept, because of this warning'
yes "bytes behind the end of gzip: the input stays" test -f g.gz
"$rove" compress -F zlib source
printf 'more' >> source.zz
cp source.zz g.zz
ends 2 "bytes behind the end" "$rove" decompress -f --rm g.zz
mentions "bytes behind the end" '^rove: g.zz: is kept, because of this warning'
yes "bytes behind the end: the input stays" cmp g.zz source.zz
if may_be_nobody; then
    fresh
    mkdir closed
    cp source closed/f
    chmod 555 closed
    chmod 777 .
    ends 1 "a folder that is closed" as_nobody "$rove" compress --rm -o out closed/f
    says "a folder that is closed" '^rove: closed/f: cannot be removed: Permission denied'
    yes "the output is there" sh -c 'gzip -dc < out | cmp - source'
fi
nothing_left "kept"
done_testing
