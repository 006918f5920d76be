# SPDX-License-Identifier: MIT
# Finds jemalloc, which Debian ships without a CMake package file. Gives jemalloc::jemalloc, jemalloc_INCLUDE_DIR, jemalloc_LIBRARY.

# pkg-config only hints: its imported target would leak a name that consumers do not have.
find_package(PkgConfig QUIET)
if(PKG_CONFIG_FOUND)
  pkg_check_modules(PC_jemalloc QUIET jemalloc)
endif()

find_path(jemalloc_INCLUDE_DIR NAMES jemalloc/jemalloc.h HINTS ${PC_jemalloc_INCLUDE_DIRS})
find_library(jemalloc_LIBRARY NAMES jemalloc HINTS ${PC_jemalloc_LIBRARY_DIRS})
mark_as_advanced(jemalloc_INCLUDE_DIR jemalloc_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(jemalloc
  REQUIRED_VARS jemalloc_LIBRARY jemalloc_INCLUDE_DIR
  VERSION_VAR PC_jemalloc_VERSION)

if(jemalloc_FOUND AND NOT TARGET jemalloc::jemalloc)
  add_library(jemalloc::jemalloc UNKNOWN IMPORTED)
  set_target_properties(jemalloc::jemalloc PROPERTIES
    IMPORTED_LOCATION "${jemalloc_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${jemalloc_INCLUDE_DIR}")
endif()
