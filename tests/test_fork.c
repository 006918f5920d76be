// SPDX-License-Identifier: MIT
// test_fork.c: fork() while other threads of the program have locks of the library.
//
// A thread goes into a lock and stays there for a moment; the process forks in that moment. The child then wants the lock.
// It tells by its exit status what was wrong, and by a signal that it hung.
#include "base/atfork.h"
#include "base/debug.h"
#include "base/os.h"
#include "filter/asking.h"
#include "spill_kit.h"
#include "support/suite.h"

#include <rove/plugin.h>
#include <rove/pool.h>
#include <rove/rope.h>

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define HANGS 60             // seconds after which a child counts as hung
#define MOMENT 50000          // microseconds for which a thread stays in a lock
#define CHUNK ((size_t) 16384)
#define LIMIT ((uint64_t) 64 * CHUNK)

static atomic_bool there;         // the thread is in the lock
static _Thread_local bool lingers; // is it

// Called where the library has a lock.
static void linger(void)
{
    if (!lingers)
        return;
    lingers = false;
    atomic_store(&there, true);
    usleep(MOMENT);
}

static void *run_holder(void *arg)
{
    void *(*const *holds)(void *) = arg;
    lingers = true;
    (*holds)(NULL);
    CHECK(atomic_exchange(&there, true)); // else it was in no lock
    return NULL;
}

// Forks while another thread is in the middle of `holds`. Returns whether the child found all well.
static bool fork_beside(void *(*holds)(void *), bool (*lives)(void))
{
    pthread_t thread;
    int status = -1;
    atomic_store(&there, false);
    fflush(stdout);
    if (!CHECK(pthread_create(&thread, NULL, run_holder, &holds) == 0))
        return false;
    while (!atomic_load(&there))
        sched_yield();
    usleep(MOMENT / 10); // others may be on their way to the lock
    pid_t child = fork();
    if (child == 0) {
        alarm(HANGS);
        _exit(!lives());
    }
    pthread_join(thread, NULL);
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// pools -----------------------------------------------------------------------------------------

static struct rove_pool *pool, *other;
static struct rove_rope rope;

static bool can_append(struct rove_pool *to, size_t len)
{
    static uint8_t bytes[CHUNK];
    struct rove_rope more;
    rove_rope_init(&more, to);
    bool fine = true;
    for (size_t done = 0; done < len && fine; done += sizeof bytes)
        fine = rove_rope_append(&more, bytes, sizeof bytes) == ROVE_OK;
    rove_rope_fini(&more);
    return fine;
}

// Slabs are the only memory that is asked for with the pool's lock held.
static void *slow_alloc(void *ctx, size_t len, size_t align)
{
    if (align >= 1u << 20)
        linger();
    return env.alloc.table.alloc(ctx, len, align);
}

static void *takes_a_slab(void *arg)
{
    CHECK(can_append(pool, 4 << 20));
    return arg;
}

static bool takes_one_too(void)
{
    return can_append(pool, 4 << 20);
}

static void *measures(void *arg)
{
    struct rove_pool_figures figures;
    rove_pool_measure_all(&figures);
    return arg;
}

// Another one waits for the pool, with the list of all locked.
static void *takes_a_slab_while_another_measures(void *arg)
{
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, measures, NULL) == 0);
    CHECK(can_append(pool, 4 << 20));
    pthread_join(thread, NULL);
    return arg;
}

static bool makes_and_measures(void)
{
    struct rove_pool *mine;
    bool fine = rove_pool_new(NULL, &mine) == ROVE_OK && can_append(mine, 4 << 20);
    measures(NULL);
    rove_pool_unref(mine);
    return fine;
}

static void a_childs_pool_is_not_locked_by_another_thread(void)
{
    struct rove_allocator slow = env.alloc.table;
    slow.alloc = slow_alloc;
    for (uint64_t round = 0; round < suite_scaled(4); round++) {
        struct rove_pool_opts opts = {.size = sizeof opts, .allocator = &slow, .memory_limit = 64 << 20};
        CHECK_OK(rove_pool_new(&opts, &pool));
        CHECK(fork_beside(takes_a_slab, takes_one_too));
        rove_pool_trim(pool);
        CHECK(fork_beside(takes_a_slab_while_another_measures, makes_and_measures));
        rove_pool_unref(pool);
    }
}

// limits ----------------------------------------------------------------------------------------

static ssize_t slow_pwrite(int fd, const void *buf, size_t len, off_t off)
{
    linger();
    return pwrite(fd, buf, len, off);
}

static ssize_t slow_pread(int fd, void *buf, size_t len, off_t off)
{
    linger();
    return pread(fd, buf, len, off);
}

static void begin(void)
{
    static struct rv_os table;
    struct kit_pool how = {.chunk_len = CHUNK, .limit = LIMIT, .flags = ROVE_POOL_SPILL, .watched = true};
    table = rv_os_real;
    table.pwrite = slow_pwrite;
    table.pread = slow_pread;
    rv_os_set(&table);
    pool = kit_pool_new(&how);
    how.budget_of = pool;
    other = kit_pool_new(&how);
    rove_rope_init(&rope, pool);
    CHECK_OK(text_append(&rope, 1, 0, 2 * LIMIT, CHUNK));
}

static void end(void)
{
    rove_rope_fini(&rope);
    rove_pool_unref(other);
    rove_pool_unref(pool);
    rv_os_set(NULL);
}

// Makes room in the other pool, with the lock of the limit and that pool's.
static void *takes_from_the_other(void *arg)
{
    CHECK(can_append(other, 4 * CHUNK));
    return arg;
}

static bool reads_and_shares(void)
{
    struct rove_pool_opts opts = {.size = sizeof opts, .budget_of = other};
    struct rove_pool *third = NULL;
    bool fine = text_check_rope(&rope, 1) && rove_pool_new(&opts, &third) == ROVE_OK;
    rove_pool_unref(third);
    return fine;
}

static void a_childs_limit_is_not_locked_by_another_thread(void)
{
    for (uint64_t round = 0; round < suite_scaled(4); round++) {
        begin();
        CHECK(fork_beside(takes_from_the_other, reads_and_shares));
        end();
    }
}

static bool reads_parts(void)
{
    uint8_t byte;
    bool fine = true;
    for (uint64_t off = 0; off < rove_rope_len(&rope) && fine; off += CHUNK)
        fine = rove_rope_read(&rope, off, &byte, 1, NULL) == ROVE_OK && text_is(&byte, 1, off, 1);
    return fine;
}

// With the lock of the piece that parts are copied from.
static void *reads_parts_slowly(void *arg)
{
    CHECK(reads_parts());
    return arg;
}

static void a_childs_sleepers_are_not_locked_by_another_thread(void)
{
    for (uint64_t round = 0; round < suite_scaled(4); round++) {
        begin();
        CHECK(fork_beside(reads_parts_slowly, reads_parts));
        end();
    }
}

// plugins ---------------------------------------------------------------------------------------

static int slow_open(const char *path, int flags, mode_t mode)
{
    linger();
    return rv_os_real.open(path, flags, mode);
}

static void *looks_for_one(void *arg)
{
    CHECK_IS(ROVE_END, rove_plugin_find("there-is-none", NULL));
    return arg;
}

static bool adds_a_folder(void)
{
    return rove_plugin_add_dir("/nowhere") == ROVE_OK && rove_plugin_find("there-is-none", NULL) == ROVE_END;
}

static char file; // stands for a plugin's

static void *asks(void *arg)
{
    struct rv_asking mine;
    CHECK(rv_asking_begin(&mine, &file));
    linger();
    rv_asking_end(&mine);
    return arg;
}

static bool asks_as_well(void)
{
    struct rv_asking mine;
    bool began = rv_asking_begin(&mine, &file);
    rv_asking_end(&mine);
    return began;
}

static void a_childs_plugins_are_not_locked_by_another_thread(void)
{
    struct rv_os table = rv_os_real;
    table.open = slow_open;
    rv_os_set(&table);
    CHECK_OK(rove_plugin_add_dir("/nowhere"));
    CHECK(fork_beside(looks_for_one, adds_a_folder));
    CHECK(fork_beside(asks, asks_as_well));
    rv_os_set(NULL);
}

// the process ------------------------------------------------------------------------------------

static enum rv_process_lock wanted;

static void *has_it(void *arg)
{
    rv_lock_enter(&rv_process_lock[wanted]);
    linger();
    rv_lock_leave(&rv_process_lock[wanted]);
    return arg;
}

static bool wants_it(void)
{
    rv_lock_enter(&rv_process_lock[wanted]);
    rv_lock_leave(&rv_process_lock[wanted]);
    return true;
}

static void no_lock_of_the_process_is_left_locked_in_a_child(void)
{
    for (wanted = 0; wanted < RV_PROCESS_LOCKS; wanted++)
        CHECK(fork_beside(has_it, wants_it));
}

// Threads that make pools, and end them, while others fork.
static bool make_and_end_pools(uint64_t cnt)
{
    bool fine = true;
    for (uint64_t i = 0; i < cnt && fine; i++) {
        struct rove_pool_opts opts = {.size = sizeof opts, .memory_limit = 1 << 20};
        struct rove_pool *mine, *sharing;
        fine = rove_pool_new(&opts, &mine) == ROVE_OK;
        opts.budget_of = mine;
        fine = rove_pool_new(&opts, &sharing) == ROVE_OK && fine;
        rove_pool_unref(mine);
        fine = can_append(sharing, 4 * CHUNK) && fine;
        rove_pool_unref(sharing);
    }
    return fine;
}

static void *makes_pools(void *arg)
{
    CHECK(make_and_end_pools(suite_scaled(4000)));
    return arg;
}

// A trap: ASan's own allocator may stay locked in a child (GCC 12's does), so nothing is taken from it there.
static bool lives_on(void)
{
#ifdef RV_ASAN
    for (wanted = 0; wanted < RV_PROCESS_LOCKS; wanted++)
        wants_it();
    return true;
#else
    return make_and_end_pools(10);
#endif
}

static void *forks(void *arg)
{
    for (uint64_t i = 0; i < suite_scaled(60); i++) {
        int status = -1;
        pid_t child = fork();
        if (child == 0) {
            alarm(HANGS);
            _exit(!lives_on()); // no CHECK, whose lock another thread may have had
        }
        CHECK(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    return arg;
}

static void pools_are_made_and_ended_while_two_fork(void)
{
    void *(*const runs[])(void *) = {makes_pools, makes_pools, forks, forks};
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        CHECK_EQ(0, pthread_create(&threads[i], NULL, runs[i], NULL));
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
}

static const struct suite_case cases[] = {
    SUITE_CASE(a_childs_pool_is_not_locked_by_another_thread),
    SUITE_CASE(a_childs_limit_is_not_locked_by_another_thread),
    SUITE_CASE(a_childs_sleepers_are_not_locked_by_another_thread),
    SUITE_CASE(a_childs_plugins_are_not_locked_by_another_thread),
    SUITE_CASE(no_lock_of_the_process_is_left_locked_in_a_child),
    SUITE_CASE(pools_are_made_and_ended_while_two_fork),
};

// The tests' allocator has a lock of its own. Said before the library says its part, so that it is taken behind the library's.
static void hold_allocator(void)
{
    pthread_mutex_lock(&env.alloc.lock);
}

static void leave_allocator(void)
{
    pthread_mutex_unlock(&env.alloc.lock);
}

int main(int argc, char **argv)
{
    if (pthread_atfork(hold_allocator, leave_allocator, leave_allocator) != 0)
        return 1;
    struct suite suite = {"test_fork", cases, sizeof cases / sizeof *cases, false};
    return suite_run(argc, argv, &suite);
}
