# SPDX-License-Identifier: MIT
# Lint: every source opens with its licence and, on the next line, its purpose. Usage: perl spdx.pl ROOT

use strict;
use warnings;
(my $common = $0) =~ s{[^/]*$}{common.pl};
require($common =~ m{^/} ? $common : "./$common");

chdir($ARGV[0] || '.') or die "$ARGV[0]: $!\n";

my $sources = qr{\.(?:c|h|cc|cpp|hpp|sh|pl|py|pyi|cmake|cmake\.in|pc\.in|map)$
    |(?:^|/)(?:CMakeLists\.txt|run|\.clang-format|\.editorconfig|\.gitignore)$}x;
my $seen = 0;

for my $file (files('.', $sources)) {
    my @lines = split /\n/, slurp($file);
    splice(@lines, 1, 1) if ($lines[1] || '') eq '/// @file'; # the purpose of a public header follows
    my $at = @lines && $lines[0] =~ /^#!/ ? 1 : 0;
    $seen++;
    my ($mark) = ($lines[$at] || '') =~ m{^(//|\#) SPDX-License-Identifier: MIT$};
    if (!defined $mark) {
        breach($file, $at + 1, 'lacks its SPDX-License-Identifier line');
    } elsif (($lines[ $at + 1 ] || '') !~ m{^\Q$mark\E/? \S}) {
        breach($file, $at + 2, 'lacks its line of purpose');
    }
}
finish('spdx', $seen, 'sources');
