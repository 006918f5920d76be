// SPDX-License-Identifier: MIT
// crc.c: picks the backend of CRC-32, CRC-32C and Adler-32 when the library is built.
//
// ISA-L's CRC folds with VPCLMULQDQ (98 GB/s in cache, 15 from memory), libdeflate's with PCLMULQDQ
// (29 and 16), zlib's uses tables (5.5 and 2.3). For Adler-32 libdeflate is fastest (48 GB/s), then
// zlib (3.8).
//
// A trap: ISA-L 2.30 returns with the upper halves of the vector registers in use, and until they
// are cleared each SSE instruction of anybody costs extra. Deflating right after such a sum was
// measured 22 % slower. So they are cleared here.
#include "crc.h"

#if defined(RV_WITH_ISAL)

#include <isa-l/crc.h>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

__attribute__((target("avx"), noinline)) static void clear_upper_halves(void)
{
    _mm256_zeroupper();
}

static void leave_vectors(void)
{
    if (__builtin_cpu_supports("avx")) {
        clear_upper_halves();
    }
}
#else
static void leave_vectors(void)
{
}
#endif

uint32_t rv_crc32(uint32_t crc, const uint8_t *buf, size_t len)
{
    crc = crc32_gzip_refl(crc, buf, len);
    leave_vectors();
    return crc;
}

uint32_t rv_crc32c(uint32_t crc, const uint8_t *buf, size_t len)
{
    crc = ~crc;
    while (len > 0) { // the library counts in int, and takes but does not change the bytes
        size_t part = len < (size_t) 1 << 30 ? len : (size_t) 1 << 30;

        crc = crc32_iscsi((unsigned char *) (uintptr_t) buf, (int) part, crc);
        buf += part;
        len -= part;
    }
    leave_vectors();
    return ~crc;
}

#elif defined(RV_WITH_LIBDEFLATE)

uint32_t rv_crc32(uint32_t crc, const uint8_t *buf, size_t len)
{
    return libdeflate_crc32(crc, buf, len);
}

#else

uint32_t rv_crc32(uint32_t crc, const uint8_t *buf, size_t len)
{
    return (uint32_t) crc32_z(crc, buf, len);
}

#endif

#if defined(RV_WITH_LIBDEFLATE)

uint32_t rv_adler32(uint32_t adler, const uint8_t *buf, size_t len)
{
    return libdeflate_adler32(adler, buf, len);
}

#else

uint32_t rv_adler32(uint32_t adler, const uint8_t *buf, size_t len)
{
    return (uint32_t) adler32_z(adler, buf, len);
}

#endif

uint32_t rv_crc32_join(uint32_t crc, uint32_t part, uint64_t part_len)
{
    return (uint32_t) crc32_combine(crc, part, (z_off_t) part_len);
}

uint32_t rv_adler32_join(uint32_t adler, uint32_t part, uint64_t part_len)
{
    return (uint32_t) adler32_combine(adler, part, (z_off_t) part_len);
}
