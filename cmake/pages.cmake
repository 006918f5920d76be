# SPDX-License-Identifier: MIT
# The installed pages: a link to a header goes to where that was installed; of what comes with the source alone, or in
# another package, the words stay. Run as `cmake -DPAGES=FOLDER -DINCLUDE=PATH -P pages.cmake`; INCLUDE: from that folder to
# the one of the headers.

set(elsewhere "((\\.\\./)?(filters|tests)(/[^)]*)?|rove\\.1|LICENSE|CONTRIBUTING\\.md)")
file(GLOB pages "${PAGES}/README.md" "${PAGES}/CONTRIBUTING.md" "${PAGES}/SECURITY.md" "${PAGES}/docs/*.md"
     "${PAGES}/python/README.md")
foreach(page IN LISTS pages)
  get_filename_component(folder "${page}" DIRECTORY)
  file(RELATIVE_PATH up "${folder}" "${PAGES}/")
  file(READ "${page}" text)
  string(REGEX REPLACE "\\]\\((\\.\\./)?include/rove/" "](${up}${INCLUDE}/rove/" text "${text}")
  string(REGEX REPLACE "\\[([^][]*)\\]\\(${elsewhere}\\)" "\\1" text "${text}")
  file(WRITE "${page}" "${text}")
endforeach()
