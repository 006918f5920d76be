// SPDX-License-Identifier: MIT
// stats.h: what a job moved and cost; one line for programs, one for people.
#ifndef ROVE_TOOL_STATS_H
#define ROVE_TOOL_STATS_H

#include <rove/pool.h>
#include <rove/stream.h>
#include <rove/workers.h>
#include <stdbool.h>

struct stats {
    uint64_t start_ns;
    uint64_t in_len, out_len; // bytes
    uint64_t tar_ns, edit_ns; // parts of the time that `pack` tells apart, 0 otherwise
    char digests[256];        // " crc32=89abcdef", one for each checksum layer
    bool json;                // stats_print() prints an object; with the names
    const char *in_name, *out_name; // borrowed; NULL: there is none
};

uint64_t stats_now_ns(void);

// The most memory that the process ever had in core, in bytes.
uint64_t stats_peak_rss(void);

void stats_start(struct stats *stats);

// Collects what the checksum layers of a chain have come to. spec: the text it was made from.
void stats_take_digests(struct stats *stats, struct rove_stream *chained, const char *spec);

// Whether the figures would go into one of these inputs, before that is read perhaps, or nobody knows
// where: reported.
bool stats_hit(const char *path, const char *const *inputs, size_t cnt);

// The same for one, seen from an open folder or AT_FDCWD.
bool stats_hit_at(const char *path, int dir, const char *input_path);

// Prints one line `rove-stats key=value ...`, or an object of JSON. pool, workers: those that were used; NULL: the default one,
// none. path: of a file to which it is added; NULL for standard error. Returns false, and reports, when that fails.
bool stats_print(const struct stats *stats, struct rove_pool *pool, struct rove_workers *workers,
                 const char *path);

// Says what became of the bytes, for people who watched the progress. what: "packed", say.
void stats_tell(const struct stats *stats, const char *what, const char *out_name);

#endif
