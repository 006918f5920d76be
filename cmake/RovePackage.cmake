# SPDX-License-Identifier: MIT
# Packages by cpack, one for each component: cpack -G DEB, cpack -G RPM, in the build folder.
#
# For machines of one's own; what a distribution ships is made by debian/ and rove.spec. See docs/packaging.md.

set(CPACK_PACKAGE_NAME rove)
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
set(CPACK_PACKAGE_VENDOR "The rove authors")
set(CPACK_PACKAGE_CONTACT "The rove authors <rove@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_DIRECTORY "${PROJECT_BINARY_DIR}/packages")
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_RPM_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_RPM_PACKAGE_LICENSE MIT)
set(CPACK_RPM_SPEC_MORE_DEFINE "%define _build_id_links none")
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION
    /usr/share/man /usr/share/man/man1 /usr/share/man/man3 /usr/share/man/man5 /usr/share/man/man7
    /usr/share/bash-completion
    /usr/share/bash-completion/completions /usr/share/fish /usr/share/fish/vendor_completions.d /usr/share/zsh
    /usr/share/zsh/site-functions "/usr/${CMAKE_INSTALL_LIBDIR}/cmake" "/usr/${CMAKE_INSTALL_LIBDIR}/pkgconfig")

# rove_package(COMPONENT DEBIAN-NAME RPM-NAME DEBIAN-SECTION TEXT)
macro(rove_package component deb rpm section text)
  list(APPEND CPACK_COMPONENTS_ALL ${component})
  string(TOUPPER ${component} rove_upper)
  set(CPACK_COMPONENT_${rove_upper}_DESCRIPTION "${text}")
  set(CPACK_DEBIAN_${rove_upper}_PACKAGE_NAME ${deb})
  set(CPACK_DEBIAN_${rove_upper}_PACKAGE_SECTION ${section})
  set(CPACK_RPM_${rove_upper}_PACKAGE_NAME ${rpm})
  set(CPACK_RPM_${rove_upper}_PACKAGE_SUMMARY "${text}")
endmacro()

set(CPACK_COMPONENTS_ALL "")
rove_package(runtime librove0 librove libs "rove, the shared library")
rove_package(devel librove-dev librove-devel libdevel "rove, headers and static library")
# What rove.pc names; rpmbuild reads that by itself.
list(TRANSFORM rove_codec_pc_names APPEND "-dev" OUTPUT_VARIABLE rove_needs)
list(JOIN rove_needs ", " rove_needs)
string(REPLACE "zlib-dev" "zlib1g-dev" rove_needs "${rove_needs}")
set(CPACK_DEBIAN_DEVEL_PACKAGE_DEPENDS "librove0 (= ${PROJECT_VERSION}), ${rove_needs}")
set(CPACK_RPM_DEVEL_PACKAGE_REQUIRES "librove = ${PROJECT_VERSION}")
rove_package(doc rove-doc rove-doc doc "rove, guide and examples")
set(CPACK_DEBIAN_DOC_PACKAGE_ARCHITECTURE all)
set(CPACK_RPM_DOC_PACKAGE_ARCHITECTURE noarch)
if(TARGET rove_tool)
  rove_package(tool rove rove utils "rove, the command")
endif()
get_property(rove_plugins GLOBAL PROPERTY rove_plugins)
if(rove_plugins)
  rove_package(plugins rove-filters rove-filters libs "rove, filters that are loaded on demand")
endif()
if(TARGET rove_python AND ROVE_PYTHON_DIR)
  rove_package(python python3-rove python3-rove python "rove, the Python module")
  # It is built for one interpreter, as the suffix of its name says.
  get_target_property(rove_python_version rove_python ROVE_PYTHON_VERSION)
  set(CPACK_DEBIAN_PYTHON_PACKAGE_DEPENDS "python3 (>= ${rove_python_version})")
  set(CPACK_RPM_PYTHON_PACKAGE_REQUIRES "python3 >= ${rove_python_version}")
  set(rove_dir "${ROVE_PYTHON_DIR}")
  while(rove_dir AND NOT IS_ABSOLUTE "${rove_dir}")
    list(APPEND CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION "/usr/${rove_dir}")
    get_filename_component(rove_dir "${rove_dir}" DIRECTORY)
  endwhile()
endif()

include(CPack)
