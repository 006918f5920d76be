# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Read by the scripts beside it: the lines that docs/install.md tells people to type.

# readme ROOT HEADING: the code lines under the comment that begins so, to the next comment or empty line.
readme() {
    awk -v want="    # $2" '
        /^## / { linking = $0 == "## Linking" }
        on && (/^    #/ || /^$/) { exit }
        on { print substr($0, 5) }
        linking && index($0, want) == 1 { on = 1 }' "$1/docs/install.md" | grep . ||
        { echo "docs/install.md has no lines under \"$2\"" >&2; return 1; }
}
