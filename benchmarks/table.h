// SPDX-License-Identifier: MIT
// table.h: the figures of all subjects, judged and printed. Inside the harness only.
#ifndef BENCH_TABLE_H
#define BENCH_TABLE_H

#include "report.h"

#include <deque>
#include <map>

namespace bench
{

// What the repetitions of a subject gave: what one item costs, or the counter "value".
struct Figures {
    std::vector<double> values;
    std::string error;

    double median() const;
    double least() const;
    double most() const;
};

using AllFigures = std::map<std::string, Figures>; // by full_name()
using Rows = std::deque<RowData>;                  // a deque, as Row holds on to its element

inline std::string full_name(const RowData &row, const Subject &subject)
{
    return row.name + "/" + subject.name;
}

struct Table {
    const Rows &rows;
    const AllFigures &figures;

    // The rows for a terminal, or in Markdown.
    void print(bool markdown) const;
    // Every subject's figures, not only the best peer's.
    void print_all(bool markdown) const;
};

} // namespace bench

#endif
