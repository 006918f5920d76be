// SPDX-License-Identifier: MIT
// work_cpus.c: how many CPUs there are, asked of an operating system that the test makes up.
#include "work/cpus.h"
#include "work_kit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FILES 8

struct text_file {
    const char *path, *text;
};

static struct {
    const struct text_file *files;
    size_t cpus; // bits of the mask
    const char *open[FILES];
    size_t piece; // bytes of one read at most; odd reads are interrupted; 0: all, and none is
    unsigned reads;
    int opened; // descriptors not closed
    bool refused; // the mask cannot be asked for
} made_up;

static int open_made_up(const char *path, int flags, mode_t mode)
{
    (void) flags;
    (void) mode;
    for (const struct text_file *file = made_up.files; file->path; file++) {
        for (int fd = 0; strcmp(path, file->path) == 0 && fd < FILES; fd++) {
            if (made_up.open[fd])
                continue;
            made_up.open[fd] = file->text;
            made_up.opened++;
            return fd;
        }
    }
    errno = ENOENT;
    return -1;
}

static ssize_t read_made_up(int fd, void *buf, size_t len)
{
    size_t left = strlen(made_up.open[fd]);
    if (made_up.piece && made_up.reads++ % 2) {
        errno = EINTR;
        return -1;
    }
    len = made_up.piece && made_up.piece < len ? made_up.piece : len;
    len = len < left ? len : left;
    memcpy(buf, made_up.open[fd], len);
    made_up.open[fd] += len;
    return (ssize_t) len;
}

static int close_made_up(int fd)
{
    made_up.open[fd] = NULL;
    made_up.opened--;
    return 0;
}

static int affinity_made_up(size_t len, cpu_set_t *set)
{
    memset(set, 0, len);
    for (size_t i = 0; i < made_up.cpus; i++)
        CPU_SET_S(3 * i % (8 * len - 1), len, set);
    return made_up.refused ? -1 : 0;
}

static size_t cpus_with(size_t cpus, const struct text_file *files)
{
    static struct rv_os table;
    table = rv_os_real;
    table.open = open_made_up;
    table.read = read_made_up;
    table.close = close_made_up;
    table.affinity = affinity_made_up;
    made_up.files = files;
    made_up.cpus = cpus;
    rv_os_set(&table);
    size_t cnt = rv_cpus();
    rv_os_set(NULL);
    CHECK_EQ(0, made_up.opened);
    return cnt;
}

static size_t cpus_of(size_t cpus, const char *groups, const char *path, const char *text)
{
    struct text_file files[] = {{"/proc/self/cgroup", groups}, {path, text}, {NULL, NULL}};
    return cpus_with(cpus, files);
}

void cpus_are_those_of_the_mask(void)
{
    static const struct text_file none[] = {{NULL, NULL}};
    static const size_t counts[] = {1, 2, 7, 64, 1024, 20000};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        CHECK_EQ(counts[i], cpus_with(counts[i], none));
    CHECK_EQ(1, cpus_with(0, none));
    made_up.refused = true;
    CHECK_EQ(1, cpus_with(7, none));
    made_up.refused = false;
    CHECK_EQ(5, cpus_of(5, "0::/a\n", "/nowhere", ""));
}

void a_quota_of_version_2_counts(void)
{
    static const char groups[] = "0::/user.slice/one\n", path[] = "/sys/fs/cgroup/user.slice/one/cpu.max";
    CHECK_EQ(2, cpus_of(16, groups, path, "200000 100000\n"));
    CHECK_EQ(3, cpus_of(16, groups, path, "200001 100000\n")); // a begun one is one
    CHECK_EQ(1, cpus_of(16, groups, path, "1000 100000\n"));
    CHECK_EQ(16, cpus_of(16, groups, path, "max 100000\n"));
    CHECK_EQ(16, cpus_of(16, groups, path, "3200000 100000\n"));
    CHECK_EQ(4, cpus_of(4, "0::/\n", "/sys/fs/cgroup//cpu.max", "900000 100000\n"));
    CHECK_EQ(3, cpus_of(4, "0::/\n", "/sys/fs/cgroup/cpu.max", "300000 100000\n"));
}

void a_quota_of_version_1_counts(void)
{
    static const char groups[] = "12:cpuset:/x\n11:memory:/y\n4:cpu,cpuacct:/a/b\n1:name=systemd:/z\n";
    struct text_file files[] = {{"/proc/self/cgroup", groups},
                                {"/sys/fs/cgroup/cpu/a/b/cpu.cfs_quota_us", "150000\n"},
                                {"/sys/fs/cgroup/cpu/a/b/cpu.cfs_period_us", "50000\n"},
                                {NULL, NULL}};
    CHECK_EQ(3, cpus_with(8, files));
    CHECK_EQ(2, cpus_with(2, files));
    files[1].text = "-1\n";
    CHECK_EQ(8, cpus_with(8, files));
    files[1].text = "150000\n";
    files[0].text = "4:cpuacct,cpu:/a/b";
    CHECK_EQ(3, cpus_with(8, files));
    files[0].text = "4:cpuacct,cpuset:/a/b";
    CHECK_EQ(8, cpus_with(8, files));
    files[2].path = "/nowhere";
    files[0].text = "4:cpu:/a/b";
    CHECK_EQ(8, cpus_with(8, files)); // half a quota is none
}

void the_least_quota_of_all_parents_counts(void)
{
    static const struct text_file files[] = {{"/proc/self/cgroup", "0::/a/b/c\n"},
                                             {"/sys/fs/cgroup/a/b/c/cpu.max", "max 100000\n"},
                                             {"/sys/fs/cgroup/a/b/cpu.max", "600000 100000\n"},
                                             {"/sys/fs/cgroup/a/cpu.max", "300000 100000\n"},
                                             {"/sys/fs/cgroup/cpu.max", "900000 100000\n"},
                                             {NULL, NULL}};
    CHECK_EQ(3, cpus_with(8, files));
}

void a_groups_path_of_the_host_is_walked_up(void)
{
    CHECK_EQ(2, cpus_of(8, "0::/docker/0123456789abcdef\n", "/sys/fs/cgroup/cpu.max", "200000 100000\n"));
    CHECK_EQ(2, cpus_of(8, "0::/../../other\n", "/sys/fs/cgroup/cpu.max", "200000 100000\n"));
    CHECK_EQ(8, cpus_of(8, "0::/../../other\n", "/sys/fs/cgroup/../../other/cpu.max", "200000 100000\n"));
    CHECK_EQ(8, cpus_of(8, "0::/a\n", "/sys/fs/cpu.max", "200000 100000\n")); // not beyond the root
}

void what_is_no_quota_limits_nothing(void)
{
    static const char *const texts[] = {"", "\n", "0 100000\n", "-5 100000\n", "x y\n", "100000\n", "100000 0\n",
                                        "99999999999999999999 1\n", "200000 -1\n"};
    static const char *const groups[] = {"", "\n", "0\n", "0:\n", "::\n", ":::", "0::relative\n", "\n\n0::\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        CHECK_EQ(8, cpus_of(8, "0::/\n", "/sys/fs/cgroup/cpu.max", texts[i]));
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        CHECK_EQ(8, cpus_of(8, groups[i], "/sys/fs/cgroup/other/cpu.max", "100000 100000"));
    char *deep = malloc(10000); // longer than is read
    memset(deep, 'a', 9999);
    memcpy(deep, "0::/", 4);
    deep[9999] = 0;
    CHECK_EQ(8, cpus_of(8, deep, "/nowhere", ""));
    free(deep);
}

void files_may_be_read_in_pieces(void)
{
    made_up.piece = 1;
    CHECK_EQ(2, cpus_of(16, "3:cpuset:/\n0::/one\n", "/sys/fs/cgroup/one/cpu.max", "200000 100000\n"));
    made_up.piece = 0;
}

void the_default_number_is_that_of_the_cpus_but_one(void)
{
    struct rove_workers *workers;
    size_t cpus = rv_cpus();
    CHECK_OK(rove_workers_new(NULL, &workers));
    CHECK_EQ(cpus - 1 < ROVE_WORKERS_MAX ? cpus - 1 : ROVE_WORKERS_MAX, rv_workers_width(workers));
    CHECK_EQ(rv_workers_width(workers), rv_workers_width(rove_workers_default()));
    rove_workers_unref(workers);
}
