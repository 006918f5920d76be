#!/bin/sh
# SPDX-License-Identifier: MIT
# Every diagnostic of the command is provoked here, and ends with its status. One that is new in the
# sources and has no line here fails the test.

tools=$(cd "$(dirname "$0")/../../tools" && pwd)
lister=$(cd "$(dirname "$0")" && pwd)/messages.pl
maker=$(cd "$(dirname "$0")" && pwd)/ustar.pl
. "$(dirname "$0")/lib.sh"

command -v perl > /dev/null || skip "no perl"
can_fail || skip "no call can be made to fail"

perl "$lister" "$tools" > listed
: > provoked

# has_said SENTENCE: some line of the last command's stderr says what stands so in a source; conversions stand for
# anything. By the shell itself, which takes no process.
has_said() {
    while IFS= read -r line; do
        case $line in
            'rove: '*) line=${line#rove: } sentence=$1 ;;
            *) continue ;;
        esac
        while :; do
            piece=${sentence%%\%*}
            case $line in
                *"$piece"*) line=${line#*"$piece"} ;;
                *) continue 2 ;;
            esac
            case $sentence in
                *%*) sentence=${sentence#*%} && sentence=${sentence#*[cdsu]} ;;
                *) return 0 ;;
            esac
        done
    done < "$err"
    return 1
}

# said STATUS 'FILE: SENTENCE' COMMAND...: the command ends so, and says it.
said() {
    want=$1 key=$2
    shift 2
    printf '%s\n' "$key" >> provoked
    ends "$want" "$key" "$@"
    checked=$((checked + 1))
    has_said "${key#*: }" || bad "$key: is not said"
}

# never 'FILE: SENTENCE' WHY: it cannot be provoked from outside.
never() { printf '%s\n' "$1" >> provoked; }

# faulty CALL:NTH:ERRNO FILE [SKIP]: for the next commands; ends with `sound`.
faulty() {
    export ROVE_FAULT="$1" ROVE_FAULT_FILE="$2" ROVE_FAULT_SKIP="${3:-0}"
}
sound() { unset ROVE_FAULT ROVE_FAULT_FILE ROVE_FAULT_SKIP; }

# hurt COMMAND...: the command with the fault, and nothing else with it.
hurt() { env LD_PRELOAD="$ROVE_FAULTS" "$@"; }

# silent COMMAND...: what it prints on standard output is of no interest.
silent() { "$@" > /dev/null; }

# on_terminal ANSWER COMMAND: what the terminal shows is put on standard error, without carriage returns.
on_terminal() {
    printf '%s\n' "$1" | script -qec "$2" /dev/null > shown 2>&1
    status=$?
    tr -d '\r' < shown | sed 's/^.*\(rove: \)/\1/' >&2
    return $status
}

seq 1 50000 > text
seq 1 50000 > text.new
seq 1 50 > one
gzip -c text > coded.gz
long=$(printf '%0200d' 7)
cp text "$long"
cp coded.gz "$long.gz"
mkdir folder
mkfifo pipe
ln -s text link
cp text twin && ln twin twin2
cp text special && chmod u+s special
perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0) && bind(S, pack_sockaddr_un("socket")) or die' ||
    bad "no socket"
fresh() { rm -f out text.gz text.lz4 text.zz && : ; }

# check.c
"$rove" sum text > sums
{ cat sums; echo nonsense; } > odd
sed 's/^./z/; s/^z/0/; s/^00/01/' sums > wrong
{ cat sums; sed 's/text/missing/' sums; } > gone
printf '#%03000d\n' 1 | cat - sums > long-line
faulty alloc:3000-3010 none
said 1 'check.c: out of memory' silent hurt "$rove" sum -c long-line
faulty alloc:32800-32999 none # what holds the lines
said 1 'check.c: out of memory' silent hurt "$rove" sum -c sums
faulty read:1:5 sums
said 1 'check.c: cannot be read: %s' silent hurt "$rove" sum -c sums
sound
said 1 'check.c: holds no line of this checksum' silent "$rove" sum -c text
said 2 'check.c: %zu lines are not of this checksum' silent "$rove" sum -c odd
said 1 'check.c: %zu lines are not of this checksum' silent "$rove" sum -c --strict odd
said 2 'check.c: line %zu is not of this checksum' silent "$rove" sum -c -w odd
sed 's/text/missing/' sums > none
said 1 'check.c: none of its %zu files is there' silent "$rove" sum -c --ignore-missing none
said 1 'check.c: %zu of %zu files could not be read' silent "$rove" sum -c gone
said 1 'check.c: line %zu is longer than any of such a list' silent "$rove" sum -c /dev/zero
said 1 'check.c: %zu of %zu checksums do not match' silent "$rove" sum -c wrong

# code.c. An allocation is known by its size: here that of struct spec, below that of a name.
said 1 'code.c: --strict and --salvage contradict each other' "$rove" test --strict --salvage coded.gz
said 1 'code.c: -r wants to be told a folder' "$rove" compress -r
said 1 'code.c: --rsyncable is for what the suffix chooses; with -F write gzip:rsyncable=yes' \
    "$rove" compress --rsyncable -F gzip text
said 1 'code.c: -o names one output, and there is more than one input' "$rove" compress -o out text text
faulty alloc:12290-12320 none
said 1 'code.c: out of memory' hurt "$rove" compress -o out text
said 1 'sum.c: out of memory' silent hurt "$rove" sum text
sound

# job.c
head -c 1000 coded.gz > cut.gz
{ cat coded.gz; printf junk; } > behind.gz
said 1 'explain.c: %s' "$rove" decompress cut.gz
said 1 'explain.c: %s; %s allows more' "$rove" test --max-output 10 coded.gz
said 1 'job.c: %s; -M allows more' "$rove" test -M 1000 -F gzip coded.gz
printf '\050\265\057\375\0' > zstd-data
said 1 'plugin.c: the plugin that reads %s data cannot be loaded: %s' env ROVE_PLUGINS=none "$rove" test zstd-data
printf 'LZIP\1\14' > lzip-data
said 1 'plugin.c: it looks like %s data, which no filter of rove reads' "$rove" test lzip-data
said 1 'job.c: %s follow the end of the coded data' "$rove" test --strict behind.gz
said 2 'job.c: %s follow the end of the coded data, and are ignored' "$rove" test behind.gz
said 1 'job.c: %s' "$rove" test --strict -F gzip:trailing=ignore behind.gz
said 0 'job.c: %s' "$rove" test -v -F gzip:trailing=ignore behind.gz
said 2 'job.c: %s; what came before is kept' "$rove" test --salvage cut.gz
said 1 'job.c: no suffix is known for "%s": name the output with -o' "$rove" compress -F copy text
said 2 'job.c: is left out: it has a suffix of such files already; -f takes it' "$rove" compress coded.gz
said 2 'job.c: is left out: it has no suffix to take off; name the output with -o' "$rove" decompress text
faulty alloc:204-204 none
said 1 'job.c: out of memory' hurt "$rove" compress "$long"
faulty alloc:201-201 none
said 1 'job.c: out of memory' hurt "$rove" decompress "$long.gz"
sound
said 1 'job.c: is the input itself' "$rove" compress -f -o text text
faulty lseek:4:5 none
said 1 'job.c: cannot be written: %s' hurt "$rove" compress -o out text
sound
said 2 'job.c: is kept: --rm needs an output that is a file' "$rove" compress --rm -o /dev/null text
faulty touch:2 text
fresh
said 2 'job.c: is kept, because of this warning' hurt "$rove" compress --rm text
sound
if command -v script > /dev/null; then
    said 1 'job.c: coded bytes are not read from a terminal; -f does it all the same' \
        on_terminal '' "'$rove' decompress"
    said 1 'output.c: coded bytes are not written to a terminal; -f does it all the same' \
        on_terminal '' "'$rove' compress -c text"
    cp text out
    said 1 'output.c: not overwritten' on_terminal n "'$rove' compress -o out text"
    fresh
fi

# main.c
said 1 'main.c: is no verb of rove; try `rove --help`' "$rove" explode
said 1 'main.c: is no verb of rove; try `rove --help`' "$rove" help explode
said 1 'main.c: is no verb of rove, but a file: `rove compress`, `rove decompress` and others take it' "$rove" text
said 1 'main.c: options stand behind the verb; only --plugin stands before it' "$rove" -v pack text
faulty close:1:28 none
said 1 'main.c: cannot be written: %s' sh -c 'LD_PRELOAD=$ROVE_FAULTS "$1" compress -c text > out' - "$rove"
sound

# memory.c
fresh
said 1 'memory.c: is too little even for what cannot wait in a file' "$rove" pack --memory 1 -o out text
said 1 'memory.c: cannot keep what is more than --memory: %s (TMPDIR names another folder)' \
    env TMPDIR=/nowhere/at/all "$rove" pack --memory 4M -o out text
noise 6000000 > large
faulty flip:1 none
said 1 'memory.c: gave back other bytes than it was given' hurt "$rove" pack --memory 2M -o out --prepend text large
sound
never 'memory.c: %s' "the pool fails in no other way than the three above, but for lack of memory"

# options.c
said 1 'options.c: "%s" is no size such as 64M, 2G or none' "$rove" test -M much coded.gz
said 1 'options.c: "%s" is no number of threads from 0 to %u' "$rove" compress -T many text
said 1 'options.c: "%s" is not one of auto, bar, plain, json, none' "$rove" test --progress=much coded.gz
said 1 'options.c: %s' silent "$rove" index
said 1 'options.c: try `rove %s --help`' silent "$rove" index
faulty alloc:16-16 none
said 1 'options.c: out of memory' hurt "$rove" pack --prepend text -o out text
sound
said 1 'options.c: is no option, or the beginning of several' silent "$rove" sum --nonsense text
said 1 'options.c: stands before the verb: rove --plugin=PLUGIN %s' silent "$rove" sum --plugin=./x.so text
said 1 'options.c: -%c is no option' silent "$rove" sum -y text
said 1 'options.c: needs a value' silent "$rove" sum -F
said 1 'options.c: needs a value' silent "$rove" sum --filter
said 1 'options.c: needs a value' silent "$rove" pack -vF
said 1 'options.c: takes no value' silent "$rove" sum --help=text

said 1 'options.c: "%s" is no number from 0 to 3600' "$rove" bench --seconds many text
said 1 'options.c: "%s" is no suffix such as .gz' "$rove" compress -S a/b text

# output.c
fresh
faulty rename:1:5 none
said 1 'output.c: cannot be given its name' hurt "$rove" compress text
faulty fsync-file:1:5 none
said 1 'output.c: cannot be written to the disk' hurt "$rove" compress text
said 1 'output.c: %s: %s' hurt "$rove" compress text
faulty close:1:5 none
said 1 'output.c: cannot be written' hurt "$rove" compress text
said 1 'output.c: cannot be written' hurt "$rove" compress -o /dev/null text
sound
said 1 'output.c: cannot be written' "$rove" compress -o text/out text
said 1 'output.c: cannot be written' sh -c '"$1" compress -o /dev/fd/9 text 9>&-' - "$rove"
mkdir "$long-folder"
faulty alloc:221-221 none
said 1 'output.c: cannot be written' hurt "$rove" compress -o "$long-folder/out" text
sound
said 1 'output.c: cannot be opened for writing' "$rove" compress -o socket text
said 1 'output.c: is a folder, not a file' "$rove" compress -o folder text
said 1 'output.c: no file can be made in its folder' "$rove" compress -o nowhere/out text
cp text text.gz
said 1 'output.c: the file exists; -f overwrites it' "$rove" compress text
fresh
faulty fsync-folder:1:5 none
said 1 'output.c: has its name, but its folder cannot be written to the disk' hurt "$rove" compress text
fresh
faulty fchmod:1:1 none
said 2 'output.c: its mode cannot be set: %s' hurt "$rove" compress text
fresh
faulty futimens:1:1 none
said 2 'output.c: its times cannot be set: %s' hurt "$rove" compress text
fresh
faulty fchown:1:1 none
said 0 'output.c: the owner could not be kept: %s' hurt "$rove" compress -v text
sound

# plugin.c
said 1 'plugin.c: "%s" is not none, the one value there is' env ROVE_PLUGINS=off "$rove" compress text
said 1 'plugin.c: %s' "$rove" --plugin=no-such-plugin compress text
said 1 'plugin.c: is a file here, which ./ in front of it stands for; as the name of a plugin: %s' "$rove" --plugin=text filters

# source.c
faulty shrink:2 copy
cp text copy
said 2 'source.c: %s while it was read' silent hurt "$rove" sum copy
faulty touch:2 copy
said 2 'source.c: changed while it was read' silent hurt "$rove" sum copy
faulty replace:2 copy
cp text copy && cp text copy.new
said 1 'source.c: is kept: it is another file than the one that was read' \
    hurt "$rove" compress --rm -o out copy
fresh
faulty late:1 copy
cp text copy
said 2 'source.c: is kept: it changed after it was read' hurt "$rove" compress --rm copy
fresh
faulty unlink:1:1 none
said 1 'source.c: cannot be removed: %s' hurt "$rove" compress --rm text
faulty fstat:4:5 none
said 2 'source.c: cannot be examined again: %s' silent hurt "$rove" sum -T 1 text # it looks at files to count the CPUs
faulty lseek:2:5 none
said 1 'source.c: cannot be read: %s' hurt "$rove" compress -c text
sound
said 1 'source.c: cannot be read: %s' "$rove" compress missing
said 2 'source.c: is left out: it has %ju other names; -f takes it' "$rove" compress twin
said 2 'source.c: is left out: it is a folder; `rove pack` takes it, and -r of compress, decompress and test what is in it' "$rove" compress folder
said 2 'source.c: is left out: it is a symbolic link, which -f follows' "$rove" compress link
said 2 'source.c: is left out: it is no regular file%s' "$rove" compress pipe
said 2 'source.c: is left out: its %s bit is set; -f takes it' "$rove" compress special

# spec.c
said 1 'spec.c: %s' "$rove" compress -99 -o out text
said 1 'spec.c: %s, at byte %zu of "%.80s"' "$rove" compress -F nonsense -o out text
never 'spec.c: %s: "%.80s"' "the library says something about every text, but for lack of memory"
never 'spec.c: %s' "of memory: by disk.sh, which tries each allocation"
said 1 'spec.c: the plugin that writes %s cannot be loaded: %s' env ROVE_PLUGINS=none "$rove" compress -o x.zst text
said 1 'spec.c: %s, at byte %zu of "%.80s"; its plugin cannot be loaded: %s' \
    env ROVE_PLUGINS=none "$rove" compress -F zstd text
said 1 'spec.c: no filter writes %s; there are%s, and -F names filters whatever the suffix' \
    "$rove" compress -o x.zip text
commas() { printf '%*s' "$1" '' | sed 's/ /%2C/g'; }
said 1 'spec.c: the text is too long to take in a level' \
    "$rove" compress -9 -F "gzip:name=$(commas 1024),comment=$(commas 333)" -o out text

said 1 'spec.c: "%s" has no such way to write; gzip has' "$rove" compress --rsyncable -o new.lz4 text

# dict.c
with_dict() { hurt "$rove" compress -F "zlib:dict=@$1" -c one > /dev/null; }
: > empty
head -c 1048577 /dev/zero > huge
said 1 'dict.c: dict=@ wants the name of a file' with_dict ''
said 1 'dict.c: a chain has one dictionary at most' with_dict 'one|zlib:dict=@one'
said 1 'dict.c: hex digits are missing in "%s"' with_dict 'one%2'
said 1 'dict.c: is empty, and so no dictionary' with_dict empty
said 1 'dict.c: is longer than the %zu bytes that a dictionary may have' with_dict huge
faulty read:1:5 one
said 1 'dict.c: cannot be read: %s' with_dict one
faulty alloc:1048577-1048577 none
said 1 'dict.c: out of memory' with_dict one
faulty alloc:201-201 none
said 1 'dict.c: out of memory' with_dict "$long"
sound

# files.c
mkdir deep && cp coded.gz one deep && ln -s one deep/link
said 2 'files.c: is left out: it is %s' "$rove" compress -r deep
said 2 'files.c: is passed over: it has %s suffix of coded files' "$rove" compress -rvf deep
faulty alloc:201-201 none
said 1 'files.c: out of memory' hurt "$rove" compress -rc "$long"
faulty alloc:128-128 none
said 1 'files.c: out of memory' hurt "$rove" compress -rc one
sound

# pack.c, coding.c
said 1 'coding.c: %s' "$rove" pack -f -o /dev/full text
said 1 'coding.c: %s; --memory allows more' "$rove" pack -f --memory 200K -F gzip -o out text
faulty lseek:2:5 none
said 1 'coding.c: cannot be written: %s' hurt "$rove" pack -f -o out text
faulty alloc:12330-20000 none
said 1 'pack.c: out of memory' hurt "$rove" pack -f -o out text
faulty alloc:816-816 none
# shellcheck disable=SC2046
said 1 'pack.c: out of memory' hurt "$rove" pack -f -o out $(printf 'text %.0s' $(seq 101))
sound
fresh
mkdir packed && cp text packed/out
said 2 'pack.c: is left out: it is the output itself' "$rove" pack -f -o packed/out packed
said 1 'pack.c: is not written: there is nothing to pack' "$rove" pack -f -o packed/out packed/out
said 1 'pack.c: name at least one path' "$rove" pack
said 1 'pack.c: is for archives of the kind tar; %s has no place for it' "$rove" pack --acls -o new.zip text
said 1 'pack.c: nothing can be put in front of a finished %s' "$rove" pack --prepend one -o new.zip text
said 1 'pack.c: %s has the levels 0 to 9' "$rove" pack -12 -o new.zip text
said 1 'kind.c: "%s" is not one of tar, ustar, gnu, cpio, zip' "$rove" pack --format=ar -o new text
said 1 'options.c: "%s" is not name, the one order there is' "$rove" pack --sort=inode text
said 1 'options.c: "%s" is no level such as 6' env ROVE_LEVEL=high "$rove" compress -c text
said 1 'sum.c: --tag and --json contradict each other' "$rove" sum --tag --json text
said 1 'options.c: names no file' "$rove" sum --files-from /dev/null
faulty alloc:1616-1616 none
# shellcheck disable=SC2046 # words
said 1 'options.c: out of memory' hurt "$rove" sum --files-from one text $(printf 'text %.0s' $(seq 150))
sound
said 1 'inputs.c: %s cannot be entered: %s' "$rove" pack -C text text
said 1 'lines.c: cannot be read: %s' "$rove" pack --files-from nowhere
said 1 'lines.c: cannot be read: %s' "$rove" pack --files-from folder
printf 'a\0b' > zero
said 1 'lines.c: %s' "$rove" pack --files-from zero
faulty alloc:384-384 none
said 1 'inputs.c: out of memory' hurt "$rove" pack -f -o out text
faulty alloc:201-201 none
said 1 'exclude.c: out of memory' hurt "$rove" pack -f --exclude "$long" -o out text
faulty alloc:128-128 none
said 1 'lines.c: out of memory' hurt "$rove" pack -f --exclude-from one -o out text
sound
said 1 'attrs.c: "%s" is no time such as 2024-02-29, '"'2024-02-29 12:00'"' or @1709208000, nor a file such as ./changelog' \
    "$rove" pack --mtime=now text
said 1 'attrs.c: "%s" is no number of seconds' env SOURCE_DATE_EPOCH=now "$rove" pack --reproducible text
said 1 'attrs.c: means something with --mtime alone' "$rove" pack --clamp-mtime text
said 1 'attrs.c: "%s" is no name that is known here, no number, and not NAME:NUMBER' "$rove" pack --owner=: text
said 1 'attrs.c: "%s" is no mode as chmod takes it, such as go-w or 644' "$rove" pack --mode=8 text
never 'pack.c: this build has no libarchive, so it makes no archives' "this one has it"
never 'pack.c: no archive can be started: %s' "this fails only for lack of memory"
never 'pack.c: nothing can be put in front of the archive: %s' "this fails only for lack of memory"
never 'pack.c: the archive cannot be taken: %s' "this does not fail"

noise 2000000 > seeked; "$rove" compress -o blocks.gz seeked || bad "blocks.gz"
faulty read:5:5 blocks.gz
said 1 'plain.c: %s' hurt "$rove" list blocks.gz
sound
rm seeked blocks.gz
said 1 'pack.c: %s is the output' "$rove" pack --stats=new.tar -o new.tar text
mkdir figured && cp text figured
said 1 'pack.c: %s is an input' "$rove" pack --stats=figured/text -o new.tar figured
rm -r figured
ln -s nothing to-nothing
said 1 'stats.c: %s is a link to nothing, which might become the output' "$rove" test --stats=to-nothing coded.gz
said 1 'stats.c: %s is an input' "$rove" test --stats=coded.gz coded.gz
said 1 'job.c: %s is the output' "$rove" compress --stats=new -o new text
said 1 'code.c: --every wants --index' "$rove" compress --every 1M text
said 1 'pack.c: --every wants --index' "$rove" pack --every 1M text
said 1 'list.c: --every wants --blocks' "$rove" list --every 1M coded.gz
said 1 'options.c: --null is for the names of --files-from' "$rove" sum --null text
said 1 'main.c: is no option; --plugin=PLUGIN is' "$rove" --plugins
said 1 'main.c: names no plugin' "$rove" --plugin
said 1 'spec.c: no codec takes a level in "%s"' "$rove" compress -9 -F crc32 -o new text
faulty getxattr:1:5 none
said 2 'output.c: is for its owner only: the access control list cannot be copied: %s' hurt "$rove" compress -f -o out text
sound
fresh

said 1 'sum.c: --tag is for printing; -c tells from the lines how they are written' silent "$rove" sum -c --tag sums
said 1 'sum.c: --ignore-missing, --status, --strict and -w are for -c' silent "$rove" sum --strict text

# digest.c, stats.c, sum.c
said 1 'stats.c: cannot be written: %s' "$rove" test --stats=nowhere/out coded.gz
said 1 'digest.c: "%s" is not one checksum; `rove filters` lists them' silent "$rove" sum -F gzip text
said 1 'digest.c: %s' silent "$rove" sum -F crc32:expect=00000000 text
faulty read:1:5 text
said 1 'digest.c: cannot be read: %s' silent hurt "$rove" sum text
sound
never 'digest.c: cannot be summed: %s' "a checksum fails to open only for lack of memory"

# writer.c, walk.c. In folders of their own: what is in the tar twice, below a link, or for another file.
fresh
mkdir folder/in m
cp text copy && cp coded.gz folder/text && : > empty
: > "m/$long" && ln "m/$long" m/l && ln -s folder to-folder
packs() { hurt "$rove" pack --no-sync -f -o out "$@"; }
faulty alloc:88-88 none
said 1 'writer.c: out of memory' packs text
faulty alloc:235-235 none
said 1 'writer.c: out of memory' packs m m/l
faulty alloc:235-235 none 2
said 1 'writer.c: out of memory' packs m m/l
faulty alloc:404-404 none
said 1 'walk.c: out of memory' packs "$long"
faulty openat:1:20 none
said 1 'walk.c: is left out: it was a folder a moment ago, and is none now' packs folder
faulty openat:1:40 none
said 1 'writer.c: is left out: something else has taken its place' packs text
faulty openat:1:5 none
said 1 'writer.c: cannot be read: %s' packs text
faulty listxattr:1:5 none
said 2 'writer.c: comes without some of its attributes: %s' packs --xattrs text
faulty getxattr:1:5 none
said 2 'writer.c: comes without its access control lists: %s' packs --acls pipe
faulty read:1:5 empty
said 2 'writer.c: cannot be read: %s; it is empty in the archive' packs empty
faulty read:1:5 text
said 2 'writer.c: cannot be read to its end: %s; the rest is zeros in the archive' packs text
faulty fstat:2:5 none
said 2 'writer.c: cannot be examined again: %s' packs text
faulty touch:1 copy
said 2 'writer.c: changed while it was read' packs copy
faulty shrink:1 copy
said 2 'writer.c: shrank while it was read; the rest is zeros in the archive' packs copy
sound
said 2 'writer.c: holds more than its size tells; it is empty in the archive' "$rove" pack -f -o out /proc/self/status
said 2 'writer.c: is a socket, which an archive cannot hold' "$rove" pack -f -o out socket text
said 0 'writer.c: is in the archive already' "$rove" pack -v -f -o out text text
said 2 'writer.c: is left out: what it lies in is no folder in the archive' "$rove" pack -f -o out to-folder to-folder/text
said 2 'writer.c: is left out: another file has its name in the archive, %s' "$rove" pack -f -o out text folder/in/../text
said 0 'threads.c: threads: %zu of %zu, as nothing was cut into parts; memory: at most %s' \
    silent "$rove" compress -v -T 2 -c one
said 0 'threads.c: "%.80s" was not cut into parts; threads: %zu of %zu; memory: at most %s' \
    silent "$rove" compress -v -T 2 -F gzip -c text
said 0 'threads.c: threads: %zu; parts: %ju, of which %ju were done by a thread that waited, at most %ju at once%s; memory: at most %s' \
    silent "$rove" compress -v -T 2 -c text
said 1 'walk.c: cannot be read%s: %s' "$rove" pack -f -o out missing text
never 'walk.c: cannot be read to its end: something in it was moved meanwhile' \
    "this takes a race, which pack_faults.sh has: it moves folders before each call of the walk"
never 'walk.c: contains itself' "this takes a mount, which pack_faults.sh has where it may"
printf x > "$(printf 'byte-\377')"
touch -d '1960-01-01' early
said 2 'writer.c: comes with the time @%jd, the nearest that %s can hold' "$rove" pack -f -o out.cpio early
said 2 'writer.c: is left out: its name is no UTF-8, as a %s wants it' "$rove" pack -f -o out.zip text "$(printf 'byte-\377')"
never 'writer.c: no archive can be started: %s' "libarchive fails to begin only for lack of memory"
never 'writer.c: the archive cannot be made: %s' "the rope fails only for lack of memory"
never 'writer.c: the archive cannot be made: %s' "what is behind libarchive's writer tells it of no failure"
never 'writer.c: is left out: %s' "libarchive refuses only kinds of files that the walk does not bring"
fresh

# plain.c, cat.c
gets() { hurt "$rove" cat --range "$@" > /dev/null; }
"$rove" compress -c text > blocks.gz
faulty alloc:12290-12320 none
said 1 'plain.c: out of memory' gets 0:1 coded.gz
faulty alloc:72-72 none
said 1 'cat.c: out of memory' gets 0:1,2:1,3:1 coded.gz
faulty lseek:2:5 none
said 1 'cat.c: cannot be written: %s' gets 0:1 coded.gz
sound
said 1 'cat.c: "%s" is not OFFSET:LENGTH, OFFSET: or -LENGTH, or several with commas' gets 5 coded.gz
said 1 'cat.c: "%s" has a range that begins past 2^63 - 1, where no file has bytes' gets 5:1,8388608T: coded.gz
said 2 'cat.c: has %ju plain bytes, so there are none from %ju on' gets 1T: coded.gz
said 1 'plain.c: %s; -M allows more' gets 0:1 -M 1000 -F gzip coded.gz
said 1 'plain.c: can be read from its start to its end only, as there is no place to begin at' \
    sh -c 'cat coded.gz | "$1" cat --range -1' - "$rove"
said 1 'plain.c: it looks like %s data, which no filter of rove reads' gets 0: lzip-data
said 1 'plain.c: no filter of rove knows it by its first bytes' gets 0: text
said 1 'plain.c: the plugin that reads %s data cannot be loaded: %s' env ROVE_PLUGINS=none "$rove" cat --range 0: zstd-data
said 2 'plain.c: other bytes follow the end of the coded data, and are ignored' gets 0: behind.gz
: > blocks.gz.gzi
said 2 'plain.c: is not used as an index: %s' gets 0:1 blocks.gz
said 1 'plain.c: cannot be used as an index of %s: %s' gets 0:1 --index text blocks.gz
said 1 'plain.c: cannot be used as an index of %s: %s' "$rove" cat -F 'gzip|bgzf' --range 0:1 --index text blocks.gz
said 1 'plain.c: is no regular file, which is what an index is of' sh -c 'cat blocks.gz | "$1" cat --index text --range 0:1 -' - "$rove"
said 1 'cat.c: --index is for --range' silent "$rove" cat --index text blocks.gz
said 1 'cat.c: --index is of one file' gets 0:1 --index text blocks.gz coded.gz
"$rove" index -f blocks.gz
perl -e 'open(F, "+<", "blocks.gz.gzi") or die; seek(F, 24, 0); print F "\1"'
said 1 'plain.c: perhaps it is no index of %s; remove it, or make it anew' gets 0: blocks.gz
rm blocks.gz.gzi
if command -v script > /dev/null; then
    said 1 'plain.c: coded bytes are not read from a terminal; -f does it all the same' on_terminal '' "'$rove' list -"
fi

# follow.c. What becomes of a file that is followed, follow.sh has with the sentences.
follows() { hurt "$rove" cat --follow "$@" > /dev/null; }
said 1 'cat.c: --follow is for all of one file' follows coded.gz coded.gz
faulty alloc:12290-12320 none
said 1 'follow.c: out of memory' follows coded.gz
faulty lseek:3:5 none
said 1 'follow.c: cannot be examined: %s' follows coded.gz
faulty lseek:4:5 none
said 1 'follow.c: cannot be written: %s' follows coded.gz
sound
"$rove" compress -F zlib -c one > one.zz
{ cat coded.gz; echo and something else; } > odd.gz
said 1 'follow.c: %s; -M allows more' follows -M 1K -F gzip coded.gz
said 2 'follow.c: other bytes follow the end of the coded data, and are ignored' follows odd.gz
never 'follow.c: cannot be read: %s' "this fails only for lack of memory"
never 'follow.c: has lost its name (%s); what is added to it is still given' "follow.sh has it"
never 'follow.c: is another file by now; all of the one before was given' "follow.sh has it"
never 'follow.c: was cut to %jd bytes when %jd had been read' "follow.sh has it"
never 'follow.c: is read by nobody any more' "follow.sh has it"
cp coded.gz itself.gz
said 1 'follow.c: is the input itself' sh -c '"$1" cat --follow itself.gz >> itself.gz' - "$rove"
said 1 'cat.c: is the input itself' sh -c '"$1" cat --range 0:1 itself.gz >> itself.gz' - "$rove"
if command -v script > /dev/null; then
    said 1 'follow.c: coded bytes are not read from a terminal; -f does it all the same' \
        on_terminal '' "'$rove' cat --follow"
fi

# bench.c
benches() { hurt "$rove" bench --seconds 0 -F copy "$@" > /dev/null; }
said 1 'bench.c: name one file, or - for standard input' benches
said 1 'bench.c: is empty, so there is nothing to measure' benches empty
said 1 'bench.c: %s; -M allows more' benches -M 1K -F gzip text
faulty alloc:12290-12320 none
said 1 'bench.c: out of memory' benches one
faulty alloc:262144-262144 none
said 1 'bench.c: out of memory' benches one
never 'bench.c: what is read is not what was written' "no filter does so"
faulty alloc:142-142 none # the file
said 1 'bench.c: out of memory' benches one
sound

# index.c, index_file.c, marks.c
indexes() { hurt "$rove" index -f --no-sync "$@" > /dev/null; }
marks() { hurt "$rove" compress -f --no-sync "$@" > /dev/null; }
"$rove" compress -F "lz4:content_size=$(wc -c < text | tr -d ' ')" -c text > sized.lz4
"$rove" compress -F lz4 -c text > unsized.lz4
"$rove" compress -F zlib -c text > text.zz
said 0 'index_file.c: needs no index file: %s' indexes sized.lz4
said 1 'index_file.c: there is no file format for an index of %s' indexes unsized.lz4
said 1 'index_file.c: there is no index for what it holds' indexes -F copy text
said 1 'index.c: it gets no index: %s' indexes -F 'crc32|gzip' coded.gz
said 1 'index_file.c: an index as %s is of every place%s%s%s' "$rove" index --every 128K -o some.gzi blocks.gz
never 'index_file.c: its index cannot be written as %s' "an index of every place can be written as what the data's format has"
said 1 'index.c: -o names one output, and there is more than one input' indexes -o out coded.gz blocks.gz
said 1 'index_file.c: has no name: name the index with %s' sh -c '"$1" index - < coded.gz' - "$rove"
said 1 'index.c: is no regular file, which is what an index can be of' sh -c 'cat coded.gz | "$1" index -o out -' - "$rove"
said 1 'index.c: is the input itself' indexes -o blocks.gz blocks.gz
said 1 'index.c: name at least one file' indexes
said 0 'index_file.c: %ju points in %s' indexes -v -o out blocks.gz
faulty lseek:11:5 none
said 1 'index_file.c: cannot be written: %s' indexes -o out blocks.gz
faulty alloc:100-100 none
said 1 'index_file.c: out of memory' indexes "$long.gz"
sound
said 1 'code.c: --index names one file, and there is more than one input' marks --index=x text one
said 1 'job.c: is the input itself' marks --index=text text
said 1 'marks.c: "%s" makes no places to begin at' marks --index=x -F gzip -o out text
said 1 'marks.c: is no regular file, which is what an index of gzip can be of' marks --index=x -F gzip:block=64K -c text
said 1 'marks.c: is the output itself' marks --index=out -o out text
said 1 'marks.c: %s is the index' marks --index=x --stats=x -o out text
fresh

# list.c, reader.c
perl "$maker" 0 "$(printf 'x%080d/f' 7)" '' data > members.tar
perl "$maker" x pax '' nonsense 0 f '' '' > odd.tar
head -c 600 members.tar > cut.tar
said 1 'list.c: --index is of one file' silent "$rove" list --index text coded.gz blocks.gz
said 1 'list.c: is neither coded nor an archive' silent "$rove" list text
never 'list.c: is not coded, and this build has no libarchive to read archives' "this build has it"
said 1 'reader.c: %s' silent "$rove" get -c cut.tar '*'
said 2 'reader.c: %s' silent "$rove" list odd.tar
faulty alloc:16384-16384 none
said 1 'reader.c: out of memory' silent hurt "$rove" list members.tar
sound
gruen=$(printf 'gr\303\274n')
cp text "$gruen" && "$rove" pack -o names.zip "$gruen" text && perl -pi -e 's/gr\303\274n/gr\303\377n/g' names.zip
said 2 'reader.c: a member is left out: its name cannot be read' silent "$rove" list names.zip

# get.c, extract.c
mkdir to
takes() { hurt "$rove" get --no-sync -o to members.tar '*'; }
makes() { perl "$maker" "$@" > harm.tar && "$rove" get -f -o to harm.tar '*'; }
pax=$(printf '5011 path=%05000d\n.' 7)
said 2 'extract.c: is left out: its name, or that of what it is a link to, is too long' \
    makes x pax '' "${pax%.}" 0 f '' ''
said 2 'extract.c: is left out: its name leads out of the folder' makes 0 ../f '' ''
said 2 'extract.c: is left out: "%.*s" is a symbolic link, and nothing is written through one' makes 2 l . '' 0 l/f '' ''
said 2 'extract.c: is left out: it is a link to %s, which leads out of the folder' makes 1 f ../f ''
said 1 'extract.c: cannot be made: it is a link to %s, which is not here' makes 1 f missing ''
said 1 'extract.c: cannot be made: %s' makes 0 file '' x 0 file/f '' ''
cpio() { perl "${maker%ustar.pl}cpio.pl" newc "$@" > harm.cpio && "$rove" get -f -o to harm.cpio '*'; }
said 1 'extract.c: cannot be made: it is a link to %s, which another member has replaced' cpio f 1 2 x f 2 1 y g 1 2 -
said 1 'extract.c: cannot be made: a later member lies in it, as in a folder' cpio d 1 2 - d/f 2 1 x p 1 2 y
mkdir to/full && touch to/full/x
said 1 'extract.c: cannot be made: its data went into a file that could not be made' cpio full 1 2 - q 1 2 y
rm -r to/full
faulty futimens:1:1 none
said 2 'extract.c: %s' takes
sound
said 1 'extract.c: the file exists; -f overwrites it' takes
said 2 'extract.c: a member is left out: its name is that of the folder itself' makes 0 '' '' x
rm -r to/x*
faulty rename:1:5 none
said 1 'extract.c: cannot be given its name: %s' takes
faulty alloc:84-84 none 2
said 1 'extract.c: out of memory' takes
rm -r to/x*
# starved WHAT COMMAND...: the same sentence from elsewhere.
starved() {
    ends 1 "out of memory: $1" "$2"
    says "out of memory: $1" '^rove: out of memory$'
}
faulty alloc:108-108 none
starved "a name that is noted" takes
rm -r to/x*
faulty alloc:106-106 none
starved "a folder that is noted" takes
faulty alloc:95-95 none
starved "a temporary name" takes
faulty alloc:32-32 none
starved "the extraction" takes
faulty alloc:24-24 none
said 1 'reader.c: out of memory' takes
faulty alloc:129-256 none 2
starved "what libarchive reads by" takes
sound
waits=$(printf 'e%082d' 7)
: > "$waits" && ln "$waits" waits && "$rove" pack --format=cpio -o waits.cpio "$waits" waits
faulty alloc:84-84 none 2
for words in '-f -o to' -c; do
    # shellcheck disable=SC2086
    ends 1 "out of memory: a name that waits, $words" hurt "$rove" get $words waits.cpio "$waits"
    mentions "out of memory: a name that waits, $words" '^rove: out of memory$'
done
faulty lseek:4:5 none
said 1 'get.c: cannot be written: %s' silent hurt "$rove" get -c members.tar '*'
faulty alloc:101-101 none
# shellcheck disable=SC2046
said 1 'get.c: out of memory' hurt "$rove" get members.tar $(printf 'text %.0s' $(seq 101))
sound
said 1 "get.c: name an archive and at least one member; '*' means all" "$rove" get members.tar
said 1 'get.c: cannot be entered: %s%s' "$rove" get -o nowhere/ members.tar '*'
said 1 'get.c: has no member %s' "$rove" get members.tar nothing
said 1 'get.c: is no archive that can be read: tar, cpio or zip' "$rove" get text '*'
said 1 'get.c: is the input itself' "$rove" get -f -o members.tar members.tar '*'
perl "$maker" 2 l . '' > link.tar
said 1 'get.c: is not written: no member has data for it' "$rove" get -o new link.tar l
perl "$maker" 0 f '' '' 1 g f '' 0 h '' '' > three.tar
said 2 'get.c: is left out: it is a link to %s, which has the data' "$rove" get -c three.tar g
said 1 'get.c: takes one member, and there is also %s; a folder takes many' "$rove" get -o new three.tar f h
never 'get.c: this build has no libarchive, so it reads no archives' "this build has it"

# None is missing, each as often as it stands there, and none of these is gone.
checked=$((checked + 1))
awk 'FNR == NR { listed[$0]++; next } { provoked[$0]++ }
    END {
        for (key in listed) if (provoked[key] < listed[key]) print "no provocation: " key
        for (key in provoked) if (!listed[key]) print "not in the sources: " key
    }' listed provoked | sort > differences
if [ -s differences ]; then
    cat differences
    bad "the messages of the sources and those provoked here differ"
fi
nothing_left "messages"
done_testing
