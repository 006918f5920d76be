#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# mutate.pl: are the tests sharp? Plants one small fault at a time and asks the module's tests to see it.
#
#     mutate.pl --build DIR [--jobs N] [--most N] [--seed N] [--seconds N]
#               [--only PATTERN] [--again LOG] [--list] FILE...
#
# A mutant is a source file of the library with one place changed (operators.pl). It is compiled as the
# build would, put in front of the archive when the module's test programs are linked, and those are run
# (tests.txt), the quick ones first. The first that fails, crashes or hangs kills it. A mutant that does
# not compile, or whose machine code is that of the original, is none and is not counted.
#
# What survives is printed with its line. equivalent.txt lists survivors that no test could kill, or that
# none should, each with the reason; they are counted apart, and a line of it that is no longer met with
# is said. Of each file at most --most mutants are drawn; --seed draws others. The tests of one mutant may take
# --seconds of the processor (60); programs that would take longer are left out.
# --only: those whose line, as it is printed, matches. --again: those that survived in the log of another run.
#
# Exit status: 0 when all were killed or are explained, 1 when some survived, 2 for wrong usage.

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename;
use File::Path qw(make_path remove_tree);
use File::Temp qw(tempdir);
use Getopt::Long;
use JSON::PP;
use POSIX qw(:sys_wait_h);
use Time::HiRes qw(time sleep);

my $here = abs_path(dirname($0));
my $root = abs_path("$here/../..");
require "$here/operators.pl";
require "$here/run.pl";

my ($build, $jobs, $most, $seed, $seconds, $list) = ("$root/build/test", 2, 0, 1, 60, 0);
my ($only, $again);
GetOptions('build=s' => \$build, 'jobs=i' => \$jobs, 'most=i' => \$most, 'seed=i' => \$seed,
    'seconds=i' => \$seconds, 'only=s' => \$only, 'again=s' => \$again, 'list' => \$list)
    or exit 2;
my @files = map { my $f = abs_path($_) || die "$_: $!\n"; $f =~ s{^\Q$root\E/}{}r } @ARGV;
@files or die "usage: mutate.pl [--build DIR] [--jobs N] [--most N] [--seed N] [--seconds N] [--only PATTERN] [--again LOG] "
    . "[--list] FILE...\n";

$build = abs_path($build) // die "$build: $!\n";

my %equivalent = read_equivalent("$here/equivalent.txt");
my @tests = read_tests("$here/tests.txt");
my $work = tempdir('mutate-XXXXXX', TMPDIR => 1, CLEANUP => 1);

# ---- The mutants ----

my %survivors;
if (defined $again) {
    my $log = slurp_file($again);
    $survivors{$1} = 1 while $log =~ /^ *\d+\/\d+ survived .*?: ([^:\n]* \| .*)$/mg;
}

sub wanted {
    my ($mutant) = @_;
    return (!defined $only || told($mutant) =~ /$only/)
        && (!defined $again || exists $survivors{ key_of($mutant) });
}

my @mutants;
for my $file (@files) {
    my @found = grep { wanted($_) } mutants_of($root, $file);
    # The same draw on every machine: by a hash of what is changed, not by its place.
    my @drawn = sort { $a->{rank} cmp $b->{rank} } map { { %$_, rank => rank($seed, $_) } } @found;
    splice(@drawn, $most) if $most && @drawn > $most;
    push @mutants, sort { $a->{line} <=> $b->{line} || $a->{col} <=> $b->{col} } @drawn;
}
if ($list) {
    print told($_), "\n" for @mutants;
    print scalar(@mutants), " mutants\n";
    exit 0;
}

# ---- Running them ----

setup({ root => $root, build => $build, work => $work, tests => \@tests, seconds => $seconds });
my ($next, %busy, @done) = (0);
my $began = time;
while ($next < @mutants || %busy) {
    while ($next < @mutants && keys %busy < $jobs) {
        my $number = $next++;
        my $pid = fork;
        defined $pid or die "fork: $!\n";
        if (!$pid) {
            setpgrp(0, 0);
            my $dir = "$work/$number";
            make_path($dir);
            my $start = time;
            my ($outcome, $by) = try_mutant($mutants[$number], $dir);
            $by .= sprintf(' in %.1f s', time - $start);
            open(my $out, '>', "$work/$number.result") or POSIX::_exit(3);
            print {$out} "$outcome $by\n";
            close $out;
            remove_tree($dir);
            POSIX::_exit(0);
        }
        $busy{$pid} = $number;
    }
    my $pid = waitpid(-1, 0);
    next unless exists $busy{$pid};
    my $number = delete $busy{$pid};
    my $mutant = $mutants[$number];
    my $line = -e "$work/$number.result" ? slurp_file("$work/$number.result") : "error -\n";
    @$mutant{qw(outcome by)} = $line =~ /^(\S+) (.*)$/m;
    push @done, $mutant;
    my $said = $mutant->{outcome};
    $said .= " ($mutant->{by})";
    printf "%4d/%d %s: %s\n", scalar @done, scalar @mutants, $said, told($mutant)
        if $ENV{ROVE_MUTATE_VERBOSE} || $said =~ /^(survived|error)/;
    STDOUT->flush();
}

# ---- The sums ----

my %sum = (killed => 0, survived => 0, explained => 0, same => 0, invalid => 0, error => 0);
my %of;
for my $mutant (@done) {
    my $outcome = $mutant->{outcome};
    if ($outcome eq 'survived' && exists $equivalent{key_of($mutant)}) {
        $outcome = 'explained';
        $equivalent{key_of($mutant)}{met} = 1;
    }
    $sum{$outcome}++;
    $of{ $mutant->{file} }{$outcome}++;
}
print "\n";
for my $file (sort keys %of) {
    my %o = (killed => 0, survived => 0, explained => 0, %{ $of{$file} });
    printf "%-28s killed %3d, survived %3d, explained %3d\n", $file,
        @o{qw(killed survived explained)};
}
my $counted = $sum{killed} + $sum{survived} + $sum{explained};
printf "mutate: %d mutants, %d killed, %d survived, %d explained; %.1f %% killed; "
    . "not counted: %d of the same code, %d that do not compile, %d errors; %.0f s\n",
    $counted, @sum{qw(killed survived explained)}, $counted ? 100 * $sum{killed} / $counted : 0,
    @sum{qw(same invalid error)}, time - $began;
exit($sum{survived} || $sum{error} ? 1 : 0);
