# SPDX-License-Identifier: MIT
# The manual pages of section 3, from the headers' comments, and with ROVE_BUILD_DOCS the site, by doxygen.

find_program(PERL_EXECUTABLE perl)
mark_as_advanced(PERL_EXECUTABLE)
set(rove_reference "${PROJECT_SOURCE_DIR}/docs/reference")
file(GLOB rove_told CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/include/rove/*.h" "${PROJECT_SOURCE_DIR}/docs/examples/*.c")

if(PERL_EXECUTABLE)
  set(rove_man3 "${PROJECT_BINARY_DIR}/man3")
  add_custom_command(OUTPUT "${rove_man3}.made"
    COMMAND "${CMAKE_COMMAND}" -E rm -rf "${rove_man3}"
    COMMAND "${PERL_EXECUTABLE}" "${rove_reference}/man.pl" "${PROJECT_SOURCE_DIR}" "${rove_man3}"
    COMMAND "${CMAKE_COMMAND}" -E touch "${rove_man3}.made"
    DEPENDS "${rove_reference}/man.pl" "${rove_reference}/headers.pl" "${PROJECT_SOURCE_DIR}/docs/rove.1" ${rove_told}
    COMMENT "Writing the manual pages" VERBATIM)
  add_custom_target(rove_man ALL DEPENDS "${rove_man3}.made")
  if(ROVE_INSTALL)
    install(DIRECTORY "${rove_man3}" DESTINATION "${CMAKE_INSTALL_MANDIR}" COMPONENT devel)
  endif()
else()
  message(STATUS "rove: no manual pages of section 3, for there is no perl")
endif()

if(ROVE_BUILD_DOCS)
  if(NOT PERL_EXECUTABLE)
    message(FATAL_ERROR "ROVE_BUILD_DOCS needs perl")
  endif()
  find_program(DOXYGEN_EXECUTABLE doxygen REQUIRED)
  mark_as_advanced(DOXYGEN_EXECUTABLE)
  file(GLOB rove_pages CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/docs/*.md" "${PROJECT_SOURCE_DIR}/docs/*.[1-9]"
       "${PROJECT_SOURCE_DIR}/docs/plots/*.svg" "${rove_reference}/*")
  set(rove_site "${PROJECT_BINARY_DIR}/site")
  add_custom_command(OUTPUT "${rove_site}.made"
    COMMAND "${PERL_EXECUTABLE}" "${rove_reference}/site.pl" "${PROJECT_SOURCE_DIR}" "${rove_site}"
    COMMAND "${CMAKE_COMMAND}" -E touch "${rove_site}.made"
    DEPENDS ${rove_told} ${rove_pages} "${PROJECT_SOURCE_DIR}/README.md"
    COMMENT "Building the site" VERBATIM)
  add_custom_target(rove_site ALL DEPENDS "${rove_site}.made")
  if(ROVE_INSTALL)
    install(DIRECTORY "${rove_site}/html" DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT doc)
  endif()
endif()
