#!/bin/sh
# SPDX-License-Identifier: MIT
# A library that holds the static library is loaded, used by a thread and unloaded before that ends. Usage: sh unloaded.sh
# PREFIX WORK PROGRAM

set -eu
prefix=$1 work=$2 program=$3

rm -rf "$work"
mkdir -p "$work"
cp "$program" "$work/unloaded.c"
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name rove.pc)")
export PKG_CONFIG_PATH
cd "$work"
$CC -o main unloaded.c -pthread -ldl

# shellcheck disable=SC2046 # flags are words
$CC -shared -fPIC -DLIBRARY -o by_pkgconfig.so unloaded.c $(pkg-config --static --cflags --libs rove |
    sed 's/-lrove/-l:librove.a/')
./main ./by_pkgconfig.so

cat >CMakeLists.txt <<'TEXT'
cmake_minimum_required(VERSION 3.20)
project(unloaded LANGUAGES C)
find_package(rove CONFIG REQUIRED COMPONENTS static)
add_library(by_cmake MODULE unloaded.c)
set_target_properties(by_cmake PROPERTIES PREFIX "")
target_compile_definitions(by_cmake PRIVATE LIBRARY)
target_link_libraries(by_cmake PRIVATE rove::static)
TEXT
$CMAKE -S . -B build -DCMAKE_PREFIX_PATH="$prefix"
$CMAKE --build build
./main build/by_cmake.so
