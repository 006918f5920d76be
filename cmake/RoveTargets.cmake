# SPDX-License-Identifier: MIT
# How rove's own targets are compiled and linked; nothing here touches a parent project's flags.

set(rove_warnings -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wvla)
set(rove_c_warnings -Wstrict-prototypes -Wmissing-prototypes)

set(rove_sanitizing OFF)
if(ROVE_SANITIZE)
  set(rove_sanitizing ON)
  list(JOIN ROVE_SANITIZE "," rove_sanitizers)
endif()

# Linked by every target of ours and exported with none.
add_library(rove_flags INTERFACE)
target_compile_definitions(rove_flags INTERFACE _GNU_SOURCE _FILE_OFFSET_BITS=64)
target_compile_options(rove_flags INTERFACE ${rove_warnings}
                       "$<$<COMPILE_LANGUAGE:C>:${rove_c_warnings}>")
if(CMAKE_SIZEOF_VOID_P EQUAL 4)
  target_compile_options(rove_flags INTERFACE -Wno-psabi) # no atomic number of ours crosses a border between compilers
endif()
if(ROVE_WERROR)
  target_compile_options(rove_flags INTERFACE -Werror)
endif()
if(ROVE_DEBUG)
  # -UNDEBUG, because RelWithDebInfo would switch the asserts off.
  target_compile_definitions(rove_flags INTERFACE RV_DEBUG=1)
  target_compile_options(rove_flags INTERFACE -UNDEBUG)
endif()
if(rove_sanitizing)
  # A checker sees a block only if malloc made it: hence the system allocator, and no slabs.
  target_compile_definitions(rove_flags INTERFACE RV_ONE_BLOCK_PER_CHUNK=1)
  # With -O1 it compiles in half the time and runs hardly slower. Of gcc's warnings that one depends on how much is
  # optimised.
  target_compile_options(rove_flags INTERFACE -fsanitize=${rove_sanitizers}
                         -fno-sanitize-recover=all -fno-omit-frame-pointer -O1 -g1
                         $<$<C_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(rove_flags INTERFACE -fsanitize=${rove_sanitizers})
endif()
if(ROVE_BUILD_FUZZERS)
  if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "libFuzzer comes with clang; the compiler is ${CMAKE_C_COMPILER_ID}")
  endif()
  # Lets the library tell which branches were taken; only the targets have the fuzzer's main().
  target_compile_options(rove_flags INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(rove_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(ROVE_COVERAGE)
  target_compile_options(rove_flags INTERFACE --coverage)
  target_link_options(rove_flags INTERFACE --coverage)
endif()

# The share of the long tests' amounts that a build does: what is checked is ten to thirty times slower.
if(rove_sanitizing OR ROVE_COVERAGE)
  set(rove_test_scale 0.05)
else()
  set(rove_test_scale 1.0)
endif()

if(ROVE_ALLOCATOR STREQUAL "jemalloc" AND NOT rove_sanitizing)
  set(rove_with_jemalloc ON)
else()
  set(rove_with_jemalloc OFF)
endif()

# rove_target(NAME): our language level and flags.
function(rove_target name)
  set_target_properties(${name} PROPERTIES
    C_STANDARD 11 C_STANDARD_REQUIRED ON C_EXTENSIONS OFF
    UNITY_BUILD OFF # static names are a file's own
    C_VISIBILITY_PRESET hidden)
  target_link_libraries(${name} PRIVATE $<BUILD_INTERFACE:rove_flags> ${rove_more_flags})
endfunction()

# rove_objects(NAME SOURCES ... [INCLUDES ...] [LIBS ...] [DEFINES ...] [TINY]): compiles a folder once, as
# PIC, for the shared and the static library; TINY: and once more with tiny tree nodes (NAME_tiny), so
# that the tests reach deep trees with few bytes.
function(rove_objects name)
  cmake_parse_arguments(ARG "TINY" "" "SOURCES;INCLUDES;LIBS;DEFINES" ${ARGN})
  set(variants ${name})
  if(ARG_TINY AND ROVE_BUILD_TESTS)
    list(APPEND variants ${name}_tiny)
  endif()
  foreach(variant IN LISTS variants)
    add_library(${variant} OBJECT ${ARG_SOURCES})
    rove_target(${variant})
    set_target_properties(${variant} PROPERTIES POSITION_INDEPENDENT_CODE ON EXCLUDE_FROM_ALL ON)
    # Our exported functions also call each other; nobody is meant to replace one by preloading.
    target_compile_options(${variant} PRIVATE -fno-semantic-interposition)
    # BEFORE: the project around us may have folders of its own in view, and headers that are called as ours are.
    target_include_directories(${variant} BEFORE PRIVATE ${ARG_INCLUDES})
    target_link_libraries(${variant} PRIVATE ${ARG_LIBS} Threads::Threads)
    target_compile_definitions(${variant} PRIVATE ${ARG_DEFINES})
  endforeach()
  if(TARGET ${name}_tiny)
    target_compile_definitions(${name}_tiny PRIVATE ${rove_tiny_defines})
  endif()
endfunction()

set(rove_tiny_defines RV_FANOUT=4u)

# rove_library(NAME SHARED|STATIC FOLDER-TARGET...): librove out of the folders' objects. It links the
# codecs, never jemalloc: a library that links Debian's jemalloc cannot be dlopened (its thread-local
# storage does not fit), so core/ names jemalloc's functions weakly and the program brings it along.
function(rove_library name kind)
  set(objects "")
  foreach(folder IN LISTS ARGN)
    list(APPEND objects $<TARGET_OBJECTS:rove_${folder}>)
  endforeach()
  add_library(${name} ${kind} ${objects})
  rove_target(${name})
  set_target_properties(${name} PROPERTIES OUTPUT_NAME rove LINKER_LANGUAGE C)
  target_include_directories(${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${name} PRIVATE ${rove_codec_targets} Threads::Threads ${CMAKE_DL_LIBS})
  if(NOT "filters_static" IN_LIST ARGN)
    target_link_libraries(${name} PRIVATE ${rove_isal_target})
  endif()
  if(kind STREQUAL "SHARED")
    rove_shared_properties(${name})
  endif()
endfunction()

function(rove_shared_properties name)
  set(map "${PROJECT_SOURCE_DIR}/core/rove.map")
  set_target_properties(${name} PROPERTIES
    SOVERSION 0 VERSION 0.${PROJECT_VERSION}
    LINK_DEPENDS "${map}")
  # nodelete: a thread that used the library runs a destructor of ours when it ends, perhaps long after
  # somebody has called dlclose; the code must still be there.
  # A path may have commas, at which LINKER: would cut it.
  target_link_options(${name} PRIVATE "SHELL:-Xlinker \"--version-script=${map}\""
                      "LINKER:-z,relro" "LINKER:-z,now" "LINKER:-z,nodelete")
  if(NOT rove_sanitizing)
    # Not under a sanitizer: its runtime comes with the program, and clang leaves it undefined here.
    target_link_options(${name} PRIVATE "LINKER:-z,defs")
  endif()
endfunction()

# rove_use_jemalloc(TARGET): a program that brings jemalloc along. --no-as-needed, because librove's
# references are weak, and weak references alone do not make the linker keep a library.
function(rove_use_jemalloc name)
  if(rove_with_jemalloc)
    find_package(jemalloc QUIET)
    if(jemalloc_FOUND)
      target_link_libraries(${name} PRIVATE
        "-Wl,--push-state,--no-as-needed,${jemalloc_LIBRARY},--pop-state")
    else()
      message(STATUS "jemalloc not found: ${name} runs on the system allocator")
    endif()
  endif()
endfunction()
