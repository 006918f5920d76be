// SPDX-License-Identifier: MIT
// zstd.c: the plugin's table, its options, and what both directions need.
#include "zstd.h"

const struct rove_option rv_zstd_options[] = {
    {.key = "level", .kind = ROVE_OPT_INT, .dirs = ROVE_ENCODE, .min = (uint64_t) INT64_C(-131072),
     .max = 22, .fallback = "3", .about = "1 is fast, 22 is smallest; below 0 faster still"},
    {.key = "window", .kind = ROVE_OPT_UINT, .dirs = ROVE_ENCODE | ROVE_DECODE, .max = RV_ZSTD_WINDOW_MAX,
     .fallback = "0",
     .about = "log2 of the bytes that matches may reach back, from 10; 0: by level, 27 to read"},
    {.key = "checksum", .kind = ROVE_OPT_BOOL, .dirs = ROVE_ENCODE, .fallback = "yes",
     .about = "a checksum of the content at the end"},
    {.key = "content_size", .kind = ROVE_OPT_UINT, .dirs = ROVE_ENCODE, .max = UINT64_MAX - 2,
     .fallback = "0", .about = "declare this many bytes of content; not declared unless given"},
    {.key = "block", .kind = ROVE_OPT_UINT, .dirs = ROVE_ENCODE, .max = UINT64_C(1) << 30,
     .fallback = "0", .about = "write every so many bytes, 1K or more, as a frame of its own; 0: one frame"},
    {.key = "table", .kind = ROVE_OPT_BOOL, .dirs = ROVE_ENCODE, .fallback = "no",
     .about = "with block: a seek table behind the frames, so that readers can begin at any of them"},
    {.key = "dict", .kind = ROVE_OPT_HEX, .dirs = ROVE_ENCODE | ROVE_DECODE, .min = 1,
     .max = RV_ZSTD_DICT_MAX, .about = "dictionary, which the reader must know too"},
    RV_TRAILING_OPTION,
    {.key = NULL},
};

static void *zalloc(void *opaque, size_t len)
{
    const struct rove_host *host = opaque;

    return host->alloc(host->ctx, len);
}

static void zfree(void *opaque, void *ptr)
{
    const struct rove_host *host = opaque;

    host->free(host->ctx, ptr);
}

ZSTD_customMem rv_zstd_memory(const struct rove_host *host)
{
    return (ZSTD_customMem){zalloc, zfree, (void *) (uintptr_t) host};
}

int32_t rv_zstd_setup_status(const struct rove_host *host, size_t rc)
{
    if (!ZSTD_isError(rc)) {
        return ROVE_OK;
    }
    if (rv_zstd_failed_with(rc, ZSTD_error_memory_allocation)) {
        return ROVE_E_NOMEM;
    }
    return rv_fail(host, ROVE_E_ARG, "zstd refuses these options: %s", ZSTD_getErrorName(rc));
}

int32_t rv_zstd_judge_dict(const struct rove_host *host, const struct rove_value *dict)
{
    bool plain = dict->text_len < 8 || rv_le32((const uint8_t *) dict->text) != ZSTD_MAGIC_DICTIONARY;
    size_t len = plain ? 0 : ZSTD_estimateDDictSize(dict->text_len, ZSTD_dlm_byRef);
    void *room = plain ? NULL : host->alloc(host->ctx, len);
    bool sound;

    if (plain || room == NULL) {
        return plain ? ROVE_OK : ROVE_E_NOMEM;
    }
    sound = ZSTD_initStaticDDict(room, len, dict->text, dict->text_len, ZSTD_dlm_byRef, ZSTD_dct_auto) != NULL;
    host->free(host->ctx, room);
    return sound ? ROVE_OK : rv_fail(host, ROVE_E_ARG, "the dictionary is damaged");
}

static const struct rove_filter *const filters[] = {&rv_zstd_encode, &rv_zstd_decode, NULL};

static const struct rove_plugin plugin = {
    ROVE_PLUGIN_INIT,
    .name = "zstd",
    .version = "1",
    .license = "MIT",
    .filters = filters,
};

ROVE_PLUGIN(&plugin)
