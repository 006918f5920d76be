# SPDX-License-Identifier: MIT
# run.pl: compiles a mutant as the build would, links the tests with it and runs them.

use strict;
use warnings;
use File::Basename;
use Time::HiRes qw(time sleep);
use POSIX qw(:sys_wait_h);

my %in;             # what setup() was given
my @commands;       # of compile_commands.json: file, directory, output, words

# tests.txt: "PATTERN: PROGRAM[/CASE+CASE...]..."; the first pattern that a path matches tells its programs.
sub read_tests {
    my ($path) = @_;
    my @found;
    for (split /\n/, slurp_file($path)) {
        next if /^#/ || /^\s*$/;
        if (/^\s+(.*)/) {
            push @{ $found[-1][1] }, split(' ', $1);
        } elsif (/^(\S+):\s*(.*)$/) {
            push @found, [qr{^$1$}, [split ' ', $2]];
        } else {
            die "$path: not understood: $_\n";
        }
    }
    return @found;
}

sub setup {
    %in = %{ $_[0] };
    my $entries = decode_json(slurp_file("$in{build}/compile_commands.json"));
    for my $entry (@$entries) {
        my $command = $entry->{command} =~ s/\\"/"/gr;
        my ($output) = $command =~ / -o (\S+)/;
        my $file = $entry->{file} =~ s{^\Q$in{root}\E/}{}r;
        push @commands, { file => $file, dir => $entry->{directory}, output => $output,
            command => $entry->{command} };
    }
    $ENV{ROVE_TEST_SCALE} //= '0.02';
    $ENV{ROVE_TEST_FAIL_FAST} = 1;
    delete $ENV{ROVE_SEED};
}

sub tests_of {
    my ($file) = @_;
    for my $row (@{ $in{tests} }) {
        return @{ $row->[1] } if $file =~ $row->[0];
    }
    die "tests.txt names no tests for $file\n";
}

# The objects that a mutant of the file changes: its own in each variant, or for a header those of all
# sources that include it.
sub objects_of {
    my ($file) = @_;
    return grep { $_->{file} eq $file && library_object($_) } @commands if $file !~ /\.h$/;
    return grep { library_object($_) && includes($_, $file) } @commands;
}

sub library_object {
    my ($entry) = @_;
    return $entry->{output} =~ m{/rove_(?:core|filters)(?:_tiny)?\.dir/|/rove_plugin_\w+\.dir/};
}

sub includes {
    my ($entry, $file) = @_;
    my $depends = "$entry->{dir}/$entry->{output}.d";
    return -e $depends && slurp_file($depends) =~ m{\Q/$file\E\b};
}

sub shell_quiet {
    my ($dir, $command) = @_;
    my $pid = fork;
    defined $pid or return 1;
    if (!$pid) {
        chdir $dir or POSIX::_exit(127);
        open(STDOUT, '>', '/dev/null');
        open(STDERR, '>', '/dev/null');
        open(STDIN, '<', '/dev/null');
        exec('/bin/sh', '-c', "exec $command") or POSIX::_exit(127);
    }
    waitpid($pid, 0);
    return $?;
}

# A mutant is compiled once. A compiler that lies in a folder of that name stays: it is one.
sub without_ccache {
    my ($command) = @_;
    $ENV{CCACHE_DISABLE} = 1;
    return $command =~ s{^(?:\S*/)?ccache }{}r;
}

# compile(ENTRY, SOURCE or undef, OVERLAY, OBJECT): without debug data and under the original's name, so that
# equal code is equal bytes.
sub compile {
    my ($entry, $source, $overlay, $object) = @_;
    my $command = $entry->{command};
    $command = without_ccache($command);
    $command =~ s/ -Werror\b| -g\b| -Wall\b| -Wextra\b//g;
    $command =~ s{ -o \S+}{ -o $object};
    my $dir = dirname("$in{root}/$entry->{file}");
    if (defined $source) {
        $command =~ s{ -c \S+$}{ -c $source};
        $command .= " -iquote $dir";
    }
    $command =~ s{ -D}{ -I$overlay/core -iquote $overlay/filters -D} if defined $overlay;
    $command .= " -ffile-prefix-map=$1=$in{root}/" if $object =~ m{^(.*/)[^/]*$};
    return shell_quiet($entry->{dir}, "$command -w -g0") == 0;
}

# The unharmed object of an entry, compiled once.
sub plain {
    my ($entry) = @_;
    my $object = "$in{work}/plain_" . ($entry->{output} =~ s{[/.]}{_}gr) . '.o';
    return $object if -e $object;
    compile($entry, undef, undef, "$object.$$") or die "the unharmed $entry->{file} does not compile\n";
    rename "$object.$$", $object or die "$object: $!\n";
    return $object;
}

# Objects of the mutant: [ENTRY, PATH]...; undef when it does not compile, [] when nothing changes.
sub compile_mutant {
    my ($mutant, $dir) = @_;
    my $is_header = $mutant->{file} =~ /\.h$/;
    my $path = "$dir/$mutant->{file}";
    File::Path::make_path(dirname($path));
    write_file($path, mutated($in{root}, $mutant));
    my (@objects, $differs);
    for my $entry (objects_of($mutant->{file})) {
        my $object = "$dir/" . ($entry->{output} =~ s{[/.]}{_}gr) . '.o';
        return unless compile($entry, $is_header ? (undef, $dir) : ($path, undef), $object);
        $differs ||= slurp_file($object) ne slurp_file(plain($entry));
        push @objects, [$entry, $object];
    }
    @objects or die "$mutant->{file} is compiled nowhere\n";
    return [$differs ? @objects : ()];
}

sub write_file {
    my ($path, $text) = @_;
    open(my $out, '>', $path) or die "$path: $!\n";
    print {$out} $text;
    close $out or die "$path: $!\n";
}

# link_test(PROGRAM, OBJECTS, DIR): the program with the mutant's objects before the archive, which then
# has nothing left to give for them. Returns its path.
sub link_test {
    my ($program, $objects, $dir) = @_;
    my $dot = "$in{build}/tests/CMakeFiles/$program.dir/link.txt";
    return unless -e $dot;
    my $command = slurp_file($dot) =~ s/\s+$//r;
    my $tiny = $command =~ /librove_tiny\.a/;
    my @own = map { $_->[1] }
        grep { $_->[0]{output} =~ ($tiny ? qr{/rove_(?:core|filters)_tiny\.dir/} : qr{/rove_(?:core|filters)\.dir/}) }
        @$objects;
    $command =~ s{ -o \S+}{ @own -o $dir/$program};
    $command =~ s/ -g\b//;
    return shell_quiet("$in{build}/tests", $command) == 0 ? "$dir/$program" : undef;
}

# Plugins are linked anew into the folder that ROVE_TEST_PLUGIN_DIR names; the tests look there first.
sub link_plugins {
    my ($objects, $dir) = @_;
    my $made = 0;
    for my $pair (@$objects) {
        my ($target) = $pair->[0]{output} =~ m{/(rove_plugin_\w+)\.dir/} or next;
        my $command = slurp_file("$in{build}/filters/CMakeFiles/$target.dir/link.txt") =~ s/\s+$//r;
        $command =~ s{\Q$pair->[0]{output}\E}{$pair->[1]};
        $command =~ s{ -o (\S+)}{ -o $dir/$1};
        return unless shell_quiet($pair->[0]{dir}, $command) == 0;
        $made++;
    }
    return $made;
}

# run_test(PATH, CASES, SECONDS, DIR): (true when it passed, processor seconds that it took). It may take SECONDS of
# the processor, and twenty times as long by the clock, as others use the machine too; its files are bounded.
sub run_test {
    my ($path, $cases, $seconds, $dir) = @_;
    my $before = children_seconds();
    my $pid = fork;
    defined $pid or die "fork: $!\n";
    if (!$pid) {
        setpgrp(0, 0);
        chdir $dir;
        open(STDOUT, '>', '/dev/null');
        open(STDERR, '>', '/dev/null');
        open(STDIN, '<', '/dev/null');
        $ENV{TMPDIR} = $dir;
        $ENV{ROVE_TEST_PLUGIN_DIR} = $dir;
        exec('/bin/sh', '-c', 'ulimit -c 0; ulimit -f 8388608; ulimit -t "$1"; shift; exec "$0" "$@"',
            $path, int($seconds + 1), @$cases) or POSIX::_exit(127);
    }
    my ($end, $passed) = (time + 20 * $seconds, 0);
    while (1) {
        if (waitpid($pid, WNOHANG) == $pid) {
            $passed = $? == 0;
            last;
        }
        if (time > $end) {
            kill 'KILL', -$pid;
            waitpid($pid, 0);
            last;
        }
        sleep 0.01;
    }
    return ($passed, children_seconds() - $before);
}

sub children_seconds {
    my (undef, undef, $user, $system) = times;
    return $user + $system;
}

# What a test program takes unharmed, measured once: far more than that is a hang.
sub usual_seconds {
    my ($program, $cases) = @_;
    my $kept = "$in{work}/usual_" . join('+', $program, map { substr($_, 0, 6) } @$cases);
    return slurp_file($kept) if -e $kept;
    my ($passed, $seconds) = run_test("$in{build}/tests/$program", $cases, 300, $in{work});
    $passed or die "$program fails without a mutant\n";
    write_file("$kept.$$", $seconds);
    rename "$kept.$$", $kept or die "$kept: $!\n";
    return $seconds;
}

# try_mutant(MUTANT, DIR): (OUTCOME, PROGRAM)
sub try_mutant {
    my ($mutant, $dir) = @_;
    my $objects = eval { compile_mutant($mutant, $dir) };
    return ('error', $@ =~ s/\s+/ /gr) if $@;
    return ('invalid', '-') unless $objects;
    return ('same', '-') unless @$objects;
    defined link_plugins($objects, $dir) or return ('error', 'plugin');
    my $left = $in{seconds};
    for my $entry (tests_of($mutant->{file})) {
        my ($program, @cases) = split m{[/+]}, $entry;
        my $path = -e "$dir/$program" ? "$dir/$program" : link_test($program, $objects, $dir);
        defined $path or return ('error', "link of $program");
        my $usual = eval { usual_seconds($program, \@cases) } // return ('error', $@ =~ s/\s+/ /gr);
        next if $usual > $left;
        my ($passed, $took) = run_test($path, \@cases, 2 + 4 * $usual, $dir);
        return ('killed', $program) unless $passed;
        $left -= $took;
    }
    return ('survived', '-');
}

1;
