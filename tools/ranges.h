// SPDX-License-Identifier: MIT
// ranges.h: one file's checksum by several threads, each of which reads and sums ranges of the file.
//
//     file     | 4 MiB | 4 MiB | 4 MiB | 4 MiB | …
//     thread       1       2       1       2           each with a state of the checksum of its own
//                  └─join──┴─join──┴─join──┴──> digest     in their order
//
// So reading out of the page cache, which takes as long as summing, is done by all of them, too. They read side by side, so that
// a disk moves on as for one reader.
#ifndef ROVE_TOOL_RANGES_H
#define ROVE_TOOL_RANGES_H

#include "source.h"

// Sums a file. name: of the checksum, without options. digest: gets ROVE_DIGEST_MAX bytes at most. Returns how many; 0:
// that is not possible, for the checksum cannot be joined, the file is too short, nobody knows its length, or anything
// failed. Then nothing was said, and the source stands where it stood: who sums it in one goes finds what is wrong.
size_t ranges_digest(const char *name, const struct source *src, size_t thread_cnt, uint8_t *digest);

#endif
