# SPDX-License-Identifier: MIT
# What the lints share: listing files, blanking comments, reporting. Plain perl-base, no modules.

use strict;
use warnings;

my $breaches = 0;

# breach(FILE, LINE, SENTENCE): prints one finding in the form that editors can jump to.
sub breach {
    my ($file, $line, $text) = @_;
    print "$file:$line: $text\n";
    $breaches++;
}

# finish(NAME, COUNT, WHAT): the last line of every lint. A lint that looked at nothing has failed,
# so that a wrong path cannot pass for a clean tree.
sub finish {
    my ($name, $count, $what) = @_;
    if ($count == 0) {
        print "$name: looked at no $what at all\n";
        exit 1;
    }
    print "$name: $count $what, $breaches breaches\n";
    exit($breaches ? 1 : 0);
}

# files(DIR, PATTERN): the files below DIR whose path matches, sorted; hidden and build folders are
# left out, except the hidden files that belong to the project.
sub files {
    my ($dir, $pattern) = @_;
    my @found;
    opendir(my $handle, $dir) or return ();
    for my $name (sort readdir $handle) {
        next if $name =~ /^\.\.?$/ || $name =~ /^(\.git|\.cache|build|__pycache__)$/;
        my $path = $dir eq '.' ? $name : "$dir/$name";
        next if -l $path;
        if (-d $path) {
            push @found, files($path, $pattern);
        } elsif ($path =~ $pattern) {
            push @found, $path;
        }
    }
    closedir $handle;
    return @found;
}

sub slurp {
    my ($path) = @_;
    open(my $handle, '<', $path) or die "$path: $!\n";
    local $/;
    my $text = <$handle>;
    close $handle;
    return defined $text ? $text : '';
}

# blank(TEXT, STRINGS): TEXT with comments, and with STRINGS also string and character literals,
# overwritten by spaces; line ends stay, so that line numbers stay true.
sub blank {
    my ($text, $strings) = @_;
    $text =~ s{(/\*.*?\*/|//(?:[^\n\\]|\\.)*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')}{
        my $token = $1;
        if ($token =~ m{^/} || $strings) { (my $space = $token) =~ s/[^\n]/ /g; $space }
        else { $token }
    }gsex;
    return $text;
}

# blank_directives(TEXT): preprocessor lines, with their continuations, overwritten by spaces.
sub blank_directives {
    my ($text) = @_;
    $text =~ s{^([ \t]*\#(?:[^\n\\]|\\.|\\\n)*)}{(my $space = $1) =~ s/[^\n]/ /g; $space}gmsex;
    return $text;
}

sub line_of {
    my ($text, $offset) = @_;
    return 1 + (substr($text, 0, $offset) =~ tr/\n//);
}

1;
