# SPDX-License-Identifier: MIT
# Writes a tar, header by header, whatever that means: perl ustar.pl TYPE NAME LINK DATA [TYPE NAME LINK DATA ...]
use strict; use warnings;
binmode STDOUT;
while (@ARGV) {
    my ($type, $name, $link, $data) = splice @ARGV, 0, 4;
    my $h = pack('a100 a8 a8 a8 a12 a12 a8 a1 a100 a6 a2 a32 a32 a8 a8 a155 x12', $name, sprintf('%07o', $type eq '5' ? 0755 : 0644),
        sprintf('%07o', 0), sprintf('%07o', 0), sprintf('%011o', length $data), sprintf('%011o', 1000000000), ' ' x 8, $type, $link,
        "ustar\0", '00', 'root', 'root', '', '', '');
    substr($h, 148, 8) = sprintf("%06o\0 ", unpack('%32C*', $h));
    print $h, $data, "\0" x (-length($data) % 512);
}
print "\0" x 1024;
