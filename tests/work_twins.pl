# SPDX-License-Identifier: MIT
# Writes a file of core/work/ with one fault in it, for a twin of test_work_turns that must fail.
# Usage: perl work_twins.pl CORE NAME OUT, or perl work_twins.pl names, which prints NAME=SCENE of each

use strict;
use warnings;

# What is changed: file, text, its replacement. The text must be there once.
my %twin = (
    news_lost => ['queue.c', 'rv_os()->cond_signal(&line->news);', '(void) 0;'],
    news_of_the_first_only => ['queue.c', '(line->first == job || !line->away_cnt)', 'line->first == job'],
    begun_twice => ['queue.c', 'line->unbegun = job->next;', 'if (!job->next) line->unbegun = NULL;'],
    stays_in_the_ring => ['queue.c', "    if (!line->unbegun)\n        leave_ring(line);\n", ''],
    not_paused => ['queue.c', 'if (!line || workers->paused)', 'if (!line)'],
    finished_before_it_ran => ['crew.c', "    rv_workers_leave(workers);\n    rv_crew_call(workers, call);\n"
          . "    rv_fork_inside(1);\n    job->run(job);\n    rv_fork_inside(-1);\n    rv_workers_enter(workers);\n"
          . "    rv_queue_finish(job);\n",
        "    rv_queue_finish(job);\n    rv_workers_leave(workers);\n    rv_crew_call(workers, call);\n"
          . "    rv_fork_inside(1);\n    job->run(job);\n    rv_fork_inside(-1);\n    rv_workers_enter(workers);\n"],
    a_call_for_good => ['crew.c', 'workers->called_cnt -= workers->called_cnt > 0;', '(void) 0;'],
    calls_nobody_else => ['crew.c', 'run(workers, job, plan_call(workers));', 'run(workers, job, RV_CALL_NOBODY);'],
    close_not_told => ['crew.c', 'rv_os()->cond_broadcast(&workers->wake);', '(void) 0;'],
    runs_hold_nothing => ['crew.c', "    rv_crew_hold(workers);\n    return RV_CALL_EXECUTOR;",
        '    return RV_CALL_EXECUTOR;'],
    rest_not_told => ['crew.c', "        rv_fork_tell();\n", ''],
    end_of_a_pause_not_told => ['fork.c', "        rv_workers_leave(w);\n    }\n    rv_os()->cond_broadcast(&all.rest);",
        "        rv_workers_leave(w);\n    }"],
    sleeps_on_a_whim => ['line.c', 'while (line->first->state != RV_JOB_DONE) {', 'if (line->first->state != RV_JOB_DONE) {'],
    cancel_awaits_nothing => ['line.c', 'while (line->away_cnt)', 'while (false)'],
    cancel_awaits_once => ['line.c', 'while (line->away_cnt)', 'if (line->away_cnt)'],
);

# The scene that finds it, which is played first: all those before it would only take time.
my %scene = (
    news_lost => 'two_jobs_on_one_thread',
    news_of_the_first_only => 'polling',
    begun_twice => 'two_jobs_on_one_thread',
    stays_in_the_ring => 'two_jobs_on_one_thread',
    not_paused => 'a_fork_beside_two_jobs',
    finished_before_it_ran => 'two_jobs_on_one_thread',
    a_call_for_good => 'jobs_that_meet',
    calls_nobody_else => 'jobs_that_meet',
    close_not_told => 'two_jobs_on_one_thread',
    runs_hold_nothing => 'an_executor',
    rest_not_told => 'a_fork_beside_two_jobs',
    end_of_a_pause_not_told => 'a_fork_beside_a_job_that_forks',
    sleeps_on_a_whim => 'two_jobs_on_one_thread',
    cancel_awaits_nothing => 'cancelling_on_one_thread',
    cancel_awaits_once => 'cancelling_on_two_threads',
);

if ($ARGV[0] eq 'names') {
    print join(';', map { "$_=" . ($scene{$_} or die "no scene finds $_\n") } sort keys %twin);
    exit;
}
my ($core, $name, $out) = @ARGV;
my ($file, $from, $to) = @{ $twin{$name} or die "there is no twin $name\n" };
open(my $in, '<', "$core/work/$file") or die "$core/work/$file: $!\n";
my $text = do { local $/; <$in> };
my $cnt = () = $text =~ /\Q$from\E/g;
die "core/work/$file has \"$from\" $cnt times: say in tests/work_twins.pl what to change instead\n" if $cnt != 1;
$text =~ s/\Q$from\E/$to/;
open(my $to_file, '>', $out) or die "$out: $!\n";
print $to_file $text;
close $to_file or die "$out: $!\n";
