# SPDX-License-Identifier: MIT
# test_run.pl: how run.pl reads the commands of a build.

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename;

my $here = abs_path(dirname($0));
require "$here/run.pl";

my %commands = (
    'cc -c x.c' => 'cc -c x.c',
    'ccache cc -c x.c' => 'cc -c x.c',
    '/usr/bin/ccache /usr/bin/cc -c x.c' => '/usr/bin/cc -c x.c',
    '/usr/lib/ccache/cc -c x.c' => '/usr/lib/ccache/cc -c x.c', # a link to ccache, which finds the compiler
    '/opt/ccache/bin/cc -DX=1 -c x.c' => '/opt/ccache/bin/cc -DX=1 -c x.c',
);
my $failed = 0;
for my $command (sort keys %commands) {
    my $got = without_ccache($command);
    next if $got eq $commands{$command};
    print "FAILED: $command: became $got\n";
    $failed++;
}
exit($failed ? 1 : 0);
