// SPDX-License-Identifier: MIT
// igunzip.h: reads gzip by ISA-L, for the plugins that write gzip faster than zlib.
#ifndef RV_FILTERS_IGUNZIP_H
#define RV_FILTERS_IGUNZIP_H

#include "bgzf.h"
#include "igunzip_twin.h"

#define RV_TEXT_OF(x) #x
#define RV_TEXT(x) RV_TEXT_OF(x)
#define RV_ISAL_LIBRARY "isa-l " RV_TEXT(ISAL_MAJOR_VERSION) "." RV_TEXT(ISAL_MINOR_VERSION)

struct rv_igunzip {
    const struct rove_host *host;
    uint64_t member; // the one being read, from 1
    uint32_t have;   // bytes in head
    uint8_t head[4];
    uint8_t phase;
    struct rv_trailing trailing;
    struct rv_bgzf_walk walk;
    uint8_t prime;    // bits that are yet to be taken from the first byte
    uint8_t bits_cnt; // of the last byte taken that ISA-L has not been given
    uint8_t bits;
    int failure;      // ISA-L's
    bool mark_wanted; // it stops between members
    bool resumed;     // its input may end where it could be begun
    bool unsummed;    // the member was begun within: its sum and length cannot be checked
    bool border;      // it stands between two blocks
    struct rv_twin *twin; // NULL: no deflate data have been met yet
    struct isal_gzip_header fields;
    struct inflate_state inf;
};

// Where RV_TRAILING_OPTION stands in the table of such a filter's options: behind the level.
#define RV_IGUNZIP_TRAILING 1

// The hooks of a filter that reads gzip; its state is a struct rv_igunzip.
#define RV_IGUNZIP                                                        \
    .dir = ROVE_DECODE, .flags = ROVE_F_SPLITS | ROVE_F_CHECKS,           \
    .state_len = sizeof(struct rv_igunzip), .block_len = 256 * 1024,      \
    .library = RV_ISAL_LIBRARY, .open = rv_igunzip_open,                  \
    .run = rv_igunzip_run, .reset = rv_igunzip_reset,                     \
    .mark = rv_igunzip_mark, .resume = rv_igunzip_resume,                 \
    .hop = rv_igunzip_hop, .detect = rv_igunzip_detect,                   \
    .close = rv_igunzip_close

int32_t rv_igunzip_open(void *st, const struct rove_host *host, const struct rove_value *values);
int32_t rv_igunzip_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act);
void rv_igunzip_close(void *st);
int32_t rv_igunzip_reset(void *st);
int32_t rv_igunzip_mark(void *st, struct rove_mark *mark);
int32_t rv_igunzip_resume(void *st, const struct rove_mark *mark);
int32_t rv_igunzip_hop(void *st, const uint8_t *ptr, size_t len, struct rove_hop *hop);
uint32_t rv_igunzip_detect(const uint8_t *head, uint32_t len);

#endif
