// SPDX-License-Identifier: MIT
// test_work_turns.c: the work floor's own code, run through every order in which its threads can take turns.
//
// Threads are fibers here, and the library's table of OS calls is a scheduler. Who takes a lock, sleeps, wakes another,
// makes or joins a thread, or is in the middle of a job, may lose its turn there, to any other that can go on. All that
// is shared is changed under a lock, so nothing else can tell two orders apart. A scene is played again and again, each
// time with the next series of choices, until all were made. A choice is also which sleeper a signal wakes, whether a
// thread can be made, whether an executor takes a run, and, once in a play, a wake-up that nobody caused. Where
// everything (stacks, memory, who holds what) is as it was at another choice in another play, what can follow is the
// same too, and is not played again.
//
// What must hold: every job is run once, or was cancelled and never; they come back in order, run; nobody touches a job
// that its user has back, or workers that are gone; while fork() goes on no worker is in a job; nobody sleeps for ever.
//
// --must-fail SCENE: for twins of this program, in which one line of the library is changed (work_twins.pl). There
// something of that must not hold, in that scene, which is played first, or in any other.
#include "base/os.h"
#include "work/fork.h"
#include "work/work.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

// choices ---------------------------------------------------------------------------------------

#define CHOICES 4096

static struct {
    unsigned char pick[CHOICES], of[CHOICES];
    unsigned cnt, at; // made in the last play; made in this one
    bool known; // the rest of this play was played before: it is only brought to its end
    const char *wrong;
} trail;

// Goes through 0 to of - 1, one play each.
static unsigned choose(unsigned of)
{
    if (of < 2 || trail.known)
        return 0;
    if (trail.at == CHOICES) {
        trail.wrong = "no end is in sight";
        return 0;
    }
    if (trail.at == trail.cnt) {
        trail.pick[trail.cnt] = 0;
        trail.of[trail.cnt++] = (unsigned char) of;
    } else if (trail.of[trail.at] != of) {
        trail.wrong = "a play cannot be repeated";
    }
    return trail.pick[trail.at++];
}

// The next series of choices; false: all were made.
static bool choose_next(void)
{
    while (trail.cnt && trail.pick[trail.cnt - 1] + 1 == trail.of[trail.cnt - 1])
        trail.cnt--;
    if (trail.cnt)
        trail.pick[trail.cnt - 1]++;
    trail.at = 0;
    trail.known = false;
    return trail.cnt > 0;
}

static void wrong(const char *text)
{
    if (!trail.wrong)
        trail.wrong = text;
}

#define MUST(cond) ((cond) ? (void) 0 : wrong(#cond))

// fibers ----------------------------------------------------------------------------------------

#define FIBERS 8
#define STACK ((size_t) 64 << 10)

enum fiber_state { NONE, READY, LOCKS, SLEEPS, JOINS, ENDED };

struct fiber {
    ucontext_t context;
    enum fiber_state state;
    void *(*run)(void *);
    void *arg;
    pthread_mutex_t *lock; // that it wants, or will want when it wakes
    pthread_cond_t *cond;
    struct fiber *joins;
    int holds;     // locks
    int inside;    // jobs of workers it is in the middle of
    bool is_worker;
    unsigned char *stack, *used; // from here on, when it is not its turn
};

static struct fiber fibers[FIBERS], *me;
static ucontext_t scheduler;

#define HELD_MOST 8
static pthread_mutex_t *held[HELD_MOST];
static unsigned threads_may_fail, spurious; // how often yet in this play

static bool is_held(const pthread_mutex_t *lock)
{
    bool found = false;
    for (size_t i = 0; i < HELD_MOST; i++)
        found |= held[i] == lock;
    return found;
}

static void put(pthread_mutex_t *from, pthread_mutex_t *to)
{
    for (size_t i = 0; i < HELD_MOST; i++) {
        if (held[i] == from) {
            held[i] = to;
            return;
        }
    }
    wrong("a lock is let go that was not held");
}

// The thread's own count of jobs goes with the fiber.
static void lose_turn(enum fiber_state state)
{
    struct fiber *mine = me;
    mine->state = state;
    mine->used = __builtin_frame_address(0);
    rv_fork_inside(-mine->inside);
    swapcontext(&mine->context, &scheduler);
    rv_fork_inside(mine->inside);
}

static void fiber_main(void)
{
    me->run(me->arg);
    me->state = ENDED;
    swapcontext(&me->context, &scheduler);
}

static void fiber_prepare(struct fiber *fiber)
{
    getcontext(&fiber->context);
    fiber->context.uc_stack.ss_sp = fiber->stack;
    fiber->context.uc_stack.ss_size = STACK;
    fiber->context.uc_link = NULL;
    makecontext(&fiber->context, fiber_main, 0);
}

static struct fiber *fiber_start(void *(*run)(void *), void *arg)
{
    struct fiber *fiber = fibers;
    while (fiber->state != NONE)
        if (++fiber == fibers + FIBERS)
            abort();
    unsigned char *stack = fiber->stack ? fiber->stack : malloc(STACK);
    *fiber = (struct fiber){.state = READY, .run = run, .arg = arg, .stack = stack, .used = stack + STACK};
    fiber_prepare(fiber);
    return fiber;
}

static bool can_go_on(const struct fiber *fiber)
{
    return fiber->state == READY || (fiber->state == LOCKS && !is_held(fiber->lock)) ||
           (fiber->state == JOINS && fiber->joins->state == ENDED) || (fiber->state == SLEEPS && spurious);
}

// The scheduler looks at everything before it lets somebody choose.
static bool is_known(void);

// Gives a turn; false: nobody can take it.
static bool give_turn(void)
{
    struct fiber *can[FIBERS];
    unsigned cnt = 0;
    for (struct fiber *fiber = fibers; fiber < fibers + FIBERS; fiber++)
        if (can_go_on(fiber))
            can[cnt++] = fiber;
    if (!cnt)
        return false;
    if (cnt > 1 && trail.at == trail.cnt && !trail.known)
        trail.known = is_known();
    me = can[choose(cnt)];
    if (me->state == SLEEPS) {
        spurious--;
        me->state = LOCKS;
        return true;
    }
    if (me->state == LOCKS)
        put(NULL, me->lock);
    me->state = READY;
    swapcontext(&scheduler, &me->context);
    return true;
}

// the OS ----------------------------------------------------------------------------------------

static int turns_lock(pthread_mutex_t *lock)
{
    me->lock = lock;
    lose_turn(LOCKS);
    me->holds++;
    return 0;
}

static int turns_unlock(pthread_mutex_t *lock)
{
    put(lock, NULL);
    me->holds--;
    return 0;
}

static int turns_wait(pthread_cond_t *cond, pthread_mutex_t *lock)
{
    put(lock, NULL);
    me->cond = cond;
    me->lock = lock;
    lose_turn(SLEEPS);
    return 0;
}

static int turns_signal(pthread_cond_t *cond)
{
    struct fiber *sleeping[FIBERS];
    unsigned cnt = 0;
    if (!me->holds)
        lose_turn(READY);
    for (struct fiber *fiber = fibers; fiber < fibers + FIBERS; fiber++)
        if (fiber->state == SLEEPS && fiber->cond == cond)
            sleeping[cnt++] = fiber;
    if (cnt)
        sleeping[choose(cnt)]->state = LOCKS;
    return 0;
}

static int turns_broadcast(pthread_cond_t *cond)
{
    if (!me->holds)
        lose_turn(READY);
    for (struct fiber *fiber = fibers; fiber < fibers + FIBERS; fiber++)
        if (fiber->state == SLEEPS && fiber->cond == cond)
            fiber->state = LOCKS;
    return 0;
}

static int turns_create(pthread_t *thread, void *(*run)(void *), void *arg)
{
    if (threads_may_fail && choose(2)) {
        threads_may_fail--;
        return EAGAIN;
    }
    struct fiber *fiber = fiber_start(run, arg);
    fiber->is_worker = true;
    *thread = (pthread_t) (fiber - fibers);
    return 0;
}

static int turns_join(pthread_t thread)
{
    me->joins = &fibers[(size_t) thread];
    lose_turn(JOINS);
    return 0;
}

static int turns_signals(int how, const sigset_t *set, sigset_t *old_out)
{
    (void) how;
    (void) set;
    (void) old_out;
    return 0;
}

static int turns_name(const char *name)
{
    (void) name;
    return 0;
}

static void (*fork_before)(void), (*fork_parent)(void);

static int turns_atfork(void (*before)(void), void (*parent)(void), void (*child)(void))
{
    (void) child;
    fork_before = before;
    fork_parent = parent;
    return 0;
}

// memory: one block, which nobody may touch when it was given back ------------------------------

static struct {
    _Alignas(64) unsigned char bytes[4096];
    bool taken;
} memory;

static void *take_memory(void *ctx, size_t len, size_t align)
{
    (void) ctx;
    (void) align;
    if (memory.taken || len > sizeof memory.bytes)
        return NULL;
    memory.taken = true;
    return memory.bytes;
}

static void give_memory(void *ctx, void *ptr, size_t len, size_t align)
{
    (void) ctx;
    (void) ptr;
    (void) len;
    (void) align;
    MUST(memory.taken);
    memory.taken = false;
    memset(memory.bytes, 0xdd, sizeof memory.bytes);
}

static const struct rove_allocator allocator = {
    .size = sizeof allocator, .name = "turns", .alloc = take_memory, .free = give_memory};

// jobs ------------------------------------------------------------------------------------------

#define JOBS 8

struct task {
    struct rv_job job;
    unsigned char number;
};

static struct task tasks[JOBS];
static struct {
    unsigned char began, ended, back;
} seen[JOBS]; // by number: what is known of a job whose own bytes may be gone
static int abroad; // jobs that workers are in

static void run_task(struct rv_job *job)
{
    unsigned number = ((struct task *) job)->number;
    MUST(number < JOBS);
    if (trail.wrong)
        return;
    me->inside += me->is_worker;
    abroad += me->is_worker;
    MUST(!seen[number].back);
    seen[number].began++;
    lose_turn(READY);
    seen[number].ended++;
    MUST(!seen[number].back);
    abroad -= me->is_worker;
    me->inside -= me->is_worker;
}

static void submit_to_run(struct rv_line *line, unsigned number, void (*run)(struct rv_job *))
{
    struct task *task = &tasks[number];
    *task = (struct task){.job.run = run, .number = (unsigned char) number};
    seen[number].back = 0;
    MUST(rv_line_has_room(line));
    rv_line_submit(line, &task->job);
}

static void submit(struct rv_line *line, unsigned number)
{
    submit_to_run(line, number, run_task);
}

// The user has the job back, and writes over it.
static void have_back(unsigned number)
{
    seen[number].back = 1;
    memset(&tasks[number], 0x5a, sizeof tasks[number]);
}

static bool is_back(struct rv_job *job, unsigned number)
{
    if (!job)
        return false;
    MUST(job == &tasks[number].job);
    MUST(seen[number].began == 1 && seen[number].ended == 1);
    have_back(number);
    return true;
}

static void wait_for(struct rv_line *line, unsigned number)
{
    MUST(is_back(rv_line_wait(line), number));
}

// Of `cnt` jobs from this one on, none is begun that was not ended.
static void cancel(struct rv_line *line, unsigned number, unsigned cnt)
{
    rv_line_cancel(line);
    for (unsigned i = number; i < number + cnt; i++) {
        MUST(seen[i].began == seen[i].ended && seen[i].ended <= 1);
        MUST(tasks[i].job.state == (seen[i].ended ? RV_JOB_DONE : RV_JOB_FREE));
        have_back(i);
    }
}

// Jobs that nobody runs but in pairs: the first of two waits for the second one to begin.
static struct {
    pthread_mutex_t lock;
    pthread_cond_t news;
    unsigned come_cnt, over_cnt;
} meeting;

static void run_meeting(struct rv_job *job)
{
    turns_lock(&meeting.lock);
    unsigned both = meeting.come_cnt / 2 * 2 + 2;
    meeting.come_cnt++;
    turns_broadcast(&meeting.news);
    while (meeting.come_cnt < both)
        turns_wait(&meeting.news, &meeting.lock);
    turns_unlock(&meeting.lock);
    run_task(job);
    turns_lock(&meeting.lock);
    meeting.over_cnt++;
    turns_broadcast(&meeting.news);
    turns_unlock(&meeting.lock);
}

static void await_meetings(unsigned cnt)
{
    turns_lock(&meeting.lock);
    while (meeting.over_cnt < cnt)
        turns_wait(&meeting.news, &meeting.lock);
    turns_unlock(&meeting.lock);
}

// what was seen before --------------------------------------------------------------------------

static struct rove_workers *workers;
static struct rv_line lines[2];

static struct {
    uint64_t *marks; // open addressing; 0: free
    size_t cap, cnt;
} known;

// Of words, also where AddressSanitizer has marked the gaps between variables.
__attribute__((no_sanitize("address"))) static uint64_t mark_of(uint64_t mark, const void *ptr, size_t len)
{
    const uint64_t *words = ptr;
    for (size_t i = 0; i < len / sizeof *words; i++) {
        mark = (mark ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15);
        mark ^= mark >> 29;
    }
    return mark;
}

static uint64_t mark_of_fiber(uint64_t mark, struct fiber *fiber)
{
    uint64_t words[] = {fiber->state,
                        (uintptr_t) fiber->run,
                        (uintptr_t) fiber->arg,
                        (uintptr_t) (fiber->state == READY ? NULL : fiber->lock),
                        (uintptr_t) (fiber->state == SLEEPS ? fiber->cond : NULL),
                        (uint64_t) fiber->holds << 32 | (uint64_t) fiber->inside << 1 | fiber->is_worker};
    mark = mark_of(mark, words, sizeof words);
    if (fiber->state == ENDED)
        return mark;
    mark = mark_of(mark, &fiber->context.uc_mcontext, sizeof fiber->context.uc_mcontext);
    return mark_of(mark, fiber->used, (size_t) (fiber->stack + STACK - fiber->used));
}

static void remember(uint64_t mark)
{
    size_t at = (size_t) mark & (known.cap - 1);
    while (known.marks[at])
        at = (at + 1) & (known.cap - 1);
    known.marks[at] = mark;
    known.cnt++;
}

static void grow(void)
{
    uint64_t *old = known.marks;
    size_t cap = known.cap;
    known.cap = cap ? 2 * cap : 4096;
    known.cnt = 0;
    known.marks = calloc(known.cap, sizeof *known.marks);
    if (!known.marks)
        abort();
    for (size_t i = 0; i < cap; i++)
        if (old[i])
            remember(old[i]);
    free(old);
}

static bool is_known(void)
{
    uint64_t mark = 1;
    uint64_t left[] = {threads_may_fail, spurious, meeting.come_cnt, meeting.over_cnt};
    for (struct fiber *fiber = fibers; fiber < fibers + FIBERS; fiber++)
        mark = fiber->state == NONE ? mark : mark_of_fiber(mark, fiber);
    mark = mark_of(mark, left, sizeof left);
    mark = mark_of(mark, held, sizeof held);
    mark = mark_of(mark, &memory, sizeof memory);
    mark = mark_of(mark, lines, sizeof lines);
    mark = mark_of(mark, tasks, sizeof tasks);
    mark = mark_of(mark, seen, sizeof seen);
    mark += !mark;
    if (2 * known.cnt >= known.cap)
        grow();
    for (size_t at = (size_t) mark & (known.cap - 1); known.marks[at]; at = (at + 1) & (known.cap - 1))
        if (known.marks[at] == mark)
            return true;
    remember(mark);
    return false;
}

// scenes ----------------------------------------------------------------------------------------

static void make_workers(size_t thread_cnt)
{
    struct rove_workers_opts opts = {.size = sizeof opts, .allocator = &allocator, .thread_cnt = thread_cnt};
    if (rove_workers_new(&opts, &workers))
        abort();
}

static void waits_for_all(size_t thread_cnt, unsigned cnt)
{
    make_workers(thread_cnt);
    rv_line_init(&lines[0], workers, cnt);
    for (unsigned i = 0; i < cnt; i++)
        submit(&lines[0], i);
    for (unsigned i = 0; i < cnt; i++)
        wait_for(&lines[0], i);
    rv_line_fini(&lines[0]);
    rove_workers_unref(workers);
}

static void *two_jobs_on_one_thread(void *arg)
{
    waits_for_all(1, 2);
    return arg;
}

static void *three_jobs_on_one_thread(void *arg)
{
    waits_for_all(1, 3);
    return arg;
}

static void *two_jobs_on_two_threads(void *arg)
{
    waits_for_all(2, 2);
    return arg;
}

static void *three_jobs_on_two_threads(void *arg)
{
    waits_for_all(2, 3);
    return arg;
}

// Who gave the jobs runs none of them: both threads have to come, the first time and when they sleep.
static void *jobs_that_meet(void *arg)
{
    make_workers(2);
    rv_line_init(&lines[0], workers, 2);
    for (unsigned i = 0; i < 4; i += 2) {
        submit_to_run(&lines[0], i, run_meeting);
        submit_to_run(&lines[0], i + 1, run_meeting);
        await_meetings(i + 2);
        wait_for(&lines[0], i);
        wait_for(&lines[0], i + 1);
    }
    rv_line_fini(&lines[0]);
    rove_workers_unref(workers);
    return arg;
}

// In a line with room for one less.
static void *polling(void *arg)
{
    make_workers(1);
    rv_line_init(&lines[0], workers, 2);
    submit(&lines[0], 0);
    submit(&lines[0], 1);
    if (!is_back(rv_line_poll(&lines[0]), 0))
        wait_for(&lines[0], 0);
    submit(&lines[0], 2);
    if (is_back(rv_line_poll(&lines[0]), 1))
        (void) is_back(rv_line_poll(&lines[0]), 2);
    rv_line_fini(&lines[0]);
    rove_workers_unref(workers);
    return arg;
}

static void cancels(size_t thread_cnt, unsigned cnt)
{
    make_workers(thread_cnt);
    rv_line_init(&lines[0], workers, cnt);
    for (unsigned i = 0; i < cnt; i++)
        submit(&lines[0], i);
    cancel(&lines[0], 0, cnt);
    submit(&lines[0], cnt);
    wait_for(&lines[0], cnt);
    rv_line_fini(&lines[0]);
    rove_workers_unref(workers);
}

static void *cancelling_on_one_thread(void *arg)
{
    cancels(1, 3);
    return arg;
}

static void *cancelling_on_two_threads(void *arg)
{
    cancels(2, 2);
    return arg;
}

// The line goes with its jobs in it, and is the last to hold the workers.
static void *leaving_jobs_behind(void *arg)
{
    make_workers(2);
    rv_line_init(&lines[0], workers, 2);
    rove_workers_unref(workers);
    submit(&lines[0], 0);
    submit(&lines[0], 1);
    rv_line_fini(&lines[0]);
    have_back(0);
    have_back(1);
    memset(&lines[0], 0x5a, sizeof lines[0]);
    return arg;
}

static void *use_second_line(void *arg)
{
    submit(&lines[1], 4);
    wait_for(&lines[1], 4);
    rv_line_fini(&lines[1]);
    return arg;
}

// Whoever of the two ends last frees the workers.
static void *two_users_on_one_thread(void *arg)
{
    make_workers(1);
    rv_line_init(&lines[0], workers, 1);
    rv_line_init(&lines[1], workers, 1);
    rove_workers_unref(workers);
    fiber_start(use_second_line, NULL);
    submit(&lines[0], 0);
    wait_for(&lines[0], 0);
    rv_line_fini(&lines[0]);
    return arg;
}

static void *two_users_one_cancels(void *arg)
{
    make_workers(1);
    rv_line_init(&lines[0], workers, 2);
    rv_line_init(&lines[1], workers, 1);
    rove_workers_unref(workers);
    fiber_start(use_second_line, NULL);
    submit(&lines[0], 0);
    cancel(&lines[0], 0, 1);
    rv_line_fini(&lines[0]);
    return arg;
}

// A job that waits for a line of its own.
static void run_outer(struct rv_job *job)
{
    struct rv_line *line = &lines[1];
    rv_line_init(line, job->line->workers, 1);
    submit(line, 4);
    wait_for(line, 4);
    rv_line_fini(line);
    run_task(job);
}

static void *a_job_with_a_line_of_its_own(void *arg)
{
    make_workers(1);
    rv_line_init(&lines[0], workers, 1);
    submit_to_run(&lines[0], 0, run_outer);
    wait_for(&lines[0], 0);
    rv_line_fini(&lines[0]);
    rove_workers_unref(workers);
    return arg;
}

static void *forks(void *arg)
{
    fork_before();
    MUST(!abroad);
    fork_parent();
    return arg;
}

static void *a_fork_beside_two_jobs(void *arg)
{
    make_workers(1);
    rv_line_init(&lines[0], workers, 2);
    submit(&lines[0], 0);
    fiber_start(forks, NULL);
    submit(&lines[0], 1);
    wait_for(&lines[0], 0);
    wait_for(&lines[0], 1);
    rv_line_fini(&lines[0]);
    rove_workers_unref(workers);
    return arg;
}

static void *two_forks_beside_a_job(void *arg)
{
    make_workers(1);
    rv_line_init(&lines[0], workers, 1);
    submit(&lines[0], 0);
    fiber_start(forks, NULL);
    fiber_start(forks, NULL);
    cancel(&lines[0], 0, 1);
    rv_line_fini(&lines[0]);
    rove_workers_unref(workers);
    return arg;
}

// It does not wait for itself, and ends the pause that the other one waits in.
static void run_forking(struct rv_job *job)
{
    me->inside += me->is_worker;
    fork_before();
    fork_parent();
    me->inside -= me->is_worker;
    run_task(job);
}

static void *a_fork_beside_a_job_that_forks(void *arg)
{
    make_workers(1);
    rv_line_init(&lines[0], workers, 2);
    submit_to_run(&lines[0], 0, run_forking);
    fiber_start(forks, NULL);
    cancel(&lines[0], 0, 1);
    rv_line_fini(&lines[0]);
    rove_workers_unref(workers);
    return arg;
}

// Each run is a thread of its own, or inside of submit, or refused.
static void (*run_of_executor)(void *);

static void *call_run(void *arg)
{
    run_of_executor(arg);
    return NULL;
}

static enum rove_status take_run(void *ctx, void (*run)(void *), void *arg)
{
    unsigned how = choose(3);
    (void) ctx;
    run_of_executor = run;
    if (how == 1)
        return ROVE_E_AGAIN;
    if (how == 2) {
        bool was = me->is_worker;
        me->is_worker = true;
        run(arg);
        me->is_worker = was;
    } else {
        fiber_start(call_run, arg)->is_worker = true;
    }
    return ROVE_OK;
}

static void use_executor(unsigned cnt, bool cancelling)
{
    struct rove_executor executor = {.size = sizeof executor, .submit = take_run, .concurrency = 2};
    struct rove_workers_opts opts = {.size = sizeof opts, .allocator = &allocator, .executor = &executor};
    if (rove_workers_new(&opts, &workers))
        abort();
    rv_line_init(&lines[0], workers, cnt);
    rove_workers_unref(workers);
    for (unsigned i = 0; i < cnt; i++)
        submit(&lines[0], i);
    for (unsigned i = 0; i < cnt && !cancelling; i++)
        wait_for(&lines[0], i);
    if (cancelling)
        cancel(&lines[0], 0, cnt);
    rv_line_fini(&lines[0]);
}

static void *an_executor(void *arg)
{
    use_executor(3, false);
    return arg;
}

static void *an_executor_cancelled(void *arg)
{
    use_executor(3, true);
    return arg;
}

// playing ---------------------------------------------------------------------------------------

struct scene {
    const char *name;
    void *(*play)(void *);
    unsigned threads_may_fail, spurious;
};

#define SCENE(name, fail, spurious) {#name, name, fail, spurious}

static const struct scene scenes[] = {
    SCENE(two_jobs_on_one_thread, 2, 1),
    SCENE(three_jobs_on_one_thread, 1, 1),
    SCENE(two_jobs_on_two_threads, 2, 1),
    SCENE(three_jobs_on_two_threads, 2, 0),
    SCENE(jobs_that_meet, 0, 1),
    SCENE(polling, 1, 1),
    SCENE(cancelling_on_one_thread, 1, 1),
    SCENE(cancelling_on_two_threads, 1, 1),
    SCENE(leaving_jobs_behind, 1, 1),
    SCENE(two_users_on_one_thread, 1, 1),
    SCENE(two_users_one_cancels, 1, 1),
    SCENE(a_job_with_a_line_of_its_own, 1, 1),
    SCENE(a_fork_beside_two_jobs, 1, 1),
    SCENE(two_forks_beside_a_job, 0, 1),
    SCENE(a_fork_beside_a_job_that_forks, 0, 1),
    SCENE(an_executor, 0, 1),
    SCENE(an_executor_cancelled, 0, 1),
};

static bool is_all(const void *ptr, size_t len, int byte)
{
    const unsigned char *bytes = ptr;
    for (size_t i = 0; i < len; i++)
        if (bytes[i] != byte)
            return false;
    return true;
}

static void judge(void)
{
    for (struct fiber *fiber = fibers; fiber < fibers + FIBERS; fiber++)
        MUST(fiber->state == NONE || fiber->state == ENDED);
    MUST(!memory.taken && is_all(memory.bytes, sizeof memory.bytes, 0xdd));
    for (unsigned i = 0; i < JOBS; i++)
        MUST(!seen[i].back || is_all(&tasks[i], sizeof tasks[i], 0x5a));
}

static void play_once(const struct scene *scene)
{
    for (size_t i = 0; i < FIBERS; i++)
        fibers[i].state = NONE;
    memset(held, 0, sizeof held);
    memset(seen, 0, sizeof seen);
    meeting.come_cnt = meeting.over_cnt = 0;
    abroad = 0;
    threads_may_fail = scene->threads_may_fail;
    spurious = scene->spurious;
    fiber_start(scene->play, NULL);
    while (!trail.wrong && give_turn())
        ;
    if (!trail.wrong)
        judge();
}

// true: nothing was wrong in any order.
static bool play(const struct scene *scene)
{
    unsigned long plays = 0;
    unsigned longest = 0;
    memset(&trail, 0, sizeof trail);
    free(known.marks);
    memset(&known, 0, sizeof known);
    do {
        play_once(scene);
        plays++;
        longest = longest < trail.at ? trail.at : longest;
    } while (!trail.wrong && choose_next());
    printf("%-32s %7lu plays, %7zu states with a choice, %u choices at most%s%s\n", scene->name, plays, known.cnt,
           longest, trail.wrong ? ": " : "", trail.wrong ? trail.wrong : "");
    for (unsigned i = 0; trail.wrong && i < trail.at; i++)
        printf("%s%u/%u%s", i ? " " : "  choices: ", trail.pick[i], trail.of[i], i + 1 < trail.at ? "" : "\n");
    fflush(stdout);
    return !trail.wrong;
}

static int play_all(char **names)
{
    static struct rv_os table;
    table = rv_os_real;
    table.mutex_lock = turns_lock;
    table.mutex_unlock = turns_unlock;
    table.cond_wait = turns_wait;
    table.cond_signal = turns_signal;
    table.cond_broadcast = turns_broadcast;
    table.thread_create = turns_create;
    table.thread_join = turns_join;
    table.thread_name = turns_name;
    table.thread_signals = turns_signals;
    table.atfork = turns_atfork;
    rv_os_set(&table);
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++) {
        bool wanted = !*names;
        for (char **name = names; *name; name++)
            wanted |= strcmp(*name, scenes[i].name) == 0;
        if (wanted && !play(&scenes[i]))
            return 1;
    }
    for (size_t i = 0; i < FIBERS; i++) {
        free(fibers[i].stack);
        fibers[i].stack = NULL;
    }
    free(known.marks);
    known.marks = NULL;
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 2 || strcmp(argv[1], "--must-fail") != 0)
        return play_all(argv + 1);
    pid_t child = fork(); // it may also crash, or meet an assert
    if (child == 0) {
        alarm(60);
        exit(play_all(argv + 2) || play_all(argv + argc));
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child)
        return 1;
    puts(status ? "found" : "not found");
    return status == 0;
}
