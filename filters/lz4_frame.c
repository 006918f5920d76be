// SPDX-License-Identifier: MIT
// lz4_frame.c: the options of both directions.
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
    RV_TRAILING_OPTION,
    {.key = NULL},
};
