#!/bin/sh
# SPDX-License-Identifier: MIT
# The packages that cpack makes: one for each component, each with what belongs there. Usage: sh cpack.sh CPACK BUILD WORK KIND...

set -eu
cpack=$1 build=$2 work=$3
shift 3
rm -rf "$work"
mkdir -p "$work"

# has PACKAGE FILE...: patterns, each of which a file of the package matches.
has() {
    package=$1
    shift
    count=$(grep -c "/${package}[-_][^/]* " "$work/files" || true)
    [ "$count" -gt 0 ] || { echo "cpack: there is no $package"; exit 1; }
    for pattern in "$@"; do
        grep -q "/${package}[-_][^/]* .*$pattern" "$work/files" ||
            { cat "$work/files"; echo "cpack: $package has no $pattern"; exit 1; }
    done
}

ran=0
for kind in "$@"; do
    case $kind in
        DEB) tool=dpkg-deb library=librove0 devel=librove-dev ;;
        RPM) tool=rpmbuild library=librove devel=librove-devel ;;
    esac
    command -v $tool >/dev/null || { echo "cpack: there is no $tool here"; continue; }
    "$cpack" -G $kind --config "$build/CPackConfig.cmake" -B "$work/$kind" >"$work/$kind.log" 2>&1 ||
        { cat "$work/$kind.log"; exit 1; }
    for file in "$work/$kind"/*.deb "$work/$kind"/*.rpm; do
        [ -f "$file" ] || continue
        case $file in
            *.deb) dpkg-deb -c "$file" | awk '!/\/$/ { print $6 }' ;;
            *.rpm) rpm -qpl "$file" ;;
        esac | sed "s|^|$file |"
    done >"$work/files"
    has $library 'librove\.so\.0$' 'LICENSE$'
    has $devel 'include/rove/rove\.h$' 'librove\.a$' 'rove\.pc$' 'rove-config\.cmake$' 'librove\.so$' 'man3/rove_rope_insert\.3$'
    has rove 'bin/rove$' 'man1/rove\.1' 'man5/rove-formats\.5' 'man7/rove-filters\.7' \
        'bash-completion/completions/rove$' 'fish/.*/rove\.fish$' 'zsh/.*/_rove$'
    has rove-doc 'docs/rope\.md$' 'python/README\.md$' 'docs/examples/02_patch\.c$'
    if grep -q 'librove\.so\.0' "$work/files" && grep "/${devel}[-_][^/]* .*librove\.so\.0" "$work/files"; then
        echo "cpack: the library is in $devel"
        exit 1
    fi
    # What each of them asks for, of those that do not find it out by themselves.
    for file in "$work/$kind"/*.deb "$work/$kind"/*.rpm; do
        [ -f "$file" ] || continue
        case $file in
            *.deb) dpkg-deb -f "$file" Depends ;;
            *.rpm) rpm -qp --requires "$file" ;;
        esac | sed "s|^|$file |"
    done >"$work/needs"
    grep -q "/${devel}[-_][^/]* .*$library (*= [0-9]" "$work/needs" || { cat "$work/needs"; echo "cpack: what $devel needs"; exit 1; }
    if grep -q '/python3-rove[-_]' "$work/files" && ! grep -q '/python3-rove[-_][^/]* .*python3 (*>= 3\.[0-9]' "$work/needs"; then
        cat "$work/needs"
        echo "cpack: python3-rove does not name its Python"
        exit 1
    fi
    ran=$((ran + 1))
    echo "cpack: $kind: $(find "$work/$kind" -maxdepth 1 -name "*.$(echo $kind | tr DEBRPM debrpm)" | wc -l) packages"
    for file in "$work/$kind"/*.deb "$work/$kind"/*.rpm; do
        [ ! -f "$file" ] || echo "cpack: ${file##*/}: $(wc -c <"$file") bytes, $(grep -c "^$file " "$work/files") files"
    done
done
[ $ran -gt 0 ] || exit 77
rm -rf "$work/DEB" "$work/RPM"
