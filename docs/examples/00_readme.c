// SPDX-License-Identifier: MIT
// 00_readme.c: the example of README.md. Run it as: 00_readme | gzip -dc
#include <rove/rove.h>

int main(void)
{
    struct rove_stream *text = NULL, *out = NULL, *packed = NULL;
    struct rove_view snapshot = {0};
    int failed = rove_stream_new(NULL, &text)                  // empty, in memory
              || rove_stream_write(text, "hello, moon!\n", 13)
              || rove_stream_pwrite(text, 7, "rope", 4)        // patch in the middle
              || rove_stream_seek(text, 0, ROVE_SET, NULL)
              || rove_stream_insert(text, "greeting: ", 10)    // in front; nothing is moved
              || rove_stream_snapshot(text, &snapshot)         // O(1), without a copy
              || rove_stream_write(text, "HELLO", 5)           // the snapshot keeps "hello"
              || rove_stream_from_fd(1, 0, NULL, &out)
              || rove_stream_encode(out, "crc32c|gzip:level=6", NULL, &packed, NULL)
              || rove_stream_write_view(packed, &snapshot)
              || rove_stream_close(packed) || rove_stream_close(out);
    rove_view_fini(&snapshot);
    rove_stream_free(packed);                                  // not closed: no end is written
    rove_stream_free(out);
    rove_stream_free(text);
    return failed;
}
