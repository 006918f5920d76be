// SPDX-License-Identifier: MIT
// member.h: members of gzip data, as far as their heads tell.
#ifndef RV_SEEK_MEMBER_H
#define RV_SEEK_MEMBER_H

#include "seek/file.h"

struct rv_member {
    uint32_t head_len; // bytes before the deflated ones
    uint32_t len;      // bytes of it all, when it tells that (bgzf); else 0
};

// Reads the head of a member that lies in [off, end) of the data, a text in it of any length included. file: only its
// source matters. ROVE_E_FORMAT: none begins there; ROVE_E_TRUNCATED: it does not end before end, or the data's end.
enum rove_status rv_member_head(const struct rv_file *file, uint64_t off, uint64_t end,
                                struct rv_member *member_out);

// Moves an offset at which the deflated data of a member begin to where its head does, if that is near.
enum rove_status rv_member_before(const struct rv_file *file, uint64_t *off, bool *found_out);

// Goes from a member of bgzf to the next. ROVE_END: the data end here, or nothing of gzip follows; ROVE_E_FORMAT: it
// does, but it is no member of bgzf; ROVE_E_TRUNCATED: the data end in the middle of it.
enum rove_status rv_member_next(const struct rv_file *file, struct rv_place *place);

#endif
