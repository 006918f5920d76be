# SPDX-License-Identifier: MIT
# Which codec libraries this build stands on, and what each of them is called by whom.

# rove_codec(PACKAGE TARGET PC-NAME): one that librove links. A static consumer needs it too, so its
# name goes into the CMake package and into rove.pc.
#
# ISA-L is not among them: Debian has no static archive of it, and with it no program could be linked statically as a
# whole. So librove.a does without, and filters/ is compiled a second time for it.
macro(rove_codec package target pc_name)
  list(APPEND rove_codec_packages ${package})
  list(APPEND rove_codec_targets ${target})
  list(APPEND rove_codec_pc_names ${pc_name})
endmacro()

set(rove_codec_packages "")
set(rove_codec_targets "")
set(rove_codec_pc_names "")
set(rove_codec_defines "")

find_package(ZLIB REQUIRED)
rove_codec(ZLIB ZLIB::ZLIB zlib)
find_package(LZ4 REQUIRED)
rove_codec(LZ4 LZ4::LZ4 liblz4)

# Compiled in from its header; nothing is linked, so nobody after us needs it.
find_package(xxHash REQUIRED)

if(ROVE_WITH_LIBDEFLATE)
  find_package(LibDeflate QUIET)
  if(LibDeflate_FOUND)
    rove_codec(LibDeflate LibDeflate::LibDeflate libdeflate)
    list(APPEND rove_codec_defines RV_WITH_LIBDEFLATE=1)
  endif()
endif()
list(JOIN rove_codec_pc_names " " rove_codec_names)
set(rove_static_filters filters)
set(rove_isal_target "")
if(ROVE_WITH_ISAL)
  find_package(ISAL QUIET)
  if(ISAL_FOUND)
    set(rove_static_filters filters_static)
    set(rove_isal_target ISAL::ISAL)
  endif()
endif()
if(NOT rove_isal_target)
  message(STATUS "rove's codecs: ${rove_codec_names}")
else()
  message(STATUS "rove's codecs: ${rove_codec_names}, and libisal, but for librove.a")
endif()
