# SPDX-License-Identifier: MIT
# Lint: every public prototype is documented, exported and stands in a header that compiles alone.
# Usage: perl headers.pl ROOT LIBROVE_SO CC [CXX]
#
# LIBROVE_SO may be "-" to leave out the comparison with what the library exports. Without a C++
# compiler the C++ half is left out, unless ROVE_LINT_STRICT is set.

use strict;
use warnings;
(my $common = $0) =~ s{[^/]*$}{common.pl};
require($common =~ m{^/} ? $common : "./$common");

my ($root, $library, $cc, $cxx) = @ARGV;
my @headers;
my %declared;

my $exports = $library eq '-' ? undef : exported($library);
chdir($root) or die "$root: $!\n";
@headers = files('include/rove', qr/\.h$/);
check_comments($_) for @headers;
compare() if $exports;
compile_alone();
finish('headers', scalar @headers, 'headers, ' . keys(%declared) . ' prototypes');

# A statement outside braces that declares a function or an object, or an inline function's head.
sub check_comments {
    my ($file) = @_;
    my $raw = slurp($file);
    my @lines = split /\n/, $raw, -1;
    my $text = blank_directives(blank($raw, 1));
    $text =~ s/\bROVE_(?:BEGIN|END)_DECLS\b/ ' ' x length $& /ge;
    # Bodies and types are blanked: a function pointer in a struct is no prototype.
    1 while $text =~ s/(\{)([^{}]*)(\})/blank_braces($2)/ge;
    while ($text =~ /([^;\001]*)([;\001])/g) {
        my ($head, $end, $at) = ($1, $2, $-[0]);
        my ($lead) = $head =~ /^(\s*)/;
        my $line = line_of($text, $at + length $lead);
        $head =~ s/\002//g;
        my $data = $head =~ /\bextern\b/ && $head !~ /\(/;
        next if $head =~ /^\s*typedef\b/;
        next if !$data && ($head !~ /\(/ || $head =~ /^\s*(?:struct|enum|union)\s+\w+\s*$/);
        $head =~ s/\bROVE_PRINTF\s*\([^()]*\)//g;
        $head =~ s/__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)//g;
        my ($name) = $data ? $head =~ /(\w+)\s*(?:\[.*\])?\s*$/ : $head =~ /(\w+)\s*\(/;
        next if !defined $name || $name =~ /^_?_?[Ss]tatic_assert$/;
        # A directive between the two, as around an attribute, does not part them.
        my $above = $line - 2;
        $above-- while $above >= 0 && $lines[$above] =~ /^\s*#/;
        breach($file, $line, "$name has no comment directly above it")
            if $above < 0 || $lines[$above] !~ m{^\s*//\s*\S|\*/\s*$};
        breach($file, $line, "$name does not begin with rove_") if $name !~ /^rove_/;
        breach($file, $line, "$name has neither ROVE_API nor ROVE_INLINE") if $head !~ /\bROVE_(?:API|INLINE)\b/;
        breach($file, $line, "$name is also declared in $declared{$name}") if $declared{$name};
        $declared{$name} = $file;
    }
}

# \001 ends a statement where a body closed; \002 stands for what was inside.
sub blank_braces {
    my ($inside) = @_;
    (my $space = $inside) =~ s/[^\n]/\002/g;
    return "\002$space\001";
}

sub exported {
    my ($path) = @_;
    my %names;
    open(my $pipe, '-|', 'nm', '-D', '--defined-only', $path) or die "nm: $!\n";
    while (<$pipe>) {
        next if !/^\S+\s+([A-Za-z])\s+([^\s@]+)/ || $1 eq 'A';
        $names{$2} = 1;
    }
    close $pipe or die "nm $path failed\n";
    return \%names;
}

sub compare {
    for my $name (sort keys %declared) {
        breach($declared{$name}, 1, "$name is declared, but the library does not export it")
            if !$exports->{$name};
    }
    for my $name (sort keys %$exports) {
        breach('include/rove', 1, "$name is exported, but no public header declares it")
            if !$declared{$name};
    }
}

# The language's own compiler driver; a C driver with -x c++ works where its C++ half is installed.
sub compile_alone {
    my @warn = qw(-Wall -Wextra -Wpedantic -Wconversion -Werror -fsyntax-only -Iinclude);
    my @cxx = grep { defined && length && works($_) } ($cxx, 'c++', 'g++', 'clang++');
    if (!@cxx) {
        if ($ENV{ROVE_LINT_STRICT}) {
            breach('include/rove', 1, 'no C++ compiler: the headers are not tried as C++17');
        } else {
            print "headers: no C++ compiler, the headers are tried as C11 only\n";
        }
    }
    for my $header (@headers) {
        (my $name = $header) =~ s{^include/}{};
        try($header, 'C11', "#include <$name>\n#include <$name>\nextern int used;\n",
            $cc, '-x', 'c', '-std=c11', @warn, '-Wstrict-prototypes', '-Wshadow', '-');
        try($header, 'C++17', "#include <$name>\n#include <$name>\n",
            $cxx[0], '-x', 'c++', '-std=c++17', @warn, '-') if @cxx;
    }
}

sub works {
    my ($compiler) = @_;
    return run("int main() { return 0; }\n", $compiler, qw(-x c++ -std=c++17 -fsyntax-only -)) == 0;
}

sub try {
    my ($header, $as, $source, @command) = @_;
    breach($header, 1, "does not compile alone as $as (@command)") if run($source, @command) != 0;
}

sub run {
    my ($source, @command) = @_;
    my $pid = open(my $pipe, '|-');
    die "fork: $!\n" if !defined $pid;
    if ($pid == 0) {
        open(STDERR, '>', '/dev/null') if $source =~ /^int main/;
        open(STDOUT, '>&', \*STDERR);
        exec(@command) or exit 127;
    }
    local $SIG{PIPE} = 'IGNORE';
    print $pipe $source;
    close $pipe;
    return $?;
}
