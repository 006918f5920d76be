// SPDX-License-Identifier: MIT
// 05_line_splitter.c: counts the lines of a descriptor and shows the longest. A line that lies in
// one chunk is not copied: the span points to where it was read. "-" reads standard input.
#include <rove/rove.h>

#include <stdio.h>
#include <unistd.h>

#define SHOWN 60 // bytes of the longest line that are printed

struct found {
    uint64_t lines, bytes;
    size_t longest;
    char start[SHOWN + 1]; // of the longest
};

static void note(struct found *found, struct rove_span line)
{
    found->lines++;
    found->bytes += line.len;
    if (line.len <= found->longest)
        return;
    found->longest = line.len;
    size_t len = line.len < SHOWN ? line.len : SHOWN;
    memcpy(found->start, line.ptr, len);
    found->start[len] = 0;
}

static enum rove_status split(struct rove_stream *in, struct found *found)
{
    struct rove_span line;
    enum rove_status status;
    while ((status = rove_stream_line(in, '\n', 0, &line)) == ROVE_OK)
        note(found, line);
    return status == ROVE_END ? ROVE_OK : status;
}

// Text to split where none is given: 2000 lines through a pipe, the 1000th far longer.
static int text_in_a_pipe(void)
{
    struct rove_stream *text, *pipe_in = NULL;
    int fds[2], failed = pipe(fds) != 0 || rove_stream_new(NULL, &text) != ROVE_OK;
    if (failed)
        return -1;
    for (int i = 1; i <= 2000 && !failed; i++)
        failed = rove_stream_printf(text, i == 1000 ? "%6000d\n" : "line %d\n", i) != ROVE_OK;
    if (!failed && fork() == 0) { // somebody else writes while we read
        failed = rove_stream_from_fd(fds[1], ROVE_FD_CLOSE, NULL, &pipe_in) ||
                 rove_stream_seek(text, 0, ROVE_SET, NULL) ||
                 rove_stream_copy(text, pipe_in, UINT64_MAX, NULL, NULL) ||
                 rove_stream_close(pipe_in);
        _exit(failed);
    }
    close(fds[1]);
    rove_stream_free(text);
    return failed ? -1 : fds[0];
}

int main(int argc, char **argv)
{
    int own = argc < 2 || strcmp(argv[1], "-") != 0;
    struct found found = {.lines = 0};
    struct rove_stream *in;
    int fd = own ? text_in_a_pipe() : STDIN_FILENO;
    if (fd < 0 || rove_stream_from_fd(fd, own ? ROVE_FD_CLOSE : 0, NULL, &in) != ROVE_OK)
        return 1;
    enum rove_status status = split(in, &found);
    printf("%llu lines, %llu bytes, the longest has %zu: %s\n", (unsigned long long) found.lines,
           (unsigned long long) found.bytes, found.longest, found.start);
    if (status)
        fprintf(stderr, "05_line_splitter: %s\n", rove_stream_explain(in));
    rove_stream_free(in);
    return status != ROVE_OK || (own && (found.lines != 2000 || found.longest != 6001));
}
