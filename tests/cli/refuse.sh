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

# Controls of eight bits, in either coding, steer a terminal as well; letters of any language do not.
eight=$(printf 'a\302\233m\233\303\251\340\237\277')
plain=$(printf 'a\\\\302\\\\233m\\\\233\303\251\\\\340\\\\237\\\\277')
ends 1 "controls of eight bits" "$rove" compress "$eight"
says "controls of eight bits" "^rove: $plain: "
cp text "$eight"
"$rove" sum "$eight" > sums
yes "sum -c" sh -c '"$1" sum -c sums > got' - "$rove"
yes "sum -c escapes" grep -q "^$plain: OK$" got
yes "the summary" "$rove" test --progress=bar -F copy "$eight"
mentions "the summary escapes" "s: $plain\$"
rm -f sums got "$eight"
ends 2 "no suffix" "$rove" decompress -F gzip text
says "no suffix" '^rove: text: .*-o'
ends 1 "no known suffix" "$rove" compress -F copy text
says "no known suffix" '^rove: text: .*-o'
ends 1 "two inputs, one output" "$rove" compress -o two text same
no "two inputs, one output" test -e two

# Misuse.
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

# "--" is what stands before a file, not what stands before an option or behind one.
printf 'standard\n' > ./-
printf 'input\n' > given
yes "-: before --" sh -c '"$1" sum - -- text < given > got' - "$rove"
yes "-: is standard input" test "$(cut -c1-8 got | head -n 1)" = "$("$rove" sum given | cut -c1-8)"
yes "-: behind --" sh -c '"$1" sum -- - < given > got' - "$rove"
yes "-: is a file" test "$(cut -c1-8 got)" = "$("$rove" sum ./- | cut -c1-8)"
yes "--: as a value" sh -c '"$1" compress -f -o -- - < given && gzip -dc < ./-- | cmp - given' - "$rove"
rm ./- ./--

# Figures would end in what is read or written.
cp text a; cp text b; gzip -c text > g.gz; : > figures; ln -f figures figures2; ln -sf b to-b
cksum a b g.gz > before
for args in '--stats=a --rm a' '--stats=b a b' '--stats=./to-b -k a b' '-f --stats=g.gz -o g.gz a' \
    '-f --stats=./g.gz -o g.gz a' '--stats=a.gz a' '--stats=new -o ./new a' '-t --stats=g.gz g.gz'; do
    # shellcheck disable=SC2086
    ends 1 "$args" "$rove" compress $args
    says "$args" '^rove: --stats: .* is (an input|the output)'
    yes "$args: nothing is touched" sh -c 'cksum a b g.gz | cmp - before'
    no "$args: nothing is made" test -e a.gz -o -e new
done
ends 1 "figures in what is written" sh -c '"$1" compress -c --stats=/dev/stdout a | cat > got; exit 1' - "$rove"
says "figures in what is written" '^rove: --stats: .* is the output'
no "no bytes" test -s got
ends 1 "figures from standard input" sh -c '"$1" compress --stats=a < a > got' - "$rove"
ends 1 "figures in a tar" "$rove" pack --stats=x.tar -o x.tar a
ends 1 "figures in what is packed" "$rove" pack --stats=a -o x.tar --prepend a b
mkdir -p figured/sub
cp a figured/sub/f
ends 1 "figures in a packed folder" "$rove" pack --stats=figured/sub/f -o y.tar figured
says "figures in a packed folder" '^rove: --stats: figured/sub/f is an input$'
yes "figures in a packed folder: it stays" cmp a figured/sub/f
no "figures in a packed folder: no output" test -e y.tar
yes "figures beside what is packed" "$rove" pack --stats=figured/sub/new -o y.tar figured
rm -r figured y.tar
no "figures: nothing is made" test -e x.tar
yes "figures: both to nowhere" "$rove" compress -c --stats=/dev/null -o /dev/null a
rm -f a b g.gz to-b figures figures2 before got

# A test that is to write.
gzip -c text > sound.gz
for words in '-o out' --rm; do
    # shellcheck disable=SC2086
    ends 1 "test $words" "$rove" test $words sound.gz
    mentions "test $words" '^rove: test: a test or a list writes nothing'
    # shellcheck disable=SC2086
    ends 1 "-t $words" "$rove" -t $words sound.gz
done
yes "test -c" "$rove" test -c sound.gz

# A plugin's name may stand behind a blank, too.
for words in '--plugin nonesuch' --plugin=nonesuch; do
    # shellcheck disable=SC2086
    ends 1 "$words" "$rove" $words compress text
    says "$words" '^rove: nonesuch: '
done
ends 1 "--plugin alone" "$rove" --plugin
says "--plugin alone" '^rove: --plugin: names no plugin'
ends 1 "--plugins" "$rove" --plugins text
says "--plugins" '^rove: --plugins: is no option'

# A file whose name looks like an option.
for word in "$(printf -- '--\033[31m')" "$(printf -- '-\233')"; do
    ends 1 "an odd option" "$rove" compress "$word"
    mentions "an odd option" 'is no option'
    no "an odd option is escaped" grep -q "$(printf '[\033\233]')" "$err"
done

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
for spec in copy crc32 'crc32|copy'; do
    ends 1 "-9 with $spec" "$rove" compress -9 -F "$spec" -o out3 text
    says "-9 with $spec" '^rove: -9: no codec takes a level'
done
ends 1 "-9 of a plain tar" "$rove" pack -9 -o out3.tar text
no "levels that no codec takes: nothing is written" test -e out3 -o -e out3.tar
"$rove" compress -1 -o level1 text
yes "the last level counts" sh -c '"$1" compress -19 -1 -c text | cmp - level1' - "$rove"
yes "a value may look like a level" "$rove" compress -o -12 text
yes "and is a name" sh -c 'gzip -dc < ./-12 | cmp - text'

yes "--version" sh -c '"$1" --version | grep -Eq "^rove [0-9]+\.[0-9]+\.[0-9]+$"' - "$rove"
yes "--version -v" sh -c '"$1" --version -v | grep -q "^allocator: "' - "$rove"
yes "--help" sh -c '"$1" --help | grep -q "^usage: "' - "$rove"
for verb in pack compress decompress test sum cat list get index filters bench; do
    yes "$verb --help" sh -c '"$1" $2 --help | grep -q "^usage: rove $2"' - "$rove" $verb
    yes "help $verb" sh -c '"$1" help $2 | grep -q "^usage: rove $2"' - "$rove" $verb
done
ends 1 "-l is not all of list" "$rove" -l --blocks text
yes "help is to be had of what -l stands for" sh -c '! "$1" -l --blocks text 2>&1 | grep compress' - "$rove"
yes "and -d" sh -c '"$1" -d --range 1:1 text 2>&1 | grep -q "decompress: try .rove decompress --help"' - "$rove"
yes "and nothing" sh -c '"$1" --range 1:1 text 2>&1 | grep -q "^rove: compress: try .rove compress --help"' - "$rove"
yes "-qq is silent" sh -c '! "$1" compress -qq missing 2>&1 | grep -q .' - "$rove"

# Terminals: script(1) gives the command one.
if command -v script >/dev/null 2>&1; then
    rm -f text.gz
    # on_terminal COMMAND: its status; what the terminal shows goes to `shown`.
    on_terminal() { script -qec "$1" /dev/null </dev/null >shown 2>&1; }
    ends 1 "coded bytes to a terminal" on_terminal "'$rove' compress -c text"
    yes "names the override" grep -q -- '-f' shown
    ends 1 "no verb" on_terminal "'$rove'"
    yes "but helps" grep -q '^usage: rove' shown
    ends 1 "a tar to a terminal" on_terminal "'$rove' pack text"
    yes "-f to a terminal" on_terminal "'$rove' compress -f -c text"
    "$rove" compress text
    yes "plain bytes to a terminal" on_terminal "'$rove' decompress -c text.gz"
    yes "text is shown" grep -q '^1000' shown
    yes "progress on a terminal" on_terminal "'$rove' compress -f text"
    yes "its summary stays" grep -q 'compressed' shown

    # A line that has no room loses whole fields, the share last.
    noise 3000000 > much # more than what is under way between file and pipe
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
