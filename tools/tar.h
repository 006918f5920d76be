// SPDX-License-Identifier: MIT
// tar.h: files become members of a tar on a stream.
//
// The format is pax restricted: plain ustar, with pax headers only where a name, a size or a number
// does not fit. Times are whole seconds, since readers differ about fractions before 1970. The bytes
// depend on the files alone, not on the time or the order of a folder.
//
// libarchive writes the headers. It calls exit() when it finds no memory for a string of its own;
// nothing can be done about that here.
#ifndef ROVE_TOOL_TAR_H
#define ROVE_TOOL_TAR_H

#include "members.h"
#include "report.h"
#include "walk.h"

#include <rove/stream.h>
#include <stdbool.h>

#define TAR_XATTRS 1u // keep extended attributes
#define TAR_ACLS 2u   // keep access control lists

struct tar;

// Whether this build can make tars.
bool tar_built(void);

// Starts a tar at the end of a stream over a rope. sink, members: borrowed until tar_free(); members
// tells what to leave out or to link to, and is told what is added. Reports and returns NULL when
// that fails.
struct tar *tar_new(struct rove_stream *sink, struct members *members, unsigned flags);

// Adds what the walk has come to, a folder without what is in it; or a link, when the same file is
// there under another name; or nothing, when it is there already. Reports what is wrong.
// VERDICT_WARNED: it was left out or is not quite as it was, and others can follow.
// VERDICT_FAILED: the tar is lost.
enum verdict tar_add(struct tar *tar, struct walk_entry *entry);

// Returns how many members have been added.
uint64_t tar_count(const struct tar *tar);

// Completes the last member. end: then also writes the blocks that end a tar; without them what was
// made can be put in front of another tar. Reports and returns false when that fails.
bool tar_finish(struct tar *tar, bool end);

void tar_free(struct tar *tar);

// Returns the name that a path gets in a tar: without what leads out of the folder that it is
// unpacked in. Part of path, or a static string.
const char *tar_member_name(const char *path);

#endif
