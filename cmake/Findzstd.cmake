# SPDX-License-Identifier: MIT
# Finds zstd where it was built without CMake, and so has no package file. Gives zstd::libzstd_shared, zstd_INCLUDE_DIR, zstd_LIBRARY.

# pkg-config only hints: its imported target would leak a name that consumers do not have.
find_package(PkgConfig QUIET)
if(PKG_CONFIG_FOUND)
  pkg_check_modules(PC_zstd QUIET libzstd)
endif()

find_path(zstd_INCLUDE_DIR NAMES zstd.h HINTS ${PC_zstd_INCLUDE_DIRS})
find_library(zstd_LIBRARY NAMES zstd HINTS ${PC_zstd_LIBRARY_DIRS})
mark_as_advanced(zstd_INCLUDE_DIR zstd_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(zstd
  REQUIRED_VARS zstd_LIBRARY zstd_INCLUDE_DIR
  VERSION_VAR PC_zstd_VERSION)

if(zstd_FOUND AND NOT TARGET zstd::libzstd_shared)
  add_library(zstd::libzstd_shared UNKNOWN IMPORTED)
  set_target_properties(zstd::libzstd_shared PROPERTIES
    IMPORTED_LOCATION "${zstd_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${zstd_INCLUDE_DIR}")
endif()
