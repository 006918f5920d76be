# SPDX-License-Identifier: MIT
# Lint: whatever is public is documented, as Doxygen reads it; every prototype is exported; every header compiles alone.
# Usage: perl headers.pl ROOT LIBROVE_SO CC [CXX]
#
# LIBROVE_SO may be "-" to leave out the comparison with what the library exports, CC to compile nothing. Without a C++
# compiler the C++ half is left out, unless ROVE_LINT_STRICT is set. A header of C++ (.hpp) is tried as C++17; the
# one that includes all also without exceptions, and as C++20.

use strict;
use warnings;
(my $common = $0) =~ s{[^/]*$}{common.pl};
require($common =~ m{^/} ? $common : "./$common");

my ($root, $library, $cc, $cxx) = @ARGV;
my @headers;
my (%declared, %defined, %forward);

my $exports = $library eq '-' ? undef : exported($library);
chdir($root) or die "$root: $!\n";
@headers = files('include/rove', qr/\.h$/);
check_comments($_) for @headers;
check_types($_) for @headers;
check_forward();
compare() if $exports;
compile_alone() if $cc ne '-';
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
            if $above < 0 || $lines[$above] !~ m{^\s*///\s*\S};
        breach($file, $line, "$name does not begin with rove_") if $name !~ /^rove_/;
        breach($file, $line, "$name has neither ROVE_API nor ROVE_INLINE") if $head !~ /\bROVE_(?:API|INLINE)\b/;
        breach($file, $line, "$name is also declared in $declared{$name}") if $declared{$name};
        $declared{$name} = $file;
    }
}

# Macros, types and their members, line by line: a comment stands above (///) or behind (///<).
sub check_types {
    my ($file) = @_;
    my @lines = split /\n/, slurp($file), -1;
    my ($inside, %macros) = ('');
    breach($file, 2, 'does not open with /// @file and what it is') if join("\n", @lines[1, 2]) !~ m{^/// \@file\n/// \S};
    for my $i (0 .. $#lines) {
        my $line = $lines[$i];
        my $above = $i - 1;
        $above-- while $above > 0 && $lines[$above] =~ /^\s*#\s*(?:if|else|elif)/;
        my $told = $line =~ m{///< \S} || $lines[$above] =~ m{^\s*/// ?\S};
        if ($line =~ /^#\s*define\s+(\w+)/) {
            my $name = $1; # where it is defined again, another compiler is meant
            breach($file, $i + 1, "macro $name has no comment")
                if !$told && !$macros{$name} && $lines[ $i - 1 ] ne "#ifndef $name";
            $macros{$name} = 1;
        } elsif ($line =~ /^typedef .*?(\w+)(?:\(.*\))?;/) {
            breach($file, $i + 1, "typedef $1 has no comment") if !$told;
        } elsif ($line =~ /^struct (rove_\w+);/) {
            $told ? $defined{$1} = 1 : ($forward{$1} = [$file, $i + 1]);
        } elsif ($line =~ /^((?:struct|enum|union) (\w+)) \{/) {
            ($inside, $defined{$2}) = ($1, 1);
            breach($file, $i + 1, "$inside has no comment") if !$told;
        } elsif ($inside && $line =~ /^\}/) {
            $inside = '';
        } elsif ($inside && $line =~ /^    \w/) {
            breach($file, $i + 1, "$inside: the member in this line has no comment") if !$told;
        }
    }
}

sub check_forward {
    for my $name (sort keys %forward) {
        breach(@{ $forward{$name} }, "struct $name is defined nowhere and has no comment") if !$defined{$name};
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
    for my $header (@cxx ? files('include/rove', qr/\.hpp$/) : ()) {
        (my $name = $header) =~ s{^include/}{};
        my @ways = ('c++17', $name =~ /rove\.hpp$/ ? ('c++17 -fno-exceptions', 'c++20') : ());
        # Where amounts are scaled down, what test_hpp_17 and test_hpp_20 compile is left to them.
        @ways = $ways[1] if @ways > 1 && ($ENV{ROVE_TEST_SCALE} // 1) =~ /^[0.]/;
        for my $as (@ways) {
            try($header, $as, "#include <$name>\n#include <$name>\n",
                $cxx[0], '-x', 'c++', (split / /, "-std=$as"), @warn, '-Wshadow', '-');
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
