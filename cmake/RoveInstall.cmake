# SPDX-License-Identifier: MIT
# What is installed: headers, both libraries, the tool, the documentation, rove.pc and the CMake package.
# Components: runtime, devel, tool, plugins (filters/), python, doc; RovePackage.cmake makes a package of each.

include(CMakePackageConfigHelpers)

set(rove_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/rove")

install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/rove" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
        COMPONENT devel FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp")

# Two export sets: a consumer of the shared library must not need the codecs' development files.
foreach(kind IN ITEMS shared static)
  set_target_properties(rove_${kind} PROPERTIES EXPORT_NAME ${kind})
  install(TARGETS rove_${kind} EXPORT rove-${kind}
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT runtime NAMELINK_COMPONENT devel
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT devel)
  install(EXPORT rove-${kind} NAMESPACE rove:: FILE rove-${kind}.cmake
          DESTINATION "${rove_package_dir}" COMPONENT devel)
endforeach()

if(TARGET rove_tool)
  install(TARGETS rove_tool RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT tool)
  foreach(page IN ITEMS rove.1 rove-formats.5 rove-filters.7)
    string(REGEX REPLACE ".*\\." "man" section "${page}")
    install(FILES "${PROJECT_SOURCE_DIR}/docs/${page}"
            DESTINATION "${CMAKE_INSTALL_MANDIR}/${section}" COMPONENT tool)
  endforeach()
  install(FILES "${PROJECT_SOURCE_DIR}/tools/completions/rove.bash" RENAME rove
          DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" COMPONENT tool)
  install(FILES "${PROJECT_SOURCE_DIR}/tools/completions/_rove" DESTINATION "${ROVE_ZSH_DIR}" COMPONENT tool)
  install(FILES "${PROJECT_SOURCE_DIR}/tools/completions/rove.fish"
          DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d" COMPONENT tool)
endif()

# Inside somebody's project the folder of documentation is theirs, and their tree may have no more of rove than it builds.
if(ROVE_TOP_LEVEL)
  install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT runtime)
  install(FILES "${PROJECT_SOURCE_DIR}/README.md" "${PROJECT_SOURCE_DIR}/CONTRIBUTING.md"
                "${PROJECT_SOURCE_DIR}/SECURITY.md"
          DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT doc)
  # The pages lie in docs/ and python/ beneath, as in the source, so that README.md finds them.
  install(FILES "${PROJECT_SOURCE_DIR}/python/README.md" DESTINATION "${CMAKE_INSTALL_DOCDIR}/python" COMPONENT doc)
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/docs" DESTINATION "${CMAKE_INSTALL_DOCDIR}"
          COMPONENT doc FILES_MATCHING PATTERN "*.md" PATTERN "*.svg" PATTERN "*.c" PATTERN "*.cpp"
          PATTERN "reference" EXCLUDE)
  # Links between them hold; others are made to.
  file(RELATIVE_PATH rove_doc_to_include "${CMAKE_INSTALL_FULL_DOCDIR}" "${CMAKE_INSTALL_FULL_INCLUDEDIR}")
  set(rove_doc_dir "${CMAKE_INSTALL_DOCDIR}")
  if(NOT IS_ABSOLUTE "${rove_doc_dir}")
    string(PREPEND rove_doc_dir "\${CMAKE_INSTALL_PREFIX}/")
  endif()
  install(CODE "execute_process(COMMAND \"${CMAKE_COMMAND}\" \"-DPAGES=\$ENV{DESTDIR}${rove_doc_dir}\"
    \"-DINCLUDE=${rove_doc_to_include}\" -P \"${PROJECT_SOURCE_DIR}/cmake/pages.cmake\" COMMAND_ERROR_IS_FATAL ANY)"
    COMPONENT doc)
endif()

# The extension and what stands around it. A module belongs to one interpreter's own folder, which no prefix tells:
# it is installed when the folder is named.
if(TARGET rove_python AND ROVE_PYTHON_DIR)
  install(TARGETS rove_python LIBRARY DESTINATION "${ROVE_PYTHON_DIR}/rove" COMPONENT python)
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/python/rove" DESTINATION "${ROVE_PYTHON_DIR}"
          COMPONENT python PATTERN "__pycache__" EXCLUDE)
endif()

# For the foreach lines of the template.
list(JOIN rove_codec_packages " " rove_codec_list)
set(rove_archive "${CMAKE_STATIC_LIBRARY_PREFIX}rove${CMAKE_STATIC_LIBRARY_SUFFIX}")
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/rove-config.cmake.in"
  "${PROJECT_BINARY_DIR}/cmake/rove-config.cmake"
  INSTALL_DESTINATION "${rove_package_dir}"
  PATH_VARS ROVE_FILTER_DIR CMAKE_INSTALL_LIBDIR)
# While the release is 0.x, a minor step may break; from 1.0 on this becomes SameMajorVersion.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/cmake/rove-config-version.cmake"
  COMPATIBILITY SameMinorVersion)
# That wants a range to stay within one minor step, too. But who writes one says which steps there are.
file(APPEND "${PROJECT_BINARY_DIR}/cmake/rove-config-version.cmake" [[

if(PACKAGE_FIND_VERSION_RANGE)
  set(PACKAGE_VERSION_COMPATIBLE FALSE)
  if(PACKAGE_VERSION VERSION_GREATER_EQUAL PACKAGE_FIND_VERSION_MIN AND
     (PACKAGE_VERSION VERSION_LESS PACKAGE_FIND_VERSION_MAX OR
      (PACKAGE_FIND_VERSION_RANGE_MAX STREQUAL "INCLUDE" AND PACKAGE_VERSION VERSION_EQUAL PACKAGE_FIND_VERSION_MAX)))
    set(PACKAGE_VERSION_COMPATIBLE TRUE)
  endif()
endif()
]])
install(FILES
  "${PROJECT_BINARY_DIR}/cmake/rove-config.cmake"
  "${PROJECT_BINARY_DIR}/cmake/rove-config-version.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/FindLZ4.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/FindLibDeflate.cmake"
  DESTINATION "${rove_package_dir}" COMPONENT devel)

# rove.pc finds its prefix from its own place, so that an installed tree can be moved.
set(rove_pc_dir "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}" OR IS_ABSOLUTE "${CMAKE_INSTALL_INCLUDEDIR}")
  set(rove_pc_prefix "${CMAKE_INSTALL_PREFIX}")
else()
  file(RELATIVE_PATH rove_pc_up "/${rove_pc_dir}" "/")
  string(REGEX REPLACE "/$" "" rove_pc_up "${rove_pc_up}")
  set(rove_pc_prefix "\${pcfiledir}/${rove_pc_up}")
endif()
foreach(dir IN ITEMS CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_INCLUDEDIR ROVE_FILTER_DIR)
  if(IS_ABSOLUTE "${${dir}}")
    set(rove_pc_${dir} "${${dir}}")
  else()
    set(rove_pc_${dir} "\${prefix}/${${dir}}")
  endif()
endforeach()
configure_file("${PROJECT_SOURCE_DIR}/cmake/rove.pc.in" "${PROJECT_BINARY_DIR}/cmake/rove.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/cmake/rove.pc" DESTINATION "${rove_pc_dir}" COMPONENT devel)

if(ROVE_TOP_LEVEL)
  include(RovePackage)
endif()
