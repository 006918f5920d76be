// SPDX-License-Identifier: MIT
// os_fault.c: the table whose calls look at the plan first.
#include "support/os_fault.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/os.h"
#include "support/edits.h"

static struct os_plan plan;
static unsigned seen[OS_CALLS], injected;
static bool noisy;
static struct rng rng;

// Whether this call is to fail, and as what; 0: it is not.
static int fault_of(enum os_call call)
{
    seen[call]++;
    if (noisy && (call == OS_READ || call == OS_WRITE || call == OS_READV || call == OS_WRITEV)) {
        size_t die = rng_below(&rng, 4);
        injected += die < 2;
        return die == 0 ? EINTR : die == 1 ? OS_SHORT : 0;
    }
    if (!plan.err || plan.call != call || seen[call] < plan.at)
        return 0;
    if (plan.times && seen[call] >= plan.at + plan.times)
        return 0;
    injected++;
    return plan.err;
}

static ssize_t fault_read(int fd, void *buf, size_t len)
{
    int err = fault_of(OS_READ);
    if (err == OS_SHORT)
        len = len ? 1 : 0;
    if (err == OS_NOTHING)
        return 0;
    if (err <= 0)
        return rv_os_real.read(fd, buf, len);
    errno = err;
    return -1;
}

static ssize_t fault_write(int fd, const void *buf, size_t len)
{
    int err = fault_of(OS_WRITE);
    if (err == OS_SHORT)
        len = len ? 1 : 0;
    if (err == OS_NOTHING)
        return 0;
    if (err <= 0)
        return rv_os_real.write(fd, buf, len);
    errno = err;
    return -1;
}

static ssize_t fault_readv(int fd, const struct iovec *iov, int cnt)
{
    int err = fault_of(OS_READV);
    if (err == OS_SHORT)
        return rv_os_real.read(fd, iov->iov_base, iov->iov_len ? 1 : 0);
    if (err == OS_NOTHING)
        return 0;
    if (err <= 0)
        return rv_os_real.readv(fd, iov, cnt);
    errno = err;
    return -1;
}

static ssize_t fault_writev(int fd, const struct iovec *iov, int cnt)
{
    int err = fault_of(OS_WRITEV);
    if (err == OS_SHORT)
        return rv_os_real.write(fd, iov->iov_base, iov->iov_len ? 1 : 0);
    if (err == OS_NOTHING)
        return 0;
    if (err <= 0)
        return rv_os_real.writev(fd, iov, cnt);
    errno = err;
    return -1;
}

static int fault_open(const char *path, int flags, mode_t mode)
{
    int err = fault_of(OS_OPEN);
    if (err <= 0)
        return rv_os_real.open(path, flags, mode);
    errno = err;
    return -1;
}

static off_t fault_lseek(int fd, off_t off, int whence)
{
    int err = fault_of(OS_LSEEK);
    if (err <= 0)
        return rv_os_real.lseek(fd, off, whence);
    errno = err;
    return -1;
}

static int fault_fstat(int fd, struct stat *st)
{
    int err = fault_of(OS_FSTAT);
    if (err <= 0)
        return rv_os_real.fstat(fd, st);
    errno = err;
    return -1;
}

static int fault_ftruncate(int fd, off_t len)
{
    int err = fault_of(OS_FTRUNCATE);
    if (err <= 0)
        return rv_os_real.ftruncate(fd, len);
    errno = err;
    return -1;
}

// The descriptor is gone whatever close() says, as on Linux.
static int fault_close(int fd)
{
    int err = fault_of(OS_CLOSE);
    int result = rv_os_real.close(fd);
    if (err <= 0)
        return result;
    errno = err;
    return -1;
}

static void use(void)
{
    static struct rv_os table;
    table = rv_os_real;
    table.read = fault_read;
    table.write = fault_write;
    table.readv = fault_readv;
    table.writev = fault_writev;
    table.open = fault_open;
    table.lseek = fault_lseek;
    table.fstat = fault_fstat;
    table.ftruncate = fault_ftruncate;
    table.close = fault_close;
    memset(seen, 0, sizeof seen);
    injected = 0;
    rv_os_set(&table);
}

void os_fault_arm(struct os_plan next)
{
    noisy = false;
    plan = next;
    use();
}

void os_fault_noise(uint64_t seed)
{
    noisy = true;
    rng = rng_from(seed);
    use();
}

void os_fault_off(void)
{
    noisy = false;
    plan = (struct os_plan){0};
    rv_os_set(NULL);
}

unsigned os_fault_calls(enum os_call call)
{
    return seen[call];
}

unsigned os_fault_injected(void)
{
    return injected;
}
