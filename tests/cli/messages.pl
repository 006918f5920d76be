# SPDX-License-Identifier: MIT
# Lists the command's diagnostics: for each call that reports, the file and the sentence, as it stands
# in the source. A sentence that stands there twice is listed twice. Usage: perl messages.pl FOLDER
use strict;
use warnings;
use File::Glob ':bsd_glob'; # a path may have blanks

# The functions that print what they are given, and which argument, from 0, is the sentence. Static
# ones in a file of their own hand it on to one of the others.
my %sentence = (report_error => 1, report_warning => 1, report_notice => 1, options_misuse => 1, fail => 1);

for my $file (sort glob("$ARGV[0]/*.c")) {
    open(my $handle, '<', $file) or die "$file: $!\n";
    my $text = do { local $/; <$handle> };
    (my $name = $file) =~ s{.*/}{};
    $text =~ s{//[^\n]*}{}g;
    while ($text =~ /\b(report_error|report_warning|report_notice|options_misuse|fail)\s*\(/g) {
        my $call = $1;
        my $at = pos $text;
        my ($depth, $args, $literal, $any) = (1, 0, '', 0);
        while ($depth > 0 && $at < length $text) {
            my $rest = substr($text, $at);
            if ($rest =~ /^"((?:[^"\\]|\\.)*)"/) {
                if ($args == $sentence{$call}) { $literal .= $1; $any = 1; }
                $at += length $&;
                next;
            }
            my $c = substr($rest, 0, 1);
            $depth++ if $c eq '(';
            $depth-- if $c eq ')';
            $args++ if $c eq ',' && $depth == 1;
            $at++;
        }
        next if !$any; # a definition, or a sentence that is handed on
        $literal =~ s/\\"/"/g;
        print "$name: $literal\n";
    }
}
