# SPDX-License-Identifier: MIT
# Lint: every source is named in its folder's CMakeLists.txt. Usage: perl listed.pl ROOT
#
# The lists are written by hand; a file that is in none of them is compiled by nobody.

use strict;
use warnings;
(my $common = $0) =~ s{[^/]*$}{common.pl};
require($common =~ m{^/} ? $common : "./$common");

chdir($ARGV[0] || '.') or die "$ARGV[0]: $!\n";

my $seen = 0;

for my $folder (qw(core filters tools tests benchmarks python)) {
    my %list;
    for my $cmake (files($folder, qr{(?:^|/)CMakeLists\.txt$})) {
        (my $text = slurp($cmake)) =~ s/#[^\n]*//g;
        (my $base = $cmake) =~ s{CMakeLists\.txt$}{};
        $list{"$base$_"} = 1 for $text =~ m{([\w./+-]+\.(?:c|cc|cpp))\b}g;
    }
    for my $file (files($folder, qr/\.(?:c|cc|cpp)$/)) {
        $seen++;
        breach($file, 1, "is in no CMakeLists.txt below $folder/") if !$list{$file};
    }
}
finish('listed', $seen, 'sources');
