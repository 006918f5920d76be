#!/bin/sh
# SPDX-License-Identifier: MIT
# Every public function has a manual page, and mandoc has nothing to say of them. Usage: sh man3.sh PERL ROOT WORK

set -eu
perl=$1 root=$2 work=$3
rm -rf "$work"
mkdir -p "$work"
"$perl" "$root/docs/reference/man.pl" "$root" "$work/man3"

# The same pages come from a folder whose path has a blank.
mkdir "$work/a tree"
ln -s "$root/include" "$root/docs" "$work/a tree"
"$perl" "$root/docs/reference/man.pl" "$work/a tree" "$work/a tree/man3"
diff -r "$work/man3" "$work/a tree/man3"

bad=0
complain() { echo "$*"; bad=$((bad + 1)); }

# has PAGE WHAT PATTERN: in the page that the name leads to.
has() {
    page=$work/man3/$1.3
    [ -f "$page" ] || { complain "$1 has no page"; return; }
    target=$(sed -n '1s/^\.so //p' "$page")
    [ -z "$target" ] || page=$work/$target
    grep -q -e "$3" "$page" || complain "$1: $2 is not in $page"
}

objects='rove_stream_none' # told of where types are
grep '^rove_' "$root/tests/lint/exports.txt" | grep -vx "$objects" >"$work/functions"
awk -v list="$work/functions" '
    FNR == 1 { page = FILENAME; sub(/.*\//, "", page); sub(/\.3$/, "", page) }
    /^\.so man3\// { sub(/^\.so man3\//, ""); sub(/\.3$/, ""); leads[page] = $0 }
    /^\.(Nm|Fo) / { has[page, $1, $2] = 1 }
    END {
        while ((getline name <list) > 0) {
            page = name in leads ? leads[name] : name
            if (!((page, ".Nm", name) in has)) print name ": no page has its name"
            if (!((page, ".Fo", name) in has)) print name ": no page has its prototype"
        }
    }' "$work"/man3/*.3 >"$work/missing"
cat "$work/missing"
bad=$((bad + $(wc -l <"$work/missing")))
for name in rove_rope rove_stream rove_filter rove_pool_opts rove_limits rove_status librove; do
    [ -f "$work/man3/$name.3" ] || complain "$name has no page"
done

# What a comment says stands where a reader looks for it.
has rove_rope_insert 'the contract that it is like' '^\.Ss rove_rope_replace()$'
has rove_rope_read 'an argument' '^\.It Fa len_out$'
has rove_rope_read 'what it returns' '^\.Sh RETURN VALUES$'
has rove_rope_read 'a failure' '^\.It Dv ROVE_E_RANGE$'
has rove_rope_read 'threads' '^\.Sh THREADS$'
has rove_stream_hole 'an example' '^\.It Pa docs/examples/'
has rove_stream 'an object' "^extern const struct rove_stream $objects;\$"
has rove_filter 'a hook' 'int32_t (\*run)'

if command -v mandoc >/dev/null; then
    # Dates and systems are the reader's affair.
    (cd "$work" && mandoc -T lint -W warning man3/*.3) >"$work/lint" 2>&1 || true
    if grep -v '\.so is fragile' "$work/lint"; then
        complain "mandoc warns"
    fi
else
    echo "man3: there is no mandoc to ask"
fi
echo "man3: $(wc -l <"$work/functions") functions, $(ls "$work/man3" | wc -l) pages, $bad breaches"
[ "$bad" -eq 0 ]
