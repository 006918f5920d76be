// SPDX-License-Identifier: MIT
// seek_rows.h: the parts of bench_seek.
#ifndef BENCH_SEEK_ROWS_H
#define BENCH_SEEK_ROWS_H

namespace bench
{

void list_rows(); // K2: the command, listing archives

} // namespace bench

#endif
