// SPDX-License-Identifier: MIT
// extract.h: members of an archive become files below the working folder.
//
// Nothing is made anywhere else, whatever the archive says: not by an absolute name, not by one with "..", and not
// through a symbolic link, be it one that the archive has brought along or one that lay there before; nor is a link made
// to a file outside. Such members are left out.
//
// A regular file is written under a temporary name and renamed when it is complete; with a signal or a failure it is
// removed. Modes, times, links and, for the superuser, owners, lists and attributes are as bsdtar(1) has them.
#ifndef ROVE_TOOL_EXTRACT_H
#define ROVE_TOOL_EXTRACT_H

#include "late.h"
#include "reader.h"
#include "report.h"

struct extract;

// force: what is there is replaced; else only what came from here. late: borrowed; has the names whose data are to come.
// Reports and returns NULL when that fails.
struct extract *extract_new(bool force, struct late *late);

// Makes the member at which the reader stands. Reports what is wrong. VERDICT_WARNED: it was left out, or is not quite
// as it should be. wanted: if not, only names that wait for its data are made. reader_failed_out: set when no more can be
// read.
enum verdict extract_member(struct extract *x, struct reader *r, bool wanted, bool *reader_failed_out);

// Makes the names that have waited for data which did not come: what is empty has none. To be called behind the last member.
enum verdict extract_late(struct extract *x);

// Gives folders their modes and times, which others would have been made in. Returns the verdict of that; x may be NULL.
enum verdict extract_free(struct extract *x);

#endif
