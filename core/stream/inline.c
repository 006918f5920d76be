// SPDX-License-Identifier: MIT
// inline.c: the functions whose bodies stand in public headers, once more as symbols of the library.
//
// C99: a declaration that says extern makes this file's inline definition the external one.
#include <rove/stream.h>

extern ROVE_INLINE void rove_copy_run(void *dst, const void *src, size_t len);
extern ROVE_INLINE uint64_t rove_rope_len(const struct rove_rope *rope);
extern ROVE_INLINE enum rove_status rove_rope_append(struct rove_rope *rope, const void *src,
                                                     size_t len);
extern ROVE_INLINE uint64_t rove_view_len(const struct rove_view *view);
extern ROVE_INLINE enum rove_status rove_stream_read(struct rove_stream *stream, void *buf,
                                                     size_t len, size_t *len_out);
extern ROVE_INLINE enum rove_status rove_stream_write(struct rove_stream *stream, const void *src,
                                                      size_t len);
