// SPDX-License-Identifier: MIT
// lz4_frame.c: the options of both directions, and the dictionary.
#include "lz4_frame.h"

#include "trailing.h"

static const char *const block_words[] = {"64K", "256K", "1M", "4M", NULL};

const struct rove_option rv_lz4_options[] = {
    {.key = "level", .kind = ROVE_OPT_UINT, .dirs = ROVE_ENCODE, .min = 1, .max = 12,
     .fallback = "1", .about = "1 and 2 are fast, 3 to 12 search harder (HC)"},
    {.key = "acceleration", .kind = ROVE_OPT_UINT, .dirs = ROVE_ENCODE, .min = 1, .max = 65537,
     .fallback = "1", .about = "for levels 1 and 2: more is faster and larger"},
    {.key = "block", .kind = ROVE_OPT_WORD, .dirs = ROVE_ENCODE, .fallback = "256K",
     .words = block_words, .about = "largest block"},
    {.key = "linked", .kind = ROVE_OPT_BOOL, .dirs = ROVE_ENCODE, .fallback = "no",
     .about = "blocks refer to the ones before: smaller, slower, no random access"},
    {.key = "block_checksum", .kind = ROVE_OPT_BOOL, .dirs = ROVE_ENCODE, .fallback = "no",
     .about = "a checksum after each block"},
    {.key = "checksum", .kind = ROVE_OPT_BOOL, .dirs = ROVE_ENCODE, .fallback = "yes",
     .about = "a checksum of the content at the end"},
    {.key = "content_size", .kind = ROVE_OPT_UINT, .dirs = ROVE_ENCODE, .max = UINT64_MAX,
     .fallback = "0", .about = "declare this many bytes of content; not declared unless given"},
    {.key = "dict", .kind = ROVE_OPT_HEX, .dirs = ROVE_ENCODE | ROVE_DECODE, .min = 1,
     .max = RV_LZ4_DICT_MAX, .about = "dictionary, which the reader must know too; its last 64 KiB count"},
    RV_TRAILING_OPTION,
    {.key = NULL},
};

bool rv_lz4_keep_dict(const struct rove_host *host, const struct rove_value *value, uint8_t **dict_out, size_t *len_out)
{
    size_t len = value->text == NULL ? 0 : rv_min(value->text_len, RV_LZ4_HISTORY);

    *dict_out = NULL;
    *len_out = len;
    if (len == 0) {
        return true;
    }
    *dict_out = host->alloc(host->ctx, len);
    if (*dict_out == NULL) {
        return false;
    }
    memcpy(*dict_out, value->text + value->text_len - len, len);
    return true;
}
