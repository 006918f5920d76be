# SPDX-License-Identifier: MIT
# The examples of the documentation, each compiled and run. Included by tests/CMakeLists.txt.
#
# By pattern, so that none can be forgotten. Each says by its exit status whether it did what it shows. What it needs beside
# rove stands in its first comment, as "// needs: NAME...": modules of pkg-config, or headers, whose names end in .h.
# Where something is missing there is a test all the same, which is skipped and says why.

find_package(PkgConfig QUIET)
include(CheckCSourceCompiles)

# rove_example_needs(SOURCE LIBS MISSING): sets LIBS to what an example links, or MISSING to what is not found.
function(rove_example_needs source libs_out missing_out)
  file(STRINGS "${source}" needs LIMIT_COUNT 1 REGEX "^// needs: ")
  string(REPLACE "// needs: " "" needs "${needs}")
  separate_arguments(needs)
  set(libs "")
  set(missing "")
  foreach(need IN LISTS needs)
    string(MAKE_C_IDENTIFIER "ROVE_EXAMPLE_${need}" found)
    if(need MATCHES "\\.h$")
      check_c_source_compiles("#if !__has_include(<${need}>)\n#error\n#endif\nint main(void) { return 0; }" ${found})
    elseif(PkgConfig_FOUND)
      pkg_check_modules(${found} QUIET IMPORTED_TARGET "${need}")
      set(${found} ${${found}_FOUND})
      list(APPEND libs PkgConfig::${found})
    endif()
    if(NOT ${found})
      list(APPEND missing "${need}")
    endif()
  endforeach()
  set(${libs_out} ${libs} PARENT_SCOPE)
  set(${missing_out} ${missing} PARENT_SCOPE)
endfunction()

file(GLOB rove_examples CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/docs/examples/*.c")
if(CMAKE_CXX_COMPILER)
  file(GLOB more CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/docs/examples/*.cpp")
  list(APPEND rove_examples ${more})
endif()
foreach(source IN LISTS rove_examples)
  get_filename_component(name "${source}" NAME_WE)
  rove_example_needs("${source}" libs missing)
  if(missing)
    list(JOIN missing ", " missing)
    message(STATUS "example ${name} is left out: ${missing} not found")
    add_test(NAME example_${name} COMMAND ${CMAKE_COMMAND} -E echo "skipped: ${missing} was not found when this was configured")
    set_tests_properties(example_${name} PROPERTIES LABELS example SKIP_REGULAR_EXPRESSION "^skipped: ")
    continue()
  endif()
  add_executable(example_${name} "${source}")
  rove_target(example_${name})
  set_target_properties(example_${name} PROPERTIES CXX_STANDARD 17 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF)
  target_link_libraries(example_${name} PRIVATE rove_inner Threads::Threads ${libs})
  if(name STREQUAL "00_readme") # its output is compressed, so somebody else must read it
    add_test(NAME example_${name} COMMAND sh -c "test \"$(\"$@\" | gzip -dc)\" = 'greeting: hello, rope!'"
             sh ${CMAKE_CROSSCOMPILING_EMULATOR} "$<TARGET_FILE:example_${name}>")
  else()
    add_test(NAME example_${name} COMMAND example_${name})
  endif()
  set_tests_properties(example_${name} PROPERTIES LABELS example)
  if(NOT rove_sanitizing AND NOT ROVE_COVERAGE AND NOT libs)
    # A clean program stays clean: what the library keeps is reachable by pointers to its beginning. Of other libraries
    # that may not be true.
    add_test(NAME leaks_${name} COMMAND sh "${CMAKE_CURRENT_SOURCE_DIR}/leaks.sh"
             "$<TARGET_FILE:example_${name}>")
    set_tests_properties(leaks_${name} PROPERTIES LABELS "example;leaks" SKIP_RETURN_CODE 77)
  endif()
endforeach()
