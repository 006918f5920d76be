# SPDX-License-Identifier: MIT
# Lint: the pages show the code of the examples as it is, and what they name exists. Usage: perl docs.pl ROOT
#
# Links to files, and paths in backticks that begin with a folder of ours, must lead somewhere. README.md
# shows its example from the third line on, without its licence and purpose. A block that is opened by
# "```c NAME.c" stands in that example literally, and of each example from 10 on some page shows something.

use strict;
use warnings;
(my $common = $0) =~ s{[^/]*$}{common.pl};
require($common =~ m{^/} ? $common : "./$common");

chdir($ARGV[0] || '.') or die "$ARGV[0]: $!\n";

my $example = 'docs/examples/00_readme.c';
my $ours = qr{^(?:include|core|filters|tools|python|tests|benchmarks|cmake|docs)/[\w./-]*$};
my $seen = 0;
my %shown;

check_readme();
for my $file (grep { !m{/} || m{^docs/} } files('.', qr/\.md$/)) {
    my $text = slurp($file);
    my ($folder) = $file =~ m{^(.*/)[^/]*$};
    $seen++;
    check_shown($file, $text);
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
for my $file (files('docs/examples', qr{/[1-9]\d_[^/]*\.c$})) {
    my ($name) = $file =~ m{([^/]*)$};
    breach($file, 1, 'no page shows anything of it') if !$shown{$name};
}
finish('docs', $seen, 'pages');

sub check_shown {
    my ($file, $text) = @_;
    while ($text =~ /^```c (\S+)\n(.*?)^```$/msg) {
        my ($name, $code, $line) = ($1, $2, line_of($text, $-[0]));
        my $example = "docs/examples/$name";
        $shown{$name} = 1;
        if (!-e $example) {
            breach($file, $line, "there is no $example");
        } elsif (index(slurp($example), $code) < 0) {
            breach($file, $line, "the block is not in $example as it stands here");
        }
    }
}

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
