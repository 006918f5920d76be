// SPDX-License-Identifier: MIT
// plugin_others.c: see plugin_others.h.
#include "plugin_others.h"

#include <unistd.h>

bool others_have(const char *tool)
{
    char command[128];

    snprintf(command, sizeof command, "command -v %s >/dev/null 2>&1", tool);
    return system(command) == 0;
}

bool others_pipe(const char *command, const struct bytes *in, struct bytes *out)
{
    char from[] = "/tmp/rove-others.XXXXXX", line[1024];
    uint8_t buf[4096];
    int fd = mkstemp(from);
    bool ok = fd >= 0;
    FILE *pipe;
    size_t len;

    for (size_t at = 0; ok && at < in->len; at += len) {
        ssize_t done = write(fd, in->ptr + at, in->len - at);

        ok = done > 0;
        len = ok ? (size_t) done : 0;
    }
    (void) close(fd);
    snprintf(line, sizeof line, "(%s) <%s 2>/dev/null", command, from);
    pipe = ok ? popen(line, "r") : NULL;
    out->len = 0;
    while (pipe != NULL && (len = fread(buf, 1, sizeof buf, pipe)) > 0) {
        bytes_add(out, buf, len);
    }
    ok = pipe != NULL && pclose(pipe) == 0;
    (void) unlink(from);
    return ok;
}
