// SPDX-License-Identifier: MIT
// writer.h: files become members of an archive on a stream.
//
// What is written as tar is pax restricted: plain ustar, with pax headers only where a name, a size or a
// number does not fit. Times are whole seconds, since readers differ about fractions before 1970. The
// bytes depend on the files alone, not on the time or the order of a folder.
//
// libarchive writes the headers. It calls exit() when it finds no memory for a string of its own;
// nothing can be done about that here, but that what is half written is removed (signals.h).
#ifndef ROVE_TOOL_WRITER_H
#define ROVE_TOOL_WRITER_H

#include "attrs.h"
#include "kind.h"
#include "members.h"
#include "report.h"
#include "walk.h"

#include <rove/stream.h>
#include <stdbool.h>

struct writer;

// Where an archive goes on that has become long: what it has so far need not be held then.
struct writer_outlet {
    // Moves what a stream holds to the one that all else goes to, and returns that; or the same stream where it is too early;
    // or NULL, reported, when that fails. NULL: it is all held.
    struct rove_stream *(*open)(void *ctx, struct rove_stream *held);
    // Reports why that stream has not taken something.
    void (*blame)(void *ctx, enum rove_status status, int err);
    void *ctx;
};

// What an archive is to be.
struct writer_how {
    const struct kind *kind;
    bool xattrs, acls; // keep extended attributes, access control lists
    struct attrs attrs;
    int level; // of a kind that codes its members itself; -1: the usual one
    struct writer_outlet outlet;
};

// Whether this build can make archives.
bool writer_built(void);

// Starts an archive at the end of a stream over a rope, from where it may go on by the outlet. All borrowed until writer_free(); members tells
// what to leave out or to link to, and is told what is added. Reports and returns NULL when that fails.
struct writer *writer_new(struct rove_stream *sink, struct members *members, const struct writer_how *how);

// Adds what the walk has come to, a folder without what is in it; or a link, when the same file is
// there under another name; or nothing, when it is there already. Reports what is wrong.
// VERDICT_WARNED: it was left out or is not quite as it was, and others can follow.
// VERDICT_FAILED: the archive is lost.
enum verdict writer_add(struct writer *w, struct walk_entry *entry);

// Returns how many members have been added.
uint64_t writer_count(const struct writer *w);

// Completes the last member. end: then also writes what ends an archive; without it what was made can be
// put in front of another one, if it is of such a kind. Reports and returns false when that fails.
bool writer_finish(struct writer *w, bool end);

void writer_free(struct writer *w);

// Returns the name that a path gets in an archive: without what leads out of the folder that it is
// unpacked in. Part of path, or a static string.
const char *writer_member_name(const char *path);

#endif
