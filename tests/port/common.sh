# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Read by the scripts beside it, each of which builds for one target and runs its tests. They are started by
# ./run port, from the root, as: sh tests/port/TARGET.sh BUILD-FOLDER. Exit status 77: what is needed is not there.

set -eu
build=$1
port=$(dirname "$0")
case $build in
    /*) ;;
    *) build=$PWD/$build ;;
esac

lacks() {
    echo "port: not available: $*"
    exit 77
}

# sysroot ARCHITECTURE PACKAGE...: the packages, and those that every port tests with.
sysroot() {
    sysroot=$build/sysroot
    arch=$1
    shift
    sh "$port/sysroot.sh" "$arch" "$sysroot" "$@" zlib1g zlib1g-dev liblz4-1 liblz4-dev libxxhash-dev libcunit1 \
        libcunit1-dev || lacks "Debian packages for $arch: $* zlib1g-dev liblz4-dev libxxhash-dev libcunit1-dev"
}

# build_with OPTION...: the optional codecs and the compiler for C++ are of the machine that builds, and so left out.
build_with() {
    cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DROVE_DEBUG=ON -DROVE_WERROR=ON \
        -DROVE_ALLOCATOR=system -DROVE_WITH_ISAL=OFF -DROVE_WITH_LIBDEFLATE=OFF -DROVE_BUILD_PLUGINS=OFF \
        -DROVE_INSTALL=OFF -DCMAKE_CXX_COMPILER=NOTFOUND \
        -DCMAKE_DISABLE_FIND_PACKAGE_PkgConfig=ON -DCMAKE_DISABLE_FIND_PACKAGE_LibArchive=ON \
        -DCMAKE_FIND_ROOT_PATH="$sysroot" -DCMAKE_FIND_ROOT_PATH_MODE_LIBRARY=ONLY \
        -DCMAKE_FIND_ROOT_PATH_MODE_INCLUDE=ONLY "$@"
    cmake --build "$build"
}

# tests ARGUMENT...: the quick run; the arguments go to ctest.
tests() {
    cd "$build"
    ROVE_TEST_SCALE=${ROVE_TEST_SCALE:-0.05} ctest --output-on-failure --no-tests=error --timeout 3600 \
        -j "${CMAKE_BUILD_PARALLEL_LEVEL:-2}" "$@"
}
