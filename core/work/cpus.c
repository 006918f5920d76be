// SPDX-License-Identifier: MIT
// cpus.c: the affinity mask, and the quotas of control groups.
//
// A control group may use so many microseconds of CPU time in each period. More threads than that pays for would all be
// stopped together for the rest of a period. A group's parents have quotas too, and each holds. Where the groups lie:
//
//     /proc/self/cgroup                   files, in the folder of the group and of each of its parents
//     version 2   0::/a/b                 /sys/fs/cgroup/a/b/cpu.max              "200000 100000", "max 100000"
//     version 1   4:cpu,cpuacct:/a/b      /sys/fs/cgroup/cpu/a/b/cpu.cfs_quota_us   "200000", "-1"
//                                         /sys/fs/cgroup/cpu/a/b/cpu.cfs_period_us  "100000"
//
// In a container the path may be that of the host, which is not there. The walk up then ends in the folder that is the
// container's own group, because it is mounted as the root. What cannot be read limits nothing.
#include "work/cpus.h"

#include "base/arith.h"
#include "base/os.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CPUS_MOST 65536u // of one system
#define TEXT_MOST 4096u  // bytes read of /proc/self/cgroup
#define FOLDER_MOST (TEXT_MOST + 32)

static size_t allowed(void)
{
    union {
        cpu_set_t first;
        unsigned char bytes[CPUS_MOST / 8];
    } set = {0};
    // The kernel refuses a set that is too small for it; with this one, nothing but a sandbox is left to refuse.
    if (rv_os()->affinity(sizeof set, &set.first))
        return 1;
    int cnt = CPU_COUNT_S(sizeof set, &set.first);
    return cnt > 0 ? (size_t) cnt : 1;
}

// Reads a small file, up to cap - 1 bytes of it. false: it cannot be read.
static bool read_file(const char *path, char *buf, size_t cap)
{
    int fd = rv_os()->open(path, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return false;
    size_t len = 0;
    ssize_t got;
    while ((got = rv_os()->read(fd, buf + len, cap - 1 - len)) > 0 || (got < 0 && errno == EINTR))
        len += got > 0 ? (size_t) got : 0;
    rv_os()->close(fd);
    buf[len] = 0;
    return got == 0;
}

// CPUs that a quota pays for; SIZE_MAX when it is none.
static size_t paid(long long quota, long long period)
{
    if (quota <= 0 || period <= 0)
        return SIZE_MAX;
    long long cnt = quota / period + (quota % period != 0);
    return (size_t) rv_min_u64((uint64_t) cnt, CPUS_MOST);
}

static bool read_in(const char *folder, const char *name, char *buf, size_t cap)
{
    char path[FOLDER_MOST + 32];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return read_file(path, buf, cap);
}

// What a folder's files pay for. "max" is no number, and reads as 0.
static size_t paid_in(const char *folder)
{
    char text[64], period[64];
    if (read_in(folder, "cpu.max", text, sizeof text)) {
        char *end;
        long long quota = strtoll(text, &end, 10);
        return paid(quota, strtoll(end, NULL, 10));
    }
    if (!read_in(folder, "cpu.cfs_quota_us", text, sizeof text) ||
        !read_in(folder, "cpu.cfs_period_us", period, sizeof period))
        return SIZE_MAX;
    return paid(strtoll(text, NULL, 10), strtoll(period, NULL, 10));
}

// The least of a group and its parents.
static size_t paid_up_from(const char *root, const char *group)
{
    char folder[FOLDER_MOST];
    size_t least = SIZE_MAX;
    size_t root_len = strlen(root);
    if (strstr(group, "/..")) // outside of what this process sees
        group = "";
    snprintf(folder, sizeof folder, "%s%s", root, group);
    for (;;) {
        least = rv_min_size(least, paid_in(folder));
        char *slash = strrchr(folder, '/');
        if (!slash || slash < folder + root_len)
            return least;
        *slash = 0;
    }
}

// Tells whether "cpu" is in a list like "cpu,cpuacct".
static bool names_cpu(const char *list)
{
    for (const char *at = list; at; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, "cpu", 3) == 0 && (!at[3] || at[3] == ','))
            return true;
    }
    return false;
}

// One line: NUMBER:CONTROLLERS:PATH.
static size_t paid_by(char *line)
{
    char *list = strchr(line, ':');
    char *group = list ? strchr(list + 1, ':') : NULL;
    if (!group)
        return SIZE_MAX;
    *list++ = 0;
    *group++ = 0;
    if (!*list)
        return paid_up_from("/sys/fs/cgroup", group);
    return names_cpu(list) ? paid_up_from("/sys/fs/cgroup/cpu", group) : SIZE_MAX;
}

size_t rv_cpus(void)
{
    char text[TEXT_MOST];
    size_t least = allowed();
    if (!read_file("/proc/self/cgroup", text, sizeof text))
        return least;
    for (char *line = text, *next; line && *line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = 0;
        least = rv_min_size(least, paid_by(line));
    }
    return least;
}
