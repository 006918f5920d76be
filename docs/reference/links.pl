# SPDX-License-Identifier: MIT
# Every link inside the site leads somewhere, to the very place, and no text shows what stands for a character in HTML
# instead of the character. Usage: perl links.pl FOLDER

use strict;
use warnings;

my ($folder) = @ARGV;
chdir($folder) or die "$folder: $!\n";
my (%place, %links, $dead, $raw);

for my $page (glob('*.html')) {
    open(my $in, '<', $page) or die "$page: $!\n";
    local $/;
    my $text = <$in>;
    $place{$page}{$_} = 1 for $text =~ /\b(?:id|name)="([^"]+)"/g;
    print "$page: shows \"$1\"\n" and $raw++ while $text =~ /(\w*&amp;#\d+;\w*)/g;
    $links{$page}{$_} = 1 for $text =~ /\b(?:href|src)="([^"]+)"/g;
}
die "$folder: no pages\n" if !%links;
my ($pages, $count) = (scalar keys %links, 0);
for my $page (sort keys %links) {
    for my $link (sort keys %{ $links{$page} }) {
        next if $link =~ /^(?:[a-z]+:|\$)/;
        $count++;
        my ($file, $at) = $link =~ /^([^#?]*)(?:#(.*))?/;
        $file = $page if $file eq '';
        my $good = -e $file && (!defined $at || $at eq '' || $file !~ /\.html$/ || $place{$file}{$at});
        print "$page: the link $link leads nowhere\n" and $dead++ if !$good;
    }
}
print "site: $pages pages, $count links inside, ", $dead // 0, " dead\n";
exit($dead || $raw ? 1 : 0);
