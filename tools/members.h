// SPDX-License-Identifier: MIT
// members.h: which files an archive has already, so that a file with several names stays one file, and a
// file that is reached twice is stored once.
//
//     pack s/a s          s/a is met twice under one name: the second time it is left out
//     pack ./a a          the same; names are compared without "." and repeated slashes
//     pack s/a t/b        two names of one file: t/b becomes a link to s/a
//     pack ../a a         one name for two files, which would overwrite each other when unpacked
//     pack link link/f    a name below one that is no folder, which nothing can unpack
//
// Little is remembered: files that have more names on disk than one; and, where a path lies in
// another one or is given twice, what was found there and on the way there. Nothing else can be met
// again.
#ifndef ROVE_TOOL_MEMBERS_H
#define ROVE_TOOL_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct members;

// How a file stands to what is in the archive.
enum member_kind {
    MEMBER_NEW,   // not there
    MEMBER_LINK,  // there under another name
    MEMBER_SAME,  // there, under this name
    MEMBER_TAKEN, // not there, but its name is, for another file
    MEMBER_BELOW, // not there, and what its name lies in is no folder
};

// names: those that the roots of all walks get in the archive, in no order; borrowed until return.
// Returns NULL without memory.
struct members *members_new(const char *const *names, size_t cnt);

struct member_found {
    enum member_kind kind;
    const char *other; // for MEMBER_LINK the name that it is there under; borrowed until members_free()
    uint64_t nth;      // for MEMBER_LINK its number there; else that which it gets when it is added, from 1 on
};

// Looks a file up by its name in the archive. Returns false without memory.
bool members_find(const struct members *m, const char *name, const struct stat *st, struct member_found *found);

// Notes that a file is in the archive. Returns false without memory.
bool members_add(struct members *m, const char *name, const struct stat *st);

void members_free(struct members *m);

#endif
