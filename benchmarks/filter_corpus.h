// SPDX-License-Identifier: MIT
// filter_corpus.h: the bytes that the rows of bench_filter encode, decode and sum.
//
// Text, binaries and packed files that any Debian has, read when the program starts. Which files is
// settled by their names, so two runs on one machine take the same bytes; between machines the
// corpus differs, and only ratios can be compared. Pieces of the three kinds follow each other in
// turn, so that any prefix is a mixture, too: slow codecs get a shorter one.
#ifndef BENCH_FILTER_CORPUS_H
#define BENCH_FILTER_CORPUS_H

#include "report.h"

#include <string>

namespace bench
{

struct Bytes {
    const char *ptr;
    size_t len;

    const uint8_t *bytes() const
    {
        return reinterpret_cast<const uint8_t *>(ptr);
    }
};

// The first most bytes of the corpus, which has medium() of them. Page-aligned, and in memory.
Bytes corpus(size_t most);

// What it was made of, for the table.
std::string corpus_note();

} // namespace bench

#endif
