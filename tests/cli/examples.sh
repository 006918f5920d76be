#!/bin/sh
# SPDX-License-Identifier: MIT
# Every example of the pages, the manual and the help does what it is shown for.
# Usage: examples.sh PATH-OF-ROVE FOLDER-OF-PLUGINS

root=$(cd "$(dirname "$0")/../.." && pwd)
. "$(dirname "$0")/lib.sh"

command -v perl > /dev/null || skip "no perl"
perl "$root/tests/cli/examples.pl" "$root" "$rove" > "$work/list" || bad "the list of examples"

# What is not run here, and why. Each pattern must fit something.
cat > "$work/elsewhere" << 'END'
./run *                 builds or measures for minutes; the verb is looked up
cc app.c *              linked by tests/install/stranger.sh
cc -static app.c *      linked by tests/install/stranger.sh
cc -o 10_*              built by debian/tests/examples-pkg-config
cc -shared *            built by tests/plugin/plugin.sh
END

# What the examples work on. They are run as they stand, but for the folder /usr, which is large.
mkdir -p src/inner usr "$work/bin" "$work/plugins"
seq 1 2000 > notes
for name in src/a src/inner/b usr/c CONTENTS first.iso second.iso; do cp notes "$name"; done
ln -s "$rove" "$work/bin/rove"
printf '#!/bin/sh\nexec cat\n' > "$work/bin/less" && chmod +x "$work/bin/less"
PATH=$work/bin:$PATH
umask 022
for file in "$2"/rove-filter-*.so; do
    [ ! -f "$file" ] || install -m 755 "$file" "$work/plugins"
done
export PATH ROVE_FILTER_PATH="$work/plugins"
rove pack --help > /dev/null 2>&1 && packs=1 || packs=

is_elsewhere() {
    while read -r line; do
        pattern=$(printf '%s' "$line" | sed 's/  .*//')
        # shellcheck disable=SC2254 # a pattern
        case $1 in
            $pattern)
                printf '%s\n' "$line" >> "$work/used"
                return 0 ;;
        esac
    done < "$work/elsewhere"
    return 1
}

try_run() {
    if is_elsewhere "$1"; then
        case $1 in
            './run help') ;;
            './run '*)
                verb=${1#./run } verb=${verb%% *}
                yes "$place: $1" grep -Eq "^    .*\b$verb\b.*\) .*do_|^# .*\b$verb\b" "$root/run" ;;
        esac
        return
    fi
    case $1 in *"rove pack"* | "tar "*) [ "$packs" ] || return ;; esac
    yes "$place: $1" sh -c "{ $(printf '%s' "$1" | sed 's|/usr$|usr|'); } > '$work/out'"
}

# The verb is there, and its help tells of the options.
try_mention() {
    set -f
    # shellcheck disable=SC2086 # words
    set -- $1
    set +f
    shift
    while [ "${1#--plugin=}" != "$1" ]; do shift; done
    verb=
    case $1 in -*) ;; *) verb=$1 && shift ;; esac
    [ "$verb" != pack ] || [ "$packs" ] || return 0
    # shellcheck disable=SC2086 # no word when there is no verb
    yes "$place: rove $verb" sh -c 'rove $1 --help > help' - $verb
    for word in "$@"; do
        case $word in
            -*) yes "$place: rove $verb $word" grep -Eq -- "(^|[^a-z-])${word%%=*}([^a-z]|\$)" help ;;
        esac
    done
}

# What the text has written, it reads. `auto` only reads, and finds what it may choose from. A plugin that was not built,
# as under a sanitizer, has nothing to show.
try_chain() {
    plugin='' write=$1
    for name in zstd igzip libdeflate xz bzip2; do
        case $1 in *"$name"*) [ -f "$work/plugins/rove-filter-$name.so" ] || return 0 ;; esac
    done
    case $1 in
        *hex:*)
            plugin=--plugin=$work/plugins/rove-filter-hex.so
            command -v cc > /dev/null || return 0
            yes "$place: the plugin" cc -shared -fPIC -I "$root/include" -o "${plugin#*=}" "$root/tests/plugin/hex.c" ;;
        *auto*) write=$(printf '%s' "$1" | sed 's/auto:allow=\([a-z0-9]*\).*/\1/; s/auto$/gzip/') ;;
    esac
    # shellcheck disable=SC2086 # no word when there is no plugin
    yes "$place: writing by $write" sh -c 'rove $1 compress -F "$2" < notes > coded' - "$plugin" "$write"
    yes "$place: reading by $1" sh -c 'rove $1 decompress -F "$2" < coded | cmp - notes' - "$plugin" "$1"
}

: > "$work/used"
tab=$(printf '\t')
while IFS=$tab read -r kind place text; do
    case $kind in
        run) try_run "$text" ;;
        mention) try_mention "$text" ;;
        chain) try_chain "$text" ;;
    esac
done < "$work/list"
checked=$((checked + 1))
sort -u "$work/used" > "$work/sorted"
sort "$work/elsewhere" | cmp -s - "$work/sorted" || bad "some pattern of what is run elsewhere fits nothing"
for kind in run mention chain; do
    checked=$((checked + 1))
    [ "$(grep -c "^$kind" "$work/list")" -ge 5 ] || bad "fewer than 5 examples of the kind $kind: are they found?"
done

# The fragments of C are good C.
if command -v cc > /dev/null; then
    perl "$root/tests/cli/examples.pl" --c "$root" > "$work/fragments.c" 2> "$work/count"
    yes "the fragments of C" cc -std=c11 -fsyntax-only -Wall -Wextra -Werror -Wno-empty-body \
        -I "$root/include" "$work/fragments.c"
    yes "there are some" grep -Eq '^[3-9] ' "$work/count"
fi
done_testing
