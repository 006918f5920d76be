// SPDX-License-Identifier: MIT
// work_kit.h: jobs for tests of the work floor: they note who ran them and when, and may wait at a gate.
#ifndef TEST_WORK_KIT_H
#define TEST_WORK_KIT_H

#include "base/os.h"
#include "support/suite.h"
#include "work/work.h"

#include <pthread.h>
#include <stdatomic.h>

// Closed until it is opened; who passes waits.
struct gate {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    bool open;
    unsigned waiting; // who stand before it
};

void gate_init(struct gate *gate);
void gate_fini(struct gate *gate);
void gate_open(struct gate *gate);
void gate_pass(struct gate *gate);
void gate_await(struct gate *gate, unsigned waiting); // until so many stand before it

struct task {
    struct rv_job job;
    struct gate *gate;         // passed in the middle; NULL: none
    struct gate *opens;        // opened at the end; NULL: none
    void (*does)(struct task *task);
    void *arg;
    pthread_t ran_by;
    atomic_uint runs, began, ended; // began, ended: when, by task_clock
    unsigned number, spin;
};

extern atomic_uint task_clock;

void task_init(struct task *tasks, unsigned cnt);
void task_submit(struct rv_line *line, struct task *task);
struct task *task_of(struct rv_job *job); // NULL of NULL

// Waits for the first and checks that it is this one, was run once, and is as it was left.
bool task_wait(struct rv_line *line, struct task *task);

// Takes the first back when it is done, by polling and never helping.
struct task *task_poll_until_done(struct rv_line *line);

// Workers with so many threads on the allocator of the case.
struct rove_workers *workers_with(size_t thread_cnt);

struct rove_workers_figures figures_of(struct rove_workers *workers);

// A table of OS calls that counts, and refuses threads by a plan. Off again with rv_os_set(NULL).
struct fake {
    atomic_uint locks, creates, joins, signals;
    unsigned refuse_from, refuse_to; // calls of thread_create that fail, from 1, the last included
    struct gate *at_sleep; // opened when the thread that called fake_on() sleeps on a condition; NULL: none
    pthread_t sleeper;
};
extern struct fake fake;
void fake_on(unsigned refuse_from, unsigned refuse_to);

// The cases of the other files.
void an_executor_runs_the_jobs(void);
void an_executor_may_run_inside_of_submit(void);
void what_an_executor_refuses_is_run_by_the_one_who_waits(void);
void a_run_that_comes_late_does_no_harm(void);
void a_run_that_comes_after_the_last_unref_frees(void);
void an_executor_that_never_runs_anything_is_not_waited_for(void);
void runs_never_pile_up(void);
void runs_of_several_lines_are_served_in_turn(void);
void an_executors_table_is_checked(void);

void a_forked_child_works_in_the_caller(void);
void fork_waits_for_jobs_and_none_is_begun_meanwhile(void);
void a_forked_childs_pool_is_not_locked(void);
void workers_without_threads_go_on_in_the_child(void);
void an_executor_is_not_asked_in_the_child(void);
void a_job_has_an_executor_run_another_while_somebody_forks(void);
void a_job_that_forks_does_not_wait_for_itself(void);
void threads_that_fork_at_once_do_not_wait_for_each_other(void);
void ask_without_atfork(void); // before the first pool: from then on fork() is looked after
void without_atfork_there_are_no_workers(void);

void cpus_are_those_of_the_mask(void);
void a_quota_of_version_2_counts(void);
void a_quota_of_version_1_counts(void);
void the_least_quota_of_all_parents_counts(void);
void a_groups_path_of_the_host_is_walked_up(void);
void what_is_no_quota_limits_nothing(void);
void files_may_be_read_in_pieces(void);
void the_default_number_is_that_of_the_cpus_but_one(void);

#endif
