# SPDX-License-Identifier: MIT
# Lint: files, functions and parameter lists stay small. Usage: perl lengths.pl ROOT
#
# A function is counted from the first line of its signature to its closing brace. There is no list
# of exceptions, and no comment switches the lint off.

use strict;
use warnings;
(my $common = $0) =~ s{[^/]*$}{common.pl};
require($common =~ m{^/} ? $common : "./$common");

chdir($ARGV[0] || '.') or die "$ARGV[0]: $!\n";

my ($max_function, $max_params) = (60, 5);
my %max_file = (core => 450, filters => 600, python => 600);
my $seen = 0;

for my $folder (sort keys %max_file) {
    for my $file (files($folder, qr/\.[ch]$/)) {
        my $lines = () = slurp($file) =~ /\n/g;
        breach($file, $lines, "$lines lines, at most $max_file{$folder}")
            if $lines > $max_file{$folder};
    }
}
for my $file (files('core', qr/\.[ch]$/), files('filters', qr/\.[ch]$/),
              files('python', qr/\.[ch]$/), files('include/rove', qr/\.h$/)) {
    my $text = blank(slurp($file), 1);
    check_macros($file, $text);
    $text = blank_directives($text);
    check_functions($file, $text);
    check_prototypes($file, $text);
    $seen++;
}
finish('lengths', $seen, 'files');

# A function-like macro is a function that the braces below do not show.
sub check_macros {
    my ($file, $text) = @_;
    while ($text =~ /^([ \t]*#[ \t]*define[ \t]+(\w+)(?:[^\n\\]|\\.|\\\n)*)/msg) {
        my ($body, $name, $at) = ($1, $2, $-[0]);
        my $lines = 1 + ($body =~ tr/\n//);
        breach($file, line_of($text, $at), "macro $name has $lines lines, at most $max_function")
            if $lines > $max_function;
    }
}

# Walks the braces. What stands before a brace at the outermost level tells a function from a type
# or an initialiser; `extern "C" {` does not nest, as its string was blanked to `extern {`.
sub check_functions {
    my ($file, $text) = @_;
    my ($depth, $head_at, $open_at, $head, $shallow) = (0, 0, 0, '', 0);
    while ($text =~ /([{};])/g) {
        my ($token, $at) = ($1, $-[0]);
        if ($token eq '{') {
            if ($depth == 0) {
                ($head, $open_at) = (substr($text, $head_at, $at - $head_at), $head_at);
                if ($head =~ /^\s*extern\s*$/) {
                    ($head_at, $shallow) = ($at + 1, $shallow + 1);
                    next;
                }
            }
            $depth++;
        } elsif ($token eq '}') {
            if ($depth == 0 && $shallow > 0) {
                ($head_at, $shallow) = ($at + 1, $shallow - 1);
                next;
            }
            $depth--;
            last if $depth < 0;
            if ($depth == 0) {
                measure($file, $text, $head, $open_at, $at) if is_function($head);
                $head_at = $at + 1;
            }
        } elsif ($depth == 0) {
            $head_at = $at + 1;
        }
    }
    breach($file, line_of($text, length $text), "the braces do not balance outside #if")
        if $depth != 0;
}

sub is_function {
    my ($head) = @_;
    return $head =~ /\)\s*(?:__attribute__\s*\(\(.*\)\)\s*)?$/s && $head !~ /=/;
}

sub measure {
    my ($file, $text, $head, $from, $to) = @_;
    my ($lead) = $head =~ /^(\s*)/;
    (my $plain = $head) =~ s{__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)}{}g;
    my ($name) = $plain =~ /(\w+)\s*\(/;
    my $first = line_of($text, $from + length $lead);
    my $lines = line_of($text, $to) - $first + 1;
    breach($file, $first, "$name has $lines lines, at most $max_function") if $lines > $max_function;
    count_params($file, $first, $head);
}

sub check_prototypes {
    my ($file, $text) = @_;
    return if $file !~ /\.h$/;
    while ($text =~ /(?:^|[;}])\s*((?:ROVE_API\s|ROVE_MUST_CHECK\s)[^;{}]*\([^;{}]*\))\s*;/g) {
        count_params($file, line_of($text, $-[1]), $1);
    }
}

# Counts the commas in the first parenthesis after the name, attributes aside.
sub count_params {
    my ($file, $line, $head) = @_;
    $head =~ s/__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)//g;
    return if $head !~ /(\w+)\s*\(/g;
    my ($name, $depth, $count) = ($1, 1, 1);
    my $from = pos $head;
    return if substr($head, $from) =~ /^\s*(?:void)?\s*\)/;
    while ($depth > 0 && $head =~ /([(),])/g) {
        $depth++ if $1 eq '(';
        $depth-- if $1 eq ')';
        $count++ if $1 eq ',' && $depth == 1;
    }
    breach($file, $line, "$name has $count parameters, at most $max_params") if $count > $max_params;
}
