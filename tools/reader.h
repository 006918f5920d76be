// SPDX-License-Identifier: MIT
// reader.h: the members of an archive (tar, cpio or zip) that lies in a file, coded or not.
//
// What is between two members that are of no interest is passed over without being read, where the file can be read
// anywhere (plain.h).
#ifndef ROVE_TOOL_READER_H
#define ROVE_TOOL_READER_H

#include "plain.h"
#include "report.h"

#include <stdbool.h>
#include <stdint.h>

struct archive_entry; // libarchive's

// What there is to know of a member. In the reader's keeping until the next one.
struct member {
    const char *name, *link; // link: what it points at, or NULL
    bool is_hard;            // the link is one to another member
    bool has_names;          // it is a file of a cpio that has other names
    bool may_follow;         // so it is, and its data, if there are any, are with one of those
    int64_t dev, ino;        // which file that is
    char mode[12];           // as ls prints it
    const char *type;        // "file", "folder", "symlink", "link", "fifo", "char", "block", "socket"
    uint32_t perm;           // permissions
    bool is_device;
    uint64_t dev_major, dev_minor; // of a device
    int64_t uid, gid, size, mtime;
    const char *user, *group; // names, or NULL
    struct archive_entry *entry;
};

struct reader {
    struct plain *plain;      // borrowed
    struct archive *in;
    struct member member;
    enum rove_status status;  // the first failure of the plain bytes
    uint8_t *block;
    bool strange, known;      // it is no archive, it is one
};

// What reading the next member came to.
enum reader_end {
    READER_MEMBER,
    READER_DONE,
    READER_STRANGE, // it is no archive; nothing was reported
    READER_FAILED   // reported
};

// Whether this build can read archives.
bool reader_built(void);

// Begins to read. Reports and returns false when that fails. reader: to be closed in any case.
bool reader_open(struct reader *r, struct plain *plain);

// Goes to the next member. Warnings are reported, and kept in plain->verdict.
enum reader_end reader_next(struct reader *r);

// Gives the next bytes of the member and where they lie in it; what lies between is zeros. len_out: 0 at its end.
// Reports and returns false when that fails.
bool reader_block(struct reader *r, const void **ptr_out, size_t *len_out, uint64_t *off_out);

// Returns what kind of archive it is, once a member was read or there is none.
const char *reader_kind(const struct reader *r);

void reader_close(struct reader *r);

#endif
