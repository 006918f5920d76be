# SPDX-License-Identifier: MIT
# Lint: no marks of unfinished work and no private paths in any text file. Usage: perl words.pl ROOT
#
# What is unfinished belongs into an issue; a path of one machine breaks on every other.

use strict;
use warnings;
(my $common = $0) =~ s{[^/]*$}{common.pl};
require($common =~ m{^/} ? $common : "./$common");

chdir($ARGV[0] || '.') or die "$ARGV[0]: $!\n";

# Each pattern is written so that it does not match itself.
my @forbidden = (
    [qr/\bT[O]DO\b|\bF[I]XME\b|\bX[X]X\b|\bH[A]CK\b/, 'marks unfinished work'],
    [qr{(?<![\w.])/(?:w[o]rk/|r[o]ot(?:/|\b))|/h[o]me/\w}, 'is a path of one machine'],
);
my $seen = 0;

for my $file (files('.', qr/./)) {
    next if !-T $file || -z $file;
    $seen++;
    my $number = 0;
    for my $line (split /\n/, slurp($file)) {
        $number++;
        for my $rule (@forbidden) {
            breach($file, $number, "\"$&\" $rule->[1]") if $line =~ $rule->[0];
        }
    }
}
finish('words', $seen, 'files');
