// SPDX-License-Identifier: MIT
// zstd_table.c: see zstd_table.h.
#include "zstd_table.h"

#define CAP_FIRST 64u
#define MAGIC 0x184d2a5eu
#define FOOT_MAGIC 0x8f92eab1u
#define HEAD 8u
#define FOOT 9u

void rv_zstd_table_reset(struct rv_zstd_table *t)
{
    t->cnt = t->at = 0;
    t->wire_len = t->wire_pos = 0;
}

void rv_zstd_table_close(struct rv_zstd_table *t)
{
    if (t->host != NULL) {
        t->host->free(t->host->ctx, t->entries);
    }
}

int32_t rv_zstd_table_reserve(struct rv_zstd_table *t, size_t cnt)
{
    size_t cap = t->cap == 0 ? CAP_FIRST : t->cap;
    uint8_t *grown;

    if (cnt <= t->cap) {
        return ROVE_OK;
    }
    if (cnt > RV_ZSTD_FRAMES_MAX) {
        return rv_fail(t->host, ROVE_E_LIMIT, "a table tells of %lu frames at most; a larger block=N makes fewer",
                       (unsigned long) RV_ZSTD_FRAMES_MAX);
    }
    while (cap < cnt) {
        cap *= 2;
    }
    grown = t->host->alloc(t->host->ctx, cap * RV_ZSTD_ENTRY);
    if (grown == NULL) {
        return ROVE_E_NOMEM;
    }
    if (t->cnt > 0) {
        memcpy(grown, t->entries, t->cnt * RV_ZSTD_ENTRY);
    }
    t->host->free(t->host->ctx, t->entries);
    t->entries = grown;
    t->cap = cap;
    return ROVE_OK;
}

int32_t rv_zstd_table_add(struct rv_zstd_table *t, size_t coded, size_t plain)
{
    int32_t rc = rv_zstd_table_reserve(t, t->cnt + 1);
    uint8_t *entry;

    if (rc == ROVE_OK) {
        entry = t->entries + t->cnt++ * RV_ZSTD_ENTRY;
        rv_put_le32(entry, (uint32_t) coded);
        rv_put_le32(entry + 4, (uint32_t) plain);
    }
    return rc;
}

int32_t rv_zstd_table_join(struct rv_zstd_table *t, const struct rv_zstd_table *part)
{
    int32_t rc = rv_zstd_table_reserve(t, t->cnt + part->cnt);

    if (rc == ROVE_OK && part->cnt > 0) {
        memcpy(t->entries + t->cnt * RV_ZSTD_ENTRY, part->entries, part->cnt * RV_ZSTD_ENTRY);
        t->cnt += part->cnt;
    }
    return rc;
}

// Lays out the thing that comes next.
static void lay(struct rv_zstd_table *t)
{
    t->wire_pos = 0;
    if (t->at == 0) {
        t->wire_len = HEAD;
        rv_put_le32(t->wire, MAGIC);
        rv_put_le32(t->wire + 4, (uint32_t) (t->cnt * RV_ZSTD_ENTRY + FOOT));
    } else if (t->at <= t->cnt) {
        t->wire_len = RV_ZSTD_ENTRY;
        memcpy(t->wire, t->entries + (t->at - 1) * RV_ZSTD_ENTRY, RV_ZSTD_ENTRY);
    } else {
        t->wire_len = FOOT;
        rv_put_le32(t->wire, (uint32_t) t->cnt);
        t->wire[4] = 0;
        rv_put_le32(t->wire + 5, FOOT_MAGIC);
    }
    t->at++;
}

bool rv_zstd_table_write(struct rv_zstd_table *t, struct rove_out *out)
{
    while (rv_drain(t->wire, t->wire_len, &t->wire_pos, out)) {
        if (t->at == t->cnt + 2) {
            return true;
        }
        lay(t);
    }
    return false;
}
