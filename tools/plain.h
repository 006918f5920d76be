// SPDX-License-Identifier: MIT
// plain.h: the plain bytes of a coded file, read anywhere.
//
// How that is done is found out when the file is opened; the cheapest way counts:
//
//     PLAIN_INDEX     by the index that --index names, or one beside it: FILE.gzi, FILE.gzidx, FILE.seek
//     PLAIN_TABLE     by a table that the data hold (zstd)
//     PLAIN_BLOCKS    by hopping from header to header (bgzf, lz4, zstd)
//     PLAIN_POINTS    by points in memory, for which all of it is decoded once; only for PLAIN_ANYWHERE
//     PLAIN_ORDER     by none: it is decoded from the start to the end
//     PLAIN_ITSELF    the file is not coded
//
// An index beside the file is used when it is not older than the file, by more than a second, and fits it; else that is
// a warning. That of --index is used, or it is an error.
#ifndef ROVE_TOOL_PLAIN_H
#define ROVE_TOOL_PLAIN_H

#include "format.h"
#include "options.h"
#include "report.h"
#include "source.h"
#include "spec.h"

#include <rove/index.h>

enum plain_way {
    PLAIN_ORDER,
    PLAIN_INDEX,
    PLAIN_TABLE,
    PLAIN_BLOCKS,
    PLAIN_POINTS,
    PLAIN_ITSELF
};

#define PLAIN_UNCODED 1u  // takes what is not coded as it is
#define PLAIN_ANYWHERE 2u // the caller will go back, or ask for the size
#define PLAIN_INSIDE 4u   // looks for an index in the data alone
#define PLAIN_BARE 8u     // looks for no index, and gives no stream of plain bytes

struct plain {
    const struct options *opts;
    struct rove_workers *workers; // NULL: none
    unsigned flags;
    struct source src;
    struct spec *spec;           // of what decodes it
    struct format format;
    bool seekable;               // the source is
    bool trails;                 // something follows the data, of which was told
    enum plain_way way;
    char *index_path;            // PLAIN_INDEX: of that file
    struct rove_index *index;    // NULL with PLAIN_ORDER and PLAIN_ITSELF
    struct rove_stream *stream;  // the plain bytes; over src.stream, or that itself
    struct rove_limits limits;
    enum verdict verdict;        // the worst of what was reported
    bool is_other;               // an index was of another format than -F names
    char met[128];               // why the source could not be read where an index was sought in it, or ""
};

// Opens a file. opts, workers, path: borrowed until plain_close(). Reports what is wrong; VERDICT_FAILED and
// VERDICT_WARNED mean that there is nothing to be closed.
enum verdict plain_open(struct plain *p, const struct options *opts, struct rove_workers *workers, const char *path,
                        unsigned flags);

// Fills limits from the options.
void plain_limit(struct rove_limits *limits, const struct options *opts, struct rove_workers *workers);

// Whether going to a place costs less than to decode what lies before it.
bool plain_seeks(const struct plain *p);

// Moves to an offset, which may lie past the end. Going back takes PLAIN_ANYWHERE. A failure is for plain_blame() to
// report, here and below.
enum rove_status plain_seek(struct plain *p, uint64_t off);

// Tells how many plain bytes there are. Takes PLAIN_ANYWHERE.
enum rove_status plain_size(struct plain *p, uint64_t *size_out);

// Reads at the cursor, as rove_stream_read() does. What follows the data is reported, once, and is no failure.
enum rove_status plain_read(struct plain *p, void *buf, size_t len, size_t *len_out);

// Reads what is left, if that is read in order: so all is checked that can be.
enum rove_status plain_finish(struct plain *p);

// Reports that data are followed by something else, unless it was reported.
void plain_trails(struct plain *p);

// Reports why one of these has failed, and returns VERDICT_FAILED.
enum verdict plain_blame(const struct plain *p, enum rove_status status);

// Reports that the source could not be read where an index was sought in it: for who does not read it anyway.
enum verdict plain_sought(const struct plain *p);

// Returns the worst of what was reported on the way, the file looked at once more.
enum verdict plain_settle(const struct plain *p);

void plain_close(struct plain *p);

#endif
