# SPDX-License-Identifier: MIT
# Lists the examples of README.md, docs/*.md, CONTRIBUTING.md, the manual pages and the command's help: one a line, as
# KIND, PLACE and TEXT between tabs. Usage: perl examples.pl ROOT ROVE, or perl examples.pl --c ROOT, which prints the
# fragments of C as a program to be compiled.
#
#     run      a command of a code block, or one to type
#     mention  a command in the middle of a sentence: verb and options must exist
#     chain    a chain's text, in quotes of any kind or at the beginning of a line of code
use strict;
use warnings;
use File::Glob ':bsd_glob'; # a path may have blanks

my $value = qr/[a-z0-9_]+=[^\s|,`'"]+/;
my $filter = qr/[a-z][a-z0-9_]*(?::$value(?:,$value)*)?/;
my $chain = qr/$filter(?:\|$filter)*/;
my $command = qr/(?:[A-Z_]+=\S+ )*(?:rove|\.\/run|cc|cmake|tar|gzip|lz4|zstd) \S.*/;
my (@found, @fragments);

sub is_chain {
    my ($text) = @_; # a copy: what was matched is no longer that after the first match
    return $text =~ /^$chain$/ && $text =~ /[|:]/ && $text !~ /=[A-Z]+(?:[,|]|$)/; # block=N stands for many
}

sub found { push @found, join("\t", @_) }

sub look_at_line {
    my ($place, $text) = @_;
    while ($text =~ /`([^`\n]+)`|"([^"\n]+)"|'([^'\n]+)'/g) {
        my ($code, $string) = ($1, $2 // $3);
        if (defined $code && $code =~ /^rove [a-z-]/) { found('mention', $place, $code) }
        elsif (defined $code && $code =~ /^\.\/run /) { found('run', $place, $code) }
        elsif (is_chain($code // $string)) { found('chain', $place, $code // $string) }
    }
}

sub look_at_code {
    my ($place, $line) = @_;
    return if $line =~ /^(?:[A-Z_]+=\S+ )*ctest / || $line =~ /\\$/; # not rove's, or not all of it
    if ($line =~ /^(?:\$ )?($command)$/) { (my $text = $1) =~ s/\s+# .*|\s{2,}.*//; found('run', $place, $text) }
    elsif ($line =~ /^($chain)(?:\s|$)/ && is_chain($1)) { found('chain', $place, $1) }
    look_at_line($place, $line);
}

sub look_at_page {
    my ($root, $page) = @_;
    open(my $in, '<', "$root/$page") or die "$page: $!\n";
    my ($fence, @block) = (0);
    while (my $line = <$in>) {
        chomp $line;
        my $place = "$page:$.";
        if ($line =~ /^```(\w*)/) { $fence = $fence ? 0 : $1 || 'text'; next }
        my $is_code = $fence || $line =~ s/^    //;
        if ($is_code && $fence !~ /^c(?:pp)?$/) { look_at_code($place, $line) if $fence ne 'text' || $line !~ /^ {4}/ }
        elsif (!$fence) { look_at_line($place, $line) }
        if ($is_code && !$fence) { push @block, [$place, $line] }
        else { keep_fragment(@block); @block = () }
    }
    keep_fragment(@block);
}

# Blocks of C outside of fences; what stands in fences is a file that is compared elsewhere.
sub keep_fragment {
    push @fragments, [@_] if grep { $_->[1] =~ /\brove_\w+\(.*[;,{(|&]\s*(?:\/\/.*)?$/ } @_;
}

sub look_at_manual {
    my ($root, $page) = @_;
    open(my $in, '<', "$root/$page") or die "$page: $!\n";
    while (my $line = <$in>) {
        next if $line !~ /^\.(Dl|Ql) (.*)/;
        my ($macro, $place, $text) = ($1, "$page:$.", $2);
        $text =~ s/\\&//g;
        $text =~ s/\\e/\\/g;
        if ($macro eq 'Dl') { look_at_code($place, $text) }
        else { look_at_line($place, "`$text`") }
    }
}

sub look_at_help {
    my ($rove) = @_;
    my @verbs = ('');
    for (my $i = 0; $i < @verbs; $i++) {
        my @lines = split /\n/, `'$rove' $verbs[$i] --help`;
        for my $line (@lines) {
            look_at_line("help $verbs[$i]", $line);
            push @verbs, $1 if $i == 0 && $line =~ /^  ([a-z]+) /;
        }
    }
    die "no verbs\n" if @verbs < 5;
}

# Each fragment is a function of its own, around which stand the names that it takes for granted.
sub print_fragments {
    print "#include <rove/rove.h>\n#include <rove/plugin.h>\n#include <stdio.h>\n#include <string.h>\n";
    print "extern struct rove_stream *s, *sink, *stream;\nextern struct rove_span line;\n";
    print "extern struct rove_hole len_hole;\nextern const char *text;\nextern size_t len;\nextern uint8_t bytes[4];\n";
    my $n = 0;
    for my $block (@fragments) {
        my $body = join "\n", map { $_->[1] } @$block;
        my $hole = $body =~ /rove_stream_hole\(/ ? "struct rove_hole len = len_hole; (void) len;" : '';
        $body =~ s/\xe2\x80\xa6/;/g;
        $body =~ s/^(\s*)(rove_\w+\(.*\);)/$1(void) !$2/mg;
        $body =~ s/\(void\) !(rove_\w+_free\()/$1/g;
        printf "int fragment_%d(void);\nint fragment_%d(void)\n{ // %s\n%s\n{\n%s\n}\nreturn 0;\n}\n", $n, $n,
            $block->[0][0], $hole, $body;
        $n++;
    }
    print STDERR "$n fragments\n";
}

my $as_c = @ARGV && $ARGV[0] eq '--c' ? shift : undef;
my ($root, $rove) = @ARGV;
my @pages = ('README.md', 'CONTRIBUTING.md', map { s{^\Q$root\E/}{}r } sort glob("$root/docs/*.md"));
look_at_page($root, $_) for @pages;
if ($as_c) {
    print_fragments();
} else {
    look_at_manual($root, $_) for map { s{^\Q$root\E/}{}r } sort glob("$root/docs/*.[157]");
    look_at_help($rove);
    print map { "$_\n" } @found;
}
