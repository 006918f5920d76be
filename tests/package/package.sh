#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the Debian packages of a commit in a fresh chroot, installs them in another and runs their tests there; then
# the same with those of rpmbuild, and has cpack make its own. The last line is the verdict.
# Usage: sh package.sh WORK [COMMIT]. As root. DEB_BUILD_OPTIONS (nocheck, parallel=N) counts; what is made stays in WORK/made.
#
# The chroots are of the Debian release and from the mirror that this machine's apt is set to.

set -eu
work=$1 commit=${2:-HEAD}
cd "$(dirname "$0")/../.."
root=$PWD

say() { echo "package: $*"; }
began=$(date +%s)
since=$began at=""

# step NAME: what is done from here on; says how long the one before took.
step() {
    [ -z "$at" ] || say "$at: $(($(date +%s) - since)) s"
    at=$1
    since=$(date +%s)
}

# Mounts are this shell's alone, and go with it; so nothing of the machine is below a folder that is removed.
if [ "${ROVE_PACKAGE_INNER:-}" != yes ]; then
    export ROVE_PACKAGE_INNER=yes
    exec unshare --mount --propagation private sh "$root/tests/package/package.sh" "$@"
fi

trap '[ -z "$at" ] || say "FAILED at: $at, after $(($(date +%s) - began)) s in all"' EXIT
step "the source"
commit=$(git rev-parse --verify "$commit^{commit}") # HEAD may move meanwhile
mkdir -p "$work"
work=$(cd "$work" && pwd)
rm -rf "$work/build" "$work/install" "$work/made"
mkdir -p "$work/made" "$work/apt"

# ---- The source, as a distribution gets it -------------------------------------------------------

tarball=$(sh tests/package/release.sh "$work/made" "$commit")
name=$(basename "$tarball" .tar.gz)
orig=$work/made/rove_${name#rove-}.orig.tar.gz
mv "$tarball" "$orig"
rm "$tarball.sha256"
tar -xzf "$orig" -C "$work/made"
# .gitattributes keeps it out of archives.
git ls-tree -r --name-only "$commit" debian | while IFS= read -r file; do
    mkdir -p "$work/made/$name/$(dirname "$file")"
    git show "$commit:$file" >"$work/made/$name/$file"
    case $(git ls-tree "$commit" "$file") in
        100755*) chmod 755 "$work/made/$name/$file" ;;
    esac
done

# ---- The chroots ---------------------------------------------------------------------------------

# From apt's own settings: where, which release, and how to get there.
apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Origin: Debian' 'Created-By: Packages' |
    sort -u >"$work/apt/sources.list"
[ -s "$work/apt/sources.list" ] || { say "apt knows no Debian mirror"; exit 1; }
apt-config dump | grep -E '^Acquire::(http|https|ftp|Retries)' >"$work/apt/settings" || true
step "a base system"
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")

base=$work/base-$suite.tar
if [ ! -s "$base" ] || [ -n "$(find "$base" -mtime +6)" ]; then
    mmdebstrap --quiet --variant=apt --aptopt="$work/apt/settings" --include=ca-certificates "$suite" "$work/new.tar" \
        "$work/apt/sources.list"
    mv "$work/new.tar" "$base"
fi

# fresh FOLDER: a system with nothing but apt.
fresh() {
    mkdir "$1"
    tar -xf "$base" -C "$1" --numeric-owner --exclude=./dev
    mkdir -p "$1/dev"
    cp -L /etc/resolv.conf "$1/etc/resolv.conf"
    echo force-unsafe-io >"$1/etc/dpkg/dpkg.cfg.d/99fast"
    cp "$work/apt/settings" "$1/etc/apt/apt.conf.d/99machine"
    printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d" # no service starts
    chmod 755 "$1/usr/sbin/policy-rc.d"
    mount -t proc proc "$1/proc"
    mount --rbind /dev "$1/dev"
}

# inside FOLDER COMMAND...: as root there; the environment is not this machine's.
inside() {
    chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        DEB_BUILD_OPTIONS="${DEB_BUILD_OPTIONS:-}" "SOURCE_DATE_EPOCH=$(git log -1 --format=%ct "$commit")" \
        sh -eu -c "$2"
}

# ---- Building ------------------------------------------------------------------------------------

step "what the build needs"
fresh "$work/build"
mkdir "$work/build/made"
cp -R "$work/made/." "$work/build/made"
inside "$work/build" "apt-get -qq update
    apt-get -qq -y --no-install-recommends install build-essential fakeroot >/dev/null
    cd /made/$name && apt-get -qq -y --no-install-recommends build-dep ./ >/dev/null"
step "building"
chown -R 65534:65534 "$work/build/made"
inside "$work/build" "cd /made/$name
    exec setpriv --reuid=65534 --regid=65534 --clear-groups dpkg-buildpackage -us -uc"
rm -rf "$work/made"
mkdir "$work/made"
find "$work/build/made" -maxdepth 1 -type f -exec cp {} "$work/made" \;
cp -R "$work/build/made/$name/debian/tests" "$work/made/tests"
cp -R "$work/build/made/$name/docs" "$work/made/docs"

step "building by rpmbuild and by cpack"
# The build's needs are here by Debian's names, which rpm does not know.
inside "$work/build" "apt-get -qq -y --no-install-recommends install rpm >/dev/null
    mkdir -p /made/rpm/SOURCES && chown -R 65534:65534 /made/rpm
    export HOME=/made/rpm # where rpm looks for a database of the user's
    ln -s ../../$(basename "$orig") /made/rpm/SOURCES/$name.tar.gz
    cd /made/$name
    setpriv --reuid=65534 --regid=65534 --clear-groups rpmbuild --define '_topdir /made/rpm' \
        --nodeps --without check -ba rove.spec >/made/rpm/log 2>&1 || { cat /made/rpm/log; exit 1; }
    setpriv --reuid=65534 --regid=65534 --clear-groups sh tests/package/cpack.sh cpack obj-* /made/cpack DEB RPM"
mkdir "$work/made/rpm"
find "$work/build/made/rpm/RPMS" -name '*.rpm' -exec cp {} "$work/made/rpm" \;
cp "$work"/build/made/rpm/SRPMS/*.rpm "$work/made"

# ---- Looking at them -----------------------------------------------------------------------------

step "lintian"
cd "$work/made"
for deb in ./*.deb; do
    say "${deb#./}: $(wc -c <"$deb") bytes, $(dpkg-deb -f "$deb" Installed-Size) KiB installed," \
        "$(dpkg-deb -c "$deb" | grep -vc '/$') files"
done
inside "$work/build" "cd /made/rpm && for rpm in RPMS/*/*.rpm; do
        echo \"package: \${rpm##*/}: \$(wc -c <\"\$rpm\") bytes, \$(rpm -qp --nomanifest --qf '[%{FILEMODES:perms}\n]' \"\$rpm\" | grep -vc '^d') files\"
    done"
if command -v lintian >/dev/null; then
    # No bug report of Debian's asks for these packages.
    lintian --allow-root --fail-on error,warning --display-info --pedantic \
        --suppress-tags initial-upload-closes-no-bugs ./*.changes
fi

# ---- Installing, and their tests -----------------------------------------------------------------

step "installing"
fresh "$work/install"
mkdir "$work/install/made"
cp -R "$work/made/." "$work/install/made"
inside "$work/install" "apt-get -qq update
    cd /made && apt-get -qq -y --no-install-recommends install ./*.deb >/dev/null
    rove --version
    dpkg --verify librove0 librove-dev rove rove-filters rove-doc python3-rove"

step "their tests"
# Of each paragraph of debian/tests/control: "names: packages".
awk -v RS= '{
    names = ""; needs = ""
    count = split($0, lines, "\n")
    for (i = 1; i <= count; i++) {
        if (sub(/^Tests: */, "", lines[i])) names = lines[i]
        if (sub(/^Depends: */, "", lines[i])) needs = lines[i]
    }
    gsub(/,/, " ", names); gsub(/,/, " ", needs)
    print names ":" needs
}' tests/control >"$work/tests"
while IFS=: read -r names needs; do
    inside "$work/install" "apt-get -qq -y --no-install-recommends install $needs >/dev/null" </dev/null
    for test in $names; do
        inside "$work/install" "cd /made && exec tests/$test" </dev/null
        say "test $test passed"
    done
done <"$work/tests"

step "removing"
nothing_left() {
    inside "$work/install" "left=\$(find / -xdev -path /made -prune -o -path /proc -prune -o \( -name 'rove*' -o -name 'librove*' -o -name '_rove*' \) -print | grep -v '^/var/\|/share/doc-base' || true)
        [ -z \"\$left\" ] || { echo \"left behind: \$left\"; exit 1; }"
}
inside "$work/install" "apt-get -qq -y purge librove0 librove-dev rove rove-filters rove-doc python3-rove >/dev/null"
nothing_left

# ---- Those of rpmbuild, in folders that Debian does not look into --------------------------------

step "installing, testing and removing those of rpmbuild"
inside "$work/install" "apt-get -qq -y --no-install-recommends install rpm >/dev/null
    rpm --nodeps -i /made/rpm/*.rpm
    rpm -Va --nodeps"
for test in linking examples-pkg-config examples-cmake tool python; do
    inside "$work/install" "cd /made
        export LD_LIBRARY_PATH=/usr/lib64 PKG_CONFIG_PATH=/usr/lib64/pkgconfig rove_DIR=/usr/lib64/cmake/rove
        export PYTHONPATH=\$(echo /usr/lib*/python3*/site-packages) PYTHONDONTWRITEBYTECODE=1 # which no package would own
        exec tests/$test"
    say "test $test passed with the packages of rpmbuild"
done
inside "$work/install" "rpm --nodeps -e \$(rpm -qa | grep rove)"
nothing_left
step ""
say "PASSED, $(($(date +%s) - began)) s in all: every package was built, installed, tested and removed; they lie in $work/made"
