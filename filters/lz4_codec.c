// SPDX-License-Identifier: MIT
// lz4_codec.c: liblz4's block compressor, fast or HC.
#include "lz4_codec.h"

#include <lz4.h>
#include <lz4hc.h>

#define SMALL_MESSAGE 1536u // see code_fast()
#define FAR ((uint64_t) 1 << 29)

size_t rv_lz4_codec_len(const struct rv_lz4_codec *c)
{
    return c->hc ? sizeof(LZ4_streamHC_t) : sizeof(LZ4_stream_t);
}

// The first time, or after a failure, when the fast resets are not enough.
//
// A fast state that is new finds matches with its first byte by chance, in what its table does not hold, and one that was
// reset does not, as its places are counted on; so that what a block becomes would depend on what was coded before.
// LZ4_loadDict() begins to count at 64 KiB, be there a dictionary or not. Half of where the reset begins at 0 again, it
// is made anew.
static void init(struct rv_lz4_codec *c)
{
    c->begun = true;
    c->at = RV_LZ4_HISTORY;
    if (c->hc) {
        (void) LZ4_initStreamHC(c->state, rv_lz4_codec_len(c));
        LZ4_resetStreamHC_fast(c->state, c->level);
    } else {
        (void) LZ4_loadDict(c->state, NULL, 0);
    }
}

static void forget(struct rv_lz4_codec *c)
{
    if (!c->begun || c->at > FAR) {
        init(c);
    } else if (c->hc) {
        LZ4_resetStreamHC_fast(c->state, c->level);
    } else {
        LZ4_resetStream_fast(c->state);
        c->at += RV_LZ4_HISTORY;
    }
}

static void load(struct rv_lz4_codec *c, const uint8_t *past, size_t len)
{
    if (c->hc) {
        (void) LZ4_loadDictHC(c->state, (const char *) past, (int) len);
    } else {
        (void) LZ4_loadDict(c->state, (const char *) past, (int) len);
    }
}

void rv_lz4_codec_reset(struct rv_lz4_codec *c)
{
    forget(c);
    if (c->dict_len > 0) {
        load(c, c->dict, c->dict_len);
    }
}

// Two ways for independent blocks: extState clears 16 KiB of tables first (150 ns), then is
// quicker: by 8 % at 4 KiB, by 20 % from 16 KiB on. The stream keeps its tables from block to block,
// which is what a short message wants (64 B: 82 ns and not 233). They meet at 1.8 KiB. As most
// streams go the first way, the state is not made before the second is gone.
static int code_fast(struct rv_lz4_codec *c, const char *src, char *dst, int len, int cap)
{
    if (!c->linked && c->dict_len == 0 && len > (int) SMALL_MESSAGE) {
        c->begun = false; // as what it leaves is not what a reset does
        return LZ4_compress_fast_extState(c->state, src, dst, len, cap, c->acceleration);
    }
    if (!c->linked || !c->begun) {
        rv_lz4_codec_reset(c);
    }
    c->at += (uint64_t) len;
    return LZ4_compress_fast_continue(c->state, src, dst, len, cap, c->acceleration);
}

static int code_hc(struct rv_lz4_codec *c, const char *src, char *dst, int len, int cap)
{
    if (!c->linked || !c->begun) {
        rv_lz4_codec_reset(c);
    }
    return LZ4_compress_HC_continue(c->state, src, dst, len, cap);
}

size_t rv_lz4_code(struct rv_lz4_codec *c, const uint8_t *src, size_t len, uint8_t *dst, size_t cap)
{
    const char *from = (const char *) src;
    char *to = (char *) dst;
    int got = c->hc ? code_hc(c, from, to, (int) len, (int) cap) : code_fast(c, from, to, (int) len, (int) cap);

    if (got <= 0) {
        init(c);
        return 0;
    }
    return (size_t) got;
}

size_t rv_lz4_keep_history(struct rv_lz4_codec *c, uint8_t *front, size_t all, bool coded)
{
    size_t kept = rv_min(all, RV_LZ4_HISTORY);

    if (coded) {
        return (size_t) (c->hc ? LZ4_saveDictHC(c->state, (char *) front, (int) RV_LZ4_HISTORY)
                               : LZ4_saveDict(c->state, (char *) front, (int) RV_LZ4_HISTORY));
    }
    memmove(front, front + all - kept, kept);
    forget(c);
    load(c, front, kept);
    return kept;
}
