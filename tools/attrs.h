// SPDX-License-Identifier: MIT
// attrs.h: what members get in place of what their files have: times, owners, modes.
#ifndef ROVE_TOOL_ATTRS_H
#define ROVE_TOOL_ATTRS_H

#include "options.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct attrs {
    bool has_mtime, clamps; // clamps: only what is later gets it
    int64_t mtime;          // seconds
    bool has_uid, has_gid;
    uint32_t uid, gid;
    char user[64], group[64]; // with has_uid, has_gid; "": none
    bool numeric;             // no names at all
    const char *mode;         // a text as chmod(1) takes it, known to be right; or NULL
};

// Takes --mtime, --owner, --group, --mode and what stands for several of them. Reports what is wrong, by the name of the
// option or variable, and returns false.
bool attrs_read(struct attrs *attrs, const struct options *opts);

// Return what a member gets.
int64_t attrs_mtime(const struct attrs *attrs, const struct stat *st);
mode_t attrs_mode(const struct attrs *attrs, const struct stat *st);

#endif
