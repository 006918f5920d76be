// SPDX-License-Identifier: MIT
// abi_sizes.c: the layouts that docs/abi.md promises. That it compiles is the test.
#include <rove/plugin.h>
#include <rove/rove.h>

#define SIZE(type, len) _Static_assert(sizeof(struct type) == (len), "size of struct " #type)
#define PLACE(type, field, off) \
    _Static_assert(offsetof(struct type, field) == (off), #field " of struct " #type)

#if defined(__LP64__)

// In the caller's storage, or read by inline functions.
SIZE(rove_rope, 88);
PLACE(rove_rope, cur, 0);
PLACE(rove_rope, end, 8);
PLACE(rove_rope, base, 16);
PLACE(rove_rope, tree_len, 48);
SIZE(rove_view, 64);
PLACE(rove_view, len, 48);
SIZE(rove_cursor, 72);
PLACE(rove_cursor, at, 0);
PLACE(rove_cursor, len, 8);
PLACE(rove_cursor, idx, 16);
PLACE(rove_cursor, ahead, 20);
SIZE(rove_stream, 24);
PLACE(rove_stream, cur, 0);
PLACE(rove_stream, rend, 8);
PLACE(rove_stream, wend, 16);

// Plain values, elements of arrays, and what the library fills in without asking for a size.
SIZE(rove_hole, 16);
SIZE(rove_span, 16);
SIZE(rove_progress, 16);
SIZE(rove_in, 16);
SIZE(rove_out, 16);
SIZE(rove_option, 56);
SIZE(rove_value, 24);
SIZE(rove_mark, 24); // within a rove_hop, so it cannot grow
SIZE(rove_point, 24);
SIZE(rove_rope_figures, 48);
SIZE(rove_pool_figures, 104);
SIZE(rove_allocator_figures, 40);
SIZE(rove_workers_figures, 48);
SIZE(rove_spec_error, 168);
SIZE(rove_plugin_error, 448);

// What began with its size keeps the places of its first fields.
PLACE(rove_pool_opts, size, 0);
PLACE(rove_workers_opts, size, 0);
PLACE(rove_executor, size, 0);
PLACE(rove_limits, size, 0);
PLACE(rove_io, size, 0);
PLACE(rove_allocator, size, 0);
PLACE(rove_filter, run, 64);
PLACE(rove_plugin, filters, 32);
PLACE(rove_host, explain, 32);
PLACE(rove_mark, state, 16);
PLACE(rove_hop, mark, 8);
PLACE(rove_hop, skip, 32);
PLACE(rove_hop, need, 48);
PLACE(rove_index_figures, size, 0);
PLACE(rove_index_figures, memory, 40);

#endif

int main(void)
{
    return 0;
}
