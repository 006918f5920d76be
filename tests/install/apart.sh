#!/bin/sh
# SPDX-License-Identifier: MIT
# A program that holds the static library and shows its own functions loads what uses the shared one. Usage: sh apart.sh
# PREFIX WORK PROGRAM

set -eu
prefix=$1 work=$2 program=$3

rm -rf "$work"
mkdir -p "$work"
cp "$program" "$work/apart.c"
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name rove.pc)")
export PKG_CONFIG_PATH
cd "$work"
lib=$(pkg-config --variable=libdir rove)

# shellcheck disable=SC2046 # flags are words
$CC -O2 -shared -fPIC -DLIBRARY -o library.so apart.c $(pkg-config --cflags --libs rove) -Wl,-rpath,"$lib"
# shellcheck disable=SC2046
$CC -O2 -rdynamic -o by_pkgconfig apart.c $(pkg-config --static --cflags --libs rove | sed 's/-lrove/-l:librove.a/')
./by_pkgconfig ./library.so

cat >CMakeLists.txt <<'TEXT'
cmake_minimum_required(VERSION 3.20)
project(apart LANGUAGES C)
find_package(rove CONFIG REQUIRED COMPONENTS static)
add_executable(by_cmake apart.c)
set_target_properties(by_cmake PROPERTIES ENABLE_EXPORTS ON)
target_link_libraries(by_cmake PRIVATE rove::static ${CMAKE_DL_LIBS})
TEXT
$CMAKE -S . -B build -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$prefix"
$CMAKE --build build
./build/by_cmake ./library.so
