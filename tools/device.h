// SPDX-License-Identifier: MIT
// device.h: streams over the descriptors that the command reads and writes, and one over nothing.
#ifndef ROVE_TOOL_DEVICE_H
#define ROVE_TOOL_DEVICE_H

#include <rove/device.h>
#include <stdbool.h>

// Makes a stream over a descriptor, which it borrows. Where the descriptor does not block, the stream
// waits all the same; the descriptor is left as it is, since others may share it.
//
// sparse: runs of zeros are left out of the file. Only for a regular file that is written from its
// end on; complete when the stream was flushed. pool: NULL for the default one.
enum rove_status device_stream(int fd, bool sparse, struct rove_pool *pool,
                               struct rove_stream **stream_out);

// Has streams that read a descriptor heed another: as soon as that has something to read, they wait for no more and answer
// ROVE_E_AGAIN. Borrowed until the next call; -1: none. Not for streams of several threads.
void device_heed(int fd);

// Lets go of a sink that is to get nothing more: what a stream on it still holds, and the end of a
// format above all, would make a part look like the whole. The sink is closed then, not freed.
void device_abandon(struct rove_stream *sink);

// Makes a stream that reads what a descriptor has at the moment, and answers ROVE_E_AGAIN where there is no more:
// at the end of a file, which may grow, and where a pipe would have to be waited for. A pipe whose writers are all gone
// has an end. fd: borrowed.
enum rove_status device_follow(int fd, struct rove_stream **stream_out);

// Makes a stream that takes everything.
enum rove_status device_nowhere(struct rove_stream **stream_out);

#endif
