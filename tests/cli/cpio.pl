# SPDX-License-Identifier: MIT
# Writes a cpio, header by header: perl cpio.pl newc|odc NAME NUMBER NAMES DATA [NAME NUMBER NAMES DATA ...]
# NUMBER: of the file; NAMES: how many it is said to have. A NAME that ends in / is that of a folder; DATA of - are none.
use strict; use warnings;
binmode STDOUT;
my $kind = shift;
for my $member (map { [splice @ARGV, 0, 4] } 0 .. @ARGV / 4 - 1) {
    my ($name, $number, $names, $data) = @$member;
    print record($name, $number, $name =~ m{/$} ? 040755 : 0100644, $names, $data eq '-' ? '' : $data);
}
print record('TRAILER!!!', 0, 0, 1, '');

sub record {
    my ($name, $number, $mode, $names, $data) = @_;
    $name =~ s{/$}{};
    $name .= "\0";
    if ($kind eq 'odc') {
        return sprintf('070707%06o%06o%06o%06o%06o%06o%06o%011o%06o%011o', 1, $number, $mode, 0, 0, $names, 0, 1000000000,
            length $name, length $data) . $name . $data;
    }
    my $head = '070701' . join('', map { sprintf '%08X', $_ } $number, $mode, 0, 0, $names, 1000000000, length $data, 0, 1, 0, 0,
        length $name, 0) . $name;
    return $head . "\0" x (-length($head) % 4) . $data . "\0" x (-length($data) % 4);
}
