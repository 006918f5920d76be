# SPDX-License-Identifier: MIT
# Lint: the pages show the code of the examples as it is, and what they name exists. Usage: perl docs.pl ROOT
#
# Links to files, and paths in backticks that begin with a folder of ours, must lead somewhere. The
# example is shown from its third line on, without its licence and purpose.
#
# Pages show code of files that are compiled. Under the mark "code: FILE", in a comment of HTML, what stands in fences of c and
# cpp is in that file, but for how it is indented; under "code and tables: FILE" so is each piece of code in the last
# column of a table. A line of prose has at most 150 characters. Each figure in a table of README.md that has a unit stands in docs/benchmarks.md, too. Of
# each example from 10 on some page shows something.

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
check_figures();
for my $file (grep { !m{/} || m{^docs/} } files('.', qr/\.md$/)) {
    my $text = slurp($file);
    my ($folder) = $file =~ m{^(.*/)[^/]*$};
    $seen++;
    while ($text =~ /\]\(([^)\s#]+)[^)]*\)/g) {
        my ($link, $line) = ($1, line_of($text, $-[0]));
        next if $link =~ /^[a-z]+:/;
        breach($file, $line, "the link $link leads nowhere") if !-e (($folder || '') . $link);
    }
    check_code($file, $folder || '', $text);
    check_width($file, $text);
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

# Tables, code and drawings are as wide as they must be.
sub check_width {
    my ($file, $text) = @_;
    my ($line, $fenced) = (0, 0);
    for my $row (split /\n/, $text) {
        $line++;
        $fenced = !$fenced if $row =~ /^```/;
        my $len = () = $row =~ /[^\x80-\xbf]/g; # UTF-8
        breach($file, $line, "a line of $len characters; 150 are enough") if $len > 150 && !$fenced && $row !~ /^(?:\||    )/;
    }
}

sub check_figures {
    my $pages = join '', map { slurp($_) } files('docs', qr/^docs\/benchmarks[^\/]*\.md$/);
    my $line = 0;
    for my $row (split /\n/, slurp('README.md')) {
        $line++;
        next if $row !~ /^\|/;
        while ($row =~ /\b(\d+(?:\.\d+)? (?:[num]?s|[MG]B\/s))(?=[ ,|])/g) {
            breach('README.md', $line, "$1 stands in no row of docs/benchmarks.md") if $pages !~ /[| (]\Q$1\E[ )]/;
        }
    }
}

sub check_code {
    my ($file, $folder, $text) = @_;
    my ($name, $tables, $source, $shown, $from);
    my @lines = split /\n/, $text;
    for my $line (1 .. @lines) {
        local $_ = $lines[$line - 1];
        if (/^<!-- code( and tables)?: (\S+) -->$/) {
            ($tables, $name, $source) = ($1, "$folder$2", '');
            $shown{$1} = 1 if $name =~ m{([^/]*)$};
            if (-e $name) { $source = squeezed(slurp($name)) }
            else { breach($file, $line, "there is no $name to show code of") }
        } elsif (!defined $source) {
            next;
        } elsif (defined $shown) {
            if (!/^```$/) { $shown .= "$_\n"; next }
            breach($file, $from, "this code is not in $name") if index($source, squeezed($shown)) < 0;
            undef $shown;
        } elsif (/^```(?:c|cpp)$/) {
            ($shown, $from) = ('', $line);
        } elsif ($tables && /^\|/) {
            my ($last) = /\|((?:[^|\\]|\\.)*)\|\s*$/ or next;
            $last =~ s/\\\|/|/g;
            while ($last =~ /`([^`]+)`/g) {
                breach($file, $line, "`$1` is not in $name") if index($source, squeezed($1)) < 0;
            }
        }
    }
}

# Without the blanks at the ends, and one in place of others.
sub squeezed {
    my ($text) = @_;
    $text =~ s/\s+/ /g;
    $text =~ s/^ | $//g;
    return $text;
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
