// SPDX-License-Identifier: MIT
// iov.h: one transfer of many spans, for view and rope.
#ifndef RV_IOV_H
#define RV_IOV_H

#include <rove/view.h>

// Writes once from off, which is not the end, by writev(); again after EINTR. *len_out: 0 on failure.
enum rove_status rv_iov_write(const struct rove_view *view, uint64_t off, int fd, size_t *len_out);

// What errno says of a transfer that failed: ROVE_E_AGAIN or ROVE_E_IO.
enum rove_status rv_iov_why(void);

#endif
