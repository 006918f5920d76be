// SPDX-License-Identifier: MIT
// xz.c: the plugin's table, its options, and what both directions need.
#include "xz.h"

static const char *const checks[] = {"crc64", "crc32", "sha256", "none", NULL};

const lzma_check rv_xz_checks[RV_XZ_CHECKS] = {LZMA_CHECK_CRC64, LZMA_CHECK_CRC32, LZMA_CHECK_SHA256, LZMA_CHECK_NONE};

const struct rove_option rv_xz_options[] = {
    {.key = "level", .kind = ROVE_OPT_UINT, .dirs = ROVE_ENCODE, .max = 9, .fallback = "6",
     .about = "0 is fast, 9 is smallest"},
    {.key = "extreme", .kind = ROVE_OPT_BOOL, .dirs = ROVE_ENCODE, .fallback = "no",
     .about = "a little smaller at each level, in much more time"},
    {.key = "check", .kind = ROVE_OPT_WORD, .dirs = ROVE_ENCODE, .fallback = "crc64", .words = checks,
     .about = "what is stored to check the content"},
    {.key = "block", .kind = ROVE_OPT_UINT, .dirs = ROVE_ENCODE, .max = UINT64_C(1) << 30, .fallback = "0",
     .about = "write every so many bytes, 1K or more, as a block that tells its lengths; 0: one block"},
    {.key = "dict", .kind = ROVE_OPT_UINT, .dirs = ROVE_ENCODE, .max = UINT64_C(3) << 29, .fallback = "0",
     .about = "bytes that matches may reach back, from 4K; 0: by level, 256K to 64M"},
    {.key = "memory", .kind = ROVE_OPT_UINT, .dirs = ROVE_DECODE, .max = UINT64_C(1) << 40, .fallback = "128M",
     .about = "the most that a block may want to be read"},
    RV_TRAILING_OPTION,
    {.key = NULL},
};

static void *take(void *opaque, size_t cnt, size_t len)
{
    const struct rove_host *host = opaque;

    return host->alloc(host->ctx, cnt * len); // cnt is 1
}

static void give(void *opaque, void *ptr)
{
    const struct rove_host *host = opaque;

    host->free(host->ctx, ptr);
}

lzma_allocator rv_xz_memory(const struct rove_host *host)
{
    return (lzma_allocator){take, give, (void *) (uintptr_t) host};
}

int32_t rv_xz_setup_status(const struct rove_host *host, lzma_ret rc)
{
    switch (rc) {
    case LZMA_OK:
        return ROVE_OK;
    case LZMA_MEM_ERROR:
        return ROVE_E_NOMEM;
    default:
        return rv_fail(host, ROVE_E_ARG, "xz refuses these options");
    }
}

lzma_ret rv_xz_call(lzma_stream *z, struct rove_in *in, struct rove_out *out, lzma_action how)
{
    lzma_ret rc;

    z->next_in = in->ptr;
    z->avail_in = in->len;
    z->next_out = out->ptr;
    z->avail_out = out->len;
    rc = lzma_code(z, how);
    rv_in_skip(in, in->len - z->avail_in);
    rv_out_skip(out, out->len - z->avail_out);
    return rc;
}

static const struct rove_filter *const filters[] = {&rv_xz_encode, &rv_xz_decode, NULL};

static const struct rove_plugin plugin = {
    ROVE_PLUGIN_INIT,
    .name = "xz",
    .version = "1",
    .license = "MIT",
    .filters = filters,
};

ROVE_PLUGIN(&plugin)
