# SPDX-License-Identifier: MIT
# operators.pl: the small faults that are planted, one place of a source file each.
#
#     relation   < <= > >= == !=   become their neighbour
#     step       + 1, - 1, ++, --  are dropped or turned
#     logic      && || become each other, ! is dropped
#     check      an if that only leaves (return, goto, break, continue) never does
#     call       a statement that lets something go (unref, give, unpin, drop, free, ...) is dropped
#     sum        += -= become each other
#     order      a memory order becomes relaxed (only under the thread sanitizer's build)
#
# What stands in comments, strings, preprocessor lines, asserts and table initialisers of text is left.

use strict;
use warnings;
use Digest::MD5 qw(md5_hex);

my @replacements = (
    [relation => qr/(?<![<>=!\-+*\/&|^])<(?![<=])(?=\s)/, '<='],
    [relation => qr/(?<![<>])<=(?!=)/, '<'],
    [relation => qr/(?<![<>\-])>(?![>=])(?=\s)/, '>='],
    [relation => qr/(?<![<>])>=(?!=)/, '>'],
    [relation => qr/==/, '!='],
    [relation => qr/!=/, '=='],
    [step => qr/ \+ 1(?![\w.])/, ''],
    [step => qr/ - 1(?![\w.])/, ''],
    [step => qr/\+\+/, '--'],
    [step => qr/(?<!-)--(?!-)/, '++'],
    [logic => qr/&&/, '||'],
    [logic => qr/\|\|/, '&&'],
    [logic => qr/!(?=[\w(])/, ''],
    [sum => qr/\+=/, '-='],
    [sum => qr/-=/, '+='],
);
my $lets_go = qr/\w*(?:unref|unpin|give|drop|free|release|fini|unlock|close|publish|clear|forget|shed|count|fix|set|put)\w*/;

sub slurp_file {
    my ($path) = @_;
    open(my $in, '<', $path) or die "$path: $!\n";
    local $/;
    return scalar <$in>;
}

# The text with comments and literals as spaces, so that places stay places.
sub code_only {
    my ($text) = @_;
    $text =~ s{(//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')}
              { $1 =~ s/[^\n]/ /gr }gse;
    $text =~ s{^[ \t]*#(?:[^\n]*\\\n)*[^\n]*}{ $& =~ s/[^\n]/ /gr }gme;
    # An assert is a test of its own, and may be absent.
    $text =~ s{\b(?:RV_ASSERT|_Static_assert)\s*\(.*?\);}{ $& =~ s/[^\n]/ /gr }gse;
    return $text;
}

sub mutants_of {
    my ($root, $file) = @_;
    my $text = slurp_file("$root/$file");
    my $code = code_only($text);
    my @found;
    my $add = sub {
        my ($operator, $at, $len, $with) = @_;
        my $before = substr($text, 0, $at);
        my $line = 1 + ($before =~ tr/\n//);
        my $col = $at - (rindex($before, "\n") + 1);
        my ($whole) = substr($text, $at - $col) =~ /^([^\n]*)/;
        push @found, { file => $file, operator => $operator, at => $at, len => $len, with => $with,
            line => $line, col => $col, source => $whole, was => substr($text, $at, $len) };
    };
    for my $replacement (@replacements) {
        my ($operator, $pattern, $with) = @$replacement;
        while ($code =~ /$pattern/g) {
            $add->($operator, $-[0], $+[0] - $-[0], $with);
        }
    }
    # if (...) followed by nothing but a way out: its condition becomes 0.
    while ($code =~ /\bif (\((?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*\))\s*\{?\s*(?:return|goto|break|continue)\b/g) {
        $add->('check', $-[1], $+[1] - $-[1], '(0)');
    }
    while ($code =~ /^[ \t]+($lets_go\s*\([^;{}]*\);)[ \t]*$/gm) {
        my ($at, $len) = ($-[1], $+[1] - $-[1]);
        $add->('call', $at, $len, ';') if call_is_statement($code, $at);
    }
    while ($code =~ /\bmemory_order_(?:acquire|release|acq_rel|seq_cst)\b/g) {
        $add->('order', $-[0], $+[0] - $-[0], 'memory_order_relaxed');
    }
    number_twins(\@found);
    return @found;
}

# The same change of the same words may stand in a file twice.
sub number_twins {
    my ($found) = @_;
    my %seen;
    for my $mutant (sort { $a->{at} <=> $b->{at} } @$found) {
        my $twin = ++$seen{ key_of($mutant) };
        $mutant->{twin} = $twin if $twin > 1;
    }
}

# A line that begins with a call may be the end of a longer expression.
sub call_is_statement {
    my ($code, $at) = @_;
    return substr($code, 0, $at) =~ /(?:[;{}:]|\)|\belse)\s*\z/;
}

sub mutated {
    my ($root, $mutant) = @_;
    my $text = slurp_file("$root/$mutant->{file}");
    substr($text, $mutant->{at}, $mutant->{len}) = $mutant->{with};
    return $text;
}

# What names a mutant for good: the file, the line's text and what is changed in it, not the line's number.
sub key_of {
    my ($mutant) = @_;
    my $line = $mutant->{source};
    $line =~ s/^\s+|\s+$//g;
    my $column = $mutant->{col} - length(($mutant->{source} =~ /^(\s*)/)[0]);
    my $twin = $mutant->{twin} ? "#$mutant->{twin}" : '';
    return "$mutant->{file} | $mutant->{operator} $column$twin | $line";
}

sub rank {
    my ($seed, $mutant) = @_;
    return md5_hex("$seed " . key_of($mutant));
}

sub told {
    my ($mutant) = @_;
    my $was = $mutant->{was} =~ s/\s+/ /gr;
    return "line $mutant->{line}: `$was` -> `$mutant->{with}`: " . key_of($mutant);
}

# equivalent.txt: "FILE | OPERATOR COLUMN | LINE" and, indented below, the reason.
sub read_equivalent {
    my ($path) = @_;
    my (%found, $key);
    for (split /\n/, -e $path ? slurp_file($path) : '') {
        next if /^#/ || /^\s*$/;
        if (/^\s+(.*)/) {
            $found{$key}{why} .= "$1 " if defined $key;
        } else {
            $key = $_;
            $found{$key} = { why => '' };
        }
    }
    for (keys %found) {
        die "$path: no reason for: $_\n" unless $found{$_}{why};
    }
    return %found;
}

1;
