// SPDX-License-Identifier: MIT
// zstd_whole.c: see zstd_whole.h.
//
// A block may become no more than the window, and 2^17 bytes (RFC 8878, 3.1.1.2.3). libzstd holds that against blocks that it
// is given one by one. Where it is given a frame, nothing but the frame's size bounds them. So what the headers say is looked
// at here; and where compressed blocks could become more than they may and less than the frame, it is given the frame's header
// first, and then takes the rest by its blocks. That they come to the caller's room without a copy is a setting that libzstd
// declares for static linking only; a libzstd that refuses it leaves such frames to the caller.
#include "zstd_whole.h"

// Whether no block of a frame is longer than they may be there, coded or not, by their headers. ptr: the first one's, of
// len bytes that are whole blocks.
static bool blocks_fit(const uint8_t *ptr, size_t len, size_t block_max)
{
    struct rv_zstd_block b = {.last = false};

    for (size_t at = 0; !b.last && len - at >= RV_ZSTD_BLOCK_HEAD; at += RV_ZSTD_BLOCK_HEAD + b.len) {
        b = rv_zstd_block(ptr + at);
        if (b.len > block_max || b.size > block_max || b.len > len - at - RV_ZSTD_BLOCK_HEAD) {
            return false;
        }
    }
    return b.last;
}

size_t rv_zstd_whole_len(ZSTD_frameHeader *fields, const uint8_t *ptr, size_t len, size_t room)
{
    size_t found;

    if (ZSTD_getFrameHeader(fields, ptr, len) != 0 || fields->frameType == ZSTD_skippableFrame ||
        fields->frameContentSize == ZSTD_CONTENTSIZE_UNKNOWN || fields->frameContentSize > room ||
        fields->frameContentSize > fields->windowSize) {
        return 0;
    }
    found = ZSTD_findFrameCompressedSize(ptr, len);
    if (ZSTD_isError(found) ||
        !blocks_fit(ptr + fields->headerSize, found - fields->headerSize, fields->blockSizeMax)) {
        return 0;
    }
    return found;
}

static bool by_blocks(ZSTD_DCtx *z, size_t head_len, const uint8_t *ptr, size_t len, ZSTD_outBuffer to)
{
    ZSTD_inBuffer from = {ptr, head_len, 0};
    size_t rc = ZSTD_DCtx_setParameter(z, ZSTD_d_stableOutBuffer, 1);

    rc = ZSTD_isError(rc) ? rc : ZSTD_decompressStream(z, &to, &from);
    from.size = len;
    rc = ZSTD_isError(rc) ? rc : ZSTD_decompressStream(z, &to, &from);
    (void) ZSTD_DCtx_reset(z, ZSTD_reset_session_only);
    (void) ZSTD_DCtx_setParameter(z, ZSTD_d_stableOutBuffer, 0);
    return rc == 0 && from.pos == len && to.pos == to.size;
}

bool rv_zstd_whole(ZSTD_DCtx *z, const ZSTD_frameHeader *fields, const uint8_t *ptr, size_t len, const struct rove_out *out)
{
    size_t made = (size_t) fields->frameContentSize;

    if (made > fields->blockSizeMax) {
        return by_blocks(z, fields->headerSize, ptr, len, (ZSTD_outBuffer){out->ptr, made, 0});
    }
    return ZSTD_decompressDCtx(z, out->ptr, out->len, ptr, len) == made;
}
