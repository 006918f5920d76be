# SPDX-License-Identifier: MIT
# Lint: README.md shows the code of its example, and what the pages name exists. Usage: perl docs.pl ROOT
#
# Links to files, and paths in backticks that begin with a folder of ours, must lead somewhere. The
# example is shown from its third line on, without its licence and purpose.

use strict;
use warnings;
(my $common = $0) =~ s{[^/]*$}{common.pl};
require($common =~ m{^/} ? $common : "./$common");

chdir($ARGV[0] || '.') or die "$ARGV[0]: $!\n";

my $example = 'docs/examples/00_readme.c';
my $ours = qr{^(?:include|core|filters|tools|python|tests|benchmarks|cmake|docs)/[\w./-]*$};
my $seen = 0;

check_readme();
for my $file (grep { !m{/} || m{^docs/} } files('.', qr/\.md$/)) {
    my $text = slurp($file);
    my ($folder) = $file =~ m{^(.*/)[^/]*$};
    $seen++;
    while ($text =~ /\]\(([^)\s#]+)[^)]*\)/g) {
        my ($link, $line) = ($1, line_of($text, $-[0]));
        next if $link =~ /^[a-z]+:/;
        breach($file, $line, "the link $link leads nowhere") if !-e (($folder || '') . $link);
    }
    while ($text =~ /`([^`\n]+)`/g) {
        my ($path, $line) = ($1, line_of($text, $-[0]));
        next if $path !~ $ours || $path =~ /MODULE|NAME/; # these stand for many
        breach($file, $line, "there is no $path") if !-e $path;
    }
}
finish('docs', $seen, 'pages');

sub check_readme {
    my $readme = slurp('README.md');
    (my $code = slurp($example)) =~ s/^(?:[^\n]*\n){2}//;
    if ($readme !~ /^```c\n(.*?)^```$/ms) {
        breach('README.md', 1, 'shows no example');
    } elsif ($1 ne $code) {
        my $at = line_of($readme, $-[1]);
        my @shown = split /\n/, $1;
        my @real = split /\n/, $code;
        my $same = 0;
        $same++ while defined $shown[$same] && defined $real[$same] && $shown[$same] eq $real[$same];
        breach('README.md', $at + $same, "the example differs from $example");
    }
}
