#!/bin/sh
# SPDX-License-Identifier: MIT
# What the command refuses to do, and what it says then.

. "$(dirname "$0")/lib.sh"

seq 1 1000 > text

# Wrong texts of -F: the byte is named.
wrong() {
    ends 1 "$1" "$rove" compress -F "$1" -o out text
    says "$1" "^rove: -F: .*byte $2"
    no "$1: no output" test -e out
}
wrong gzipp 0
wrong 'crc32|gzipp' 6
wrong 'gzip:lavel=6' 5
wrong 'gzip:level=10' 11
wrong 'gzip:level=x' 11
wrong 'gzip:level' 10
wrong 'gzip:' 5
wrong 'gzip|' 5
wrong '' 0
wrong 'auto' 0
long=$(printf '%05000d' 0)
ends 1 "too long" "$rove" compress -F "gzip:name=$long" -o out text
says "too long" '^rove: -F: .*4096'
ends 1 "too many" "$rove" compress -F 'copy|copy|copy|copy|copy|copy|copy|copy|copy' -o out text
says "too many" '^rove: -F: '
ends 1 "no filter" "$rove" sum -F gzip text
says "no filter" '^rove: -F: '

# Targets that are there.
echo old > out
ends 1 "existing" "$rove" compress -o out text
says "existing" '^rove: out: .*-f'
yes "untouched" test "$(cat out)" = old
yes "-f" "$rove" compress -f -o out text
yes "-f overwrites" sh -c 'gzip -dc < out | cmp - text'
cp text text.gz
ends 1 "existing by suffix" "$rove" compress text
says "existing by suffix" '^rove: text\.gz: '
rm text.gz
ln -s nowhere link
ends 1 "dangling link" "$rove" compress -o link text
no "not followed" test -e nowhere
mkdir folder
ends 1 "folder" "$rove" compress -f -o folder text
says "folder" '^rove: folder: .*folder'
ends 2 "folder as input" "$rove" compress folder
says "folder as input" '^rove: folder: .*folder'
ends 1 "no such folder" "$rove" compress -o none/out text
says "no such folder" '^rove: none/out: '

# The input as the output, also by another name.
cp text same
ends 1 "itself" "$rove" compress -f -o same same
says "itself" '^rove: same: .*input'
ln same other
ends 1 "itself by a link" "$rove" compress -f -o other same
yes "still there" cmp same text
ends 1 "itself by pipes" sh -c '"$1" compress -f -o same < same' - "$rove"
yes "still there" cmp same text

# --rm keeps its hands off what is more than one plain file.
ends 2 "--rm of a hard link" "$rove" compress --rm -o out2 same
says "--rm of a hard link" '^rove: same: .*1 other names?.*-f'
rm other
ends 1 "--rm without output" "$rove" compress --rm -o none/out same
yes "source stays" test -f same

# Names.
ends 1 "missing" "$rove" compress missing
says "missing" '^rove: missing: .*No such file'
ends 1 "odd name" "$rove" compress "$(printf 'a\nb\033c')"
says "odd name" '^rove: a\\012b\\033c: '
ends 2 "no suffix" "$rove" decompress -F gzip text
says "no suffix" '^rove: text: .*-o'
ends 1 "no known suffix" "$rove" compress -F copy text
says "no known suffix" '^rove: text: .*-o'
ends 1 "two inputs, one output" "$rove" compress -o two text same
no "two inputs, one output" test -e two

# Misuse.
ends 1 "no verb" "$rove"
ends 1 "wrong verb" "$rove" explode
says "wrong verb" '^rove: explode: '
ends 1 "wrong option" "$rove" compress --explode
mentions "wrong option" "rove compress --help"
ends 1 "wrong size" "$rove" pack --memory many text
says "wrong size" '^rove: --memory: '
ends 1 "wrong word" "$rove" compress --progress=loud text
says "wrong word" '^rove: --progress: '
ends 1 "two sides" "$rove" decompress --strict --salvage text
mentions "two sides" '^rove: decompress: --strict .*--salvage'

# Options before the verb.
for words in -v '-q -9' '-o x' --no-sync '--memory 1M' '-zc' '--prepend x -f' --nonsense; do
    # shellcheck disable=SC2086
    ends 1 "$words pack" "$rove" $words pack text
    says "$words pack" '^rove: pack: options stand behind the verb'
done
cp text pack
yes "a file that is named like a verb" sh -c '"$1" -z -c pack | gzip -dc | cmp - text' - "$rove"
rm pack

# Levels.
for level in -0 -1 -9 -c9 -09 -6c; do
    yes "$level" sh -c '"$1" compress $2 -c text | gzip -dc | cmp - text' - "$rove" $level
done
for level in -10 -12 -19 -c12 -12c -99999999999999999999 '-1 -12'; do
    # shellcheck disable=SC2086
    ends 1 "$level" "$rove" compress $level -o out3 text
    says "$level" "^rove: -[0-9]+: .*level"
    no "$level: nothing is written" test -e out3
done
"$rove" compress -1 -o level1 text
yes "the last level counts" sh -c '"$1" compress -19 -1 -c text | cmp - level1' - "$rove"
yes "a value may look like a level" "$rove" compress -o -12 text
yes "and is a name" sh -c 'gzip -dc < ./-12 | cmp - text'

yes "--version" sh -c '"$1" --version | grep -Eq "^rove [0-9]+\.[0-9]+\.[0-9]+$"' - "$rove"
yes "--version -v" sh -c '"$1" --version -v | grep -q "^allocator: "' - "$rove"
yes "--help" sh -c '"$1" --help | grep -q "^usage: "' - "$rove"
for verb in pack compress decompress test sum filters; do
    yes "$verb --help" sh -c '"$1" $2 --help | grep -q "^usage: rove $2"' - "$rove" $verb
done
yes "-qq is silent" sh -c '! "$1" compress -qq missing 2>&1 | grep -q .' - "$rove"

# Terminals: script(1) gives the command one.
if command -v script >/dev/null 2>&1; then
    rm -f text.gz
    # on_terminal COMMAND: its status; what the terminal shows goes to `shown`.
    on_terminal() { script -qec "$1" /dev/null </dev/null >shown 2>&1; }
    ends 1 "coded bytes to a terminal" on_terminal "'$rove' compress -c text"
    yes "names the override" grep -q -- '-f' shown
    ends 1 "a tar to a terminal" on_terminal "'$rove' pack text"
    yes "-f to a terminal" on_terminal "'$rove' compress -f -c text"
    "$rove" compress text
    yes "plain bytes to a terminal" on_terminal "'$rove' decompress -c text.gz"
    yes "text is shown" grep -q '^1000' shown
    yes "progress on a terminal" on_terminal "'$rove' compress -f text"
    yes "its summary stays" grep -q 'compressed' shown

    # A line that has no room loses whole fields, the share last.
    noise 1000000 > much
    mkfifo slow
    # shows COLUMNS PATTERN: what is drawn there, line by line.
    shows() {
        { sleep 1.2; cat; } < slow > /dev/null &
        on_terminal "stty cols $1; '$rove' compress --progress=bar -o slow much"
        wait
        tr '\r' '\n' < shown | grep '%  *[0-9.]\|^ *[0-9]* %\|[0-9] %$' | grep -v into > drawn
        yes "$1 columns: something is drawn" test -s drawn
        no "$1 columns: not all lines have the share" grep -v '[0-9] %' drawn
        no "$1 columns: a line is too long" grep -E ".{$1}" drawn
        yes "$1 columns: what is shown" grep -Eq "$2" drawn
    }
    shows 80 '^compressing +[0-9]+ %  [0-9.]+ .B  [0-9.]+ .?B/s  [0-9]+:[0-9]+ left'
    shows 40 '^compressing +[0-9]+ %  [0-9.]+ .B( |$)'
    no "40 columns: no part of a field" grep -q 'left' drawn
    shows 20 '^compressing +[0-9]+ %( |$)'
    shows 12 '^ *[0-9]+ %( |$)'
    yes "no progress" on_terminal "'$rove' compress --progress=none -f text"
    no "no summary" grep -q 'compressed' shown
fi
nothing_left "refusals"
done_testing
