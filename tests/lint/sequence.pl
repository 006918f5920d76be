# SPDX-License-Identifier: MIT
# Lint: which argument of a call is computed first is open (C11 6.5.2.2), and compilers differ. So at most one of them is
# a call that is given an address, and might change what another one looks at. Usage: perl sequence.pl ROOT

use strict;
use warnings;
(my $common = $0) =~ s{[^/]*$}{common.pl};
require($common =~ m{^/} ? $common : "./$common");

chdir($ARGV[0] || '.') or die "$ARGV[0]: $!\n";

# Those that only look.
my $looks = qr/^(?:lzma_block_total_size|strlen|mem(?:cmp|chr)|rove_\w+_(?:len|cnt)|index_figures|kit_same)$/;
my $seen = 0;

for my $file (map { files($_, qr/\.(?:c|cc|cpp|h|hpp)$/) } qw(core filters include tools python benchmarks docs tests)) {
    check($file, blank_directives(blank(slurp($file), 1)));
    $seen++;
}
finish('sequence', $seen, 'files');

sub check {
    my ($file, $text) = @_;
    while ($text =~ /\b([a-z]\w*)(\((?:[^(){};]++|(?2))*+\))/g) {
        my ($name, $list, $at) = ($1, $2, $-[0]);
        pos($text) = $at + length $name;
        next if $name =~ /^(?:if|while|for|switch|return|sizeof|defined)$/;
        my @changing = grep { changes($_) } arguments(substr($list, 1, -1));
        breach($file, line_of($text, $at), "$name: two of its arguments are calls that are given an address")
            if @changing > 1;
    }
}

# The pieces between commas that stand in no parenthesis or bracket.
sub arguments {
    my ($list) = @_;
    my ($depth, @all) = (0, '');
    for my $char (split //, $list) {
        $depth += $char =~ /[(\[]/ ? 1 : $char =~ /[)\]]/ ? -1 : 0;
        if ($char eq ',' && $depth == 0) {
            push @all, '';
        } else {
            $all[-1] .= $char;
        }
    }
    return @all;
}

sub changes {
    my ($argument) = @_;
    while ($argument =~ /\b([a-z]\w*)\(([^()]*)/g) {
        return 1 if $1 !~ /^sizeof$/ && $1 !~ $looks && $2 =~ /(?:^|,)\s*&\w/;
    }
    return 0;
}
