// SPDX-License-Identifier: MIT
// crc.h: the fastest CRC-32, CRC-32C and Adler-32 that this build has; all give the same numbers.
#ifndef RV_FILTERS_CRC_H
#define RV_FILTERS_CRC_H

#include <stddef.h>
#include <stdint.h>

#if defined(RV_WITH_LIBDEFLATE)
#include <libdeflate.h>
#endif
#ifndef ZLIB_CONST
#define ZLIB_CONST
#endif
#include <zlib.h>

// Continues a CRC-32 (RFC 1952, section 8); begins with 0.
uint32_t rv_crc32(uint32_t crc, const uint8_t *buf, size_t len);

// Continues an Adler-32 (RFC 1950, section 8.2); begins with 1.
uint32_t rv_adler32(uint32_t adler, const uint8_t *buf, size_t len);

// The sum of some bytes and the part_len that follow, whose own is `part`. part_len: at most RV_JOIN_MAX.
uint32_t rv_crc32_join(uint32_t crc, uint32_t part, uint64_t part_len);
uint32_t rv_adler32_join(uint32_t adler, uint32_t part, uint64_t part_len);

#define RV_JOIN_MAX ((UINT64_C(1) << (8 * sizeof(z_off_t) - 1)) - 1)

#if defined(RV_WITH_ISAL)
// Continues a CRC-32C (RFC 3720, 12.1); begins with 0. Without ISA-L see crc32c.c.
uint32_t rv_crc32c(uint32_t crc, const uint8_t *buf, size_t len);
#endif

// Who computes them, for the `library` field.
#if defined(RV_WITH_ISAL)
#define RV_CRC32_LIBRARY "isa-l"
#elif defined(RV_WITH_LIBDEFLATE)
#define RV_CRC32_LIBRARY "libdeflate " LIBDEFLATE_VERSION_STRING
#else
#define RV_CRC32_LIBRARY "zlib " ZLIB_VERSION
#endif
#if defined(RV_WITH_LIBDEFLATE)
#define RV_ADLER32_LIBRARY "libdeflate " LIBDEFLATE_VERSION_STRING
#else
#define RV_ADLER32_LIBRARY "zlib " ZLIB_VERSION
#endif

#endif
