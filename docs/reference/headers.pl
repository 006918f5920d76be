# SPDX-License-Identifier: MIT
# Reads the public headers and their comments, for those who make pages of them (man.pl, site.pl). Plain perl-base.
#
# The comments are prose for those who read headers. What they have of order is told here, once: the head teaches; rules
# ("// make ----") cut a header into sections; a comment stands above what it tells of, or behind it; in a function's,
# "name: " at the beginning of a sentence tells of an argument, and "Returns " of what comes back; a line that begins with
# "- " is of a list, one that is indented by four or more is code or a drawing.

use strict;
use warnings;
use File::Glob ':bsd_glob'; # a path may have blanks
use utf8;

# read_header(PATH): { file, name, purpose, essay, sections }; sections are { title, intro, items }; essay and intro are
# blocks, as are all comments; an item is { kind, name, line, about, … }:
#   function  type, params (each { name, decl })
#   struct    members (each { name, decl, about, above }), where above is what stands before a group of them
#   enum      members
#   macros    lead, macros (each { name, args, value, about }): definitions that follow one another
#   typedef   decl; what is declared extern likewise
#   opaque
sub read_header {
    my ($path) = @_;
    open(my $in, '<:encoding(UTF-8)', $path) or die "$path: $!\n";
    chomp(my @lines = <$in>);
    close $in;
    my ($file) = $path =~ m{([^/]+)$};
    (my $name = $file) =~ s/\.h$//;
    my %header = (file => $file, name => $name, sections => [{ title => '', intro => [], items => [] }]);
    my $at = 1;
    my @head = comment_at(\@lines, \$at);
    $header{head} = [1, $at - 1];
    shift @head if @head && $head[0] eq '@file';
    $header{essay} = [blocks(@head)];
    my $first = $header{essay}[0];
    $first->{text} =~ s/^\Q$file\E: (\w)/\u$1/ if $first && $first->{kind} eq 'para';
    $header{purpose} = $first ? $first->{text} : '';
    my $inside = '';
    while ($at < @lines) {
        my $line = $lines[$at];
        if ($inside eq 'body') {
            $inside = '' if $line eq '}';
            $at++;
        } elsif ($line eq '{') {
            $inside = 'body';
            $at++;
        } elsif ($line =~ m{^// (.*?) -{5,}$}) {
            my ($title, $from) = ($1, $at);
            my @text = comment_at(\@lines, \$at);
            shift @text;
            push @{ $header{sections} },
                { title => $title, intro => [blocks(@text)], items => [], comment => [$from, $at - 1] };
        } else {
            my $item = item_at(\@lines, \$at);
            # Where a macro is defined again, another compiler is meant.
            @{ $item->{macros} } = grep { !$header{seen}{ $_->{name} }++ } @{ $item->{macros} } if $item && $item->{macros};
            push @{ $header{sections}[-1]{items} }, $item if $item && (!$item->{macros} || @{ $item->{macros} });
        }
    }
    # An inline function's other half stands behind what people call.
    $_->{items} = [sort { ($a->{name} =~ /_slow$/) <=> ($b->{name} =~ /_slow$/) } @{ $_->{items} }] for @{ $header{sections} };
    return \%header;
}

# The comment that begins at a line, without its marks; the place moves behind it.
sub comment_at {
    my ($lines, $at) = @_;
    my @text;
    while ($$at < @$lines && $lines->[$$at] =~ m{^\s*//[/]?(?!<)(?: (.*))?$}) {
        push @text, defined $1 ? $1 : '';
        $$at++;
    }
    return @text;
}

# The next item, or nothing where a line is none; the place moves behind it.
sub item_at {
    my ($lines, $at) = @_;
    my $from = $$at;
    my @text = $lines->[$$at] =~ m{^///} ? comment_at($lines, $at) : ();
    my $to = $$at - 1;
    # A directive between the two, as around an attribute, does not part them.
    my $decl = $$at;
    $decl++ while @text && $decl < @$lines && $lines->[$decl] =~ /^#\s*(?:if|else|elif|endif|pragma)/;
    my $line = $lines->[$decl] // '';
    my %item = (line => $decl + 1, about => [blocks(@text)], @text ? (comment => [$from, $to]) : ());
    if ($line =~ /^#\s*define\s+\w/ && ($lines->[ $decl - 1 ] // '') !~ /^#ifndef (\w+)$/ || @text && $line =~ /^#\s*define/) {
        $$at = $decl;
        return macros_at($lines, $at, \%item);
    }
    if ($line =~ /^ROVE_API (extern .*?(\w+));$/) {
        $$at = $decl + 1;
        return { %item, kind => 'typedef', decl => $1, name => $2 };
    }
    if ($line =~ /^(?:ROVE_API|ROVE_INLINE)\b/) {
        my $head = '';
        while ($decl < @$lines) {
            $head .= ' ' . $lines->[$decl];
            last if $head =~ s/[;{].*$//s;
            last if $lines->[ $decl + 1 ] eq '{';
            $decl++;
        }
        $$at = $decl + 1;
        return function_of($head, \%item);
    }
    if ($line =~ /^typedef\b/) {
        my $text = '';
        $text .= ' ' . $lines->[ $decl++ ] while $text !~ /;\s*$/;
        $$at = $decl;
        ($item{decl} = $text) =~ s/^\s+|;\s*$//g;
        ($item{name}) = $item{decl} =~ /(\w+)(?:\(.*\))?$/;
        return { %item, kind => 'typedef' };
    }
    if ($line =~ /^(struct|enum) (\w+) \{$/) {
        $$at = $decl + 1;
        return members_at($lines, $at, { %item, kind => $1, name => $2 });
    }
    if (@text && $line =~ /^struct (\w+);$/) {
        $$at = $decl + 1;
        return { %item, kind => 'opaque', name => $1 };
    }
    $$at = $decl + 1 if $$at <= $decl;
    return;
}

# Macros one behind the other.
sub macros_at {
    my ($lines, $at, $item) = @_;
    my @macros;
    while ($$at < @$lines && $lines->[$$at] =~ /^#\s*define\s+(\w+)(\([^)]*\))?\s*(.*)$/) {
        my ($name, $args, $value) = ($1, $2 // '', $3);
        while ($lines->[$$at] =~ /\\$/) {
            $value =~ s/\s*\\$//;
            $value .= ' ' . $lines->[ ++$$at ] =~ s/^\s+//r;
        }
        $value =~ s/^\s+//;
        my $about = $value =~ s{\s*///< (.*)$}{} ? $1 : '';
        $$at++;
        $about .= " $1" and $$at++ while $$at < @$lines && $lines->[$$at] =~ m{^\s+///< (.*)$};
        push @macros, { name => $name, args => $args, value => $value, about => $about };
    }
    return { %$item, kind => 'macros', name => $macros[0]{name}, lead => $item->{about}, macros => \@macros };
}

sub function_of {
    my ($head, $item) = @_;
    $head =~ s/ROVE_(?:API|INLINE|MUST_CHECK|PRINTF\([^)]*\))//g;
    $head =~ s/\s+/ /g;
    my ($type, $name, $list) = $head =~ /^ *(.*?)(rove_\w+)\((.*)\) *$/ or die "line $item->{line}: cannot read: $head\n";
    $type =~ s/ +$//;
    my @params = map { /^.*?(\w+)$/ && $_ ne 'void' ? { name => $1, decl => $_ } : { decl => $_ } } split / ?, ?/, $list;
    return { %$item, kind => 'function', name => $name, type => $type, params => \@params };
}

# Fields or enumerators.
sub members_at {
    my ($lines, $at, $item) = @_;
    my ($above, @members) = ([]);
    while ($lines->[$$at] !~ /^\}/) {
        if ($lines->[$$at] !~ /\S/) {
            $$at++;
            next;
        }
        my $from = $$at;
        my $plain = $lines->[$$at] =~ m{^\s+// };
        my @text = comment_at($lines, $at);
        if ($plain) {
            $above = [blocks(@text)];
            $item->{inner} = [@{ $item->{inner} // [] }, [$from, $$at - 1]];
            next;
        }
        my %member = (about => [blocks(@text)], above => $above, comment => [$from, $$at - 1]);
        $above = [];
        my ($decl, $behind) = ('', '');
        do {
            my $line = $lines->[ $$at++ ];
            $behind .= " $1" if $line =~ s{\s*///< (.*)$}{};
            $decl .= ' ' . $line =~ s/^\s+//r;
        } while ($decl !~ /[;,]\s*$/ && $lines->[$$at] !~ /^\}/);
        $behind .= " $1" and $$at++ while $lines->[$$at] =~ m{^\s+///< (.*)$};
        $behind =~ s/^ //;
        push @{ $member{about} }, blocks($behind) if $behind ne '';
        ($member{decl} = $decl) =~ s/^\s+|[;,]?\s*$//g;
        ($member{name}) = $member{decl} =~ /\(\*(\w+)\)/ ? $1 : $member{decl} =~ /(\w+)(?:\[\w+\])?(?: = \S+)?$/;
        push @members, \%member;
    }
    $$at++;
    return { %$item, members => \@members };
}

# blocks(LINE...): { kind: para, text } | { kind: code, lines } | { kind: list, items }.
sub blocks {
    my @blocks;
    my $open = '';
    for my $line (@_) {
        if ($line !~ /\S/) {
            push @{ $blocks[-1]{lines} }, '' if $open eq 'code';
            $open = '' if $open ne 'code';
        } elsif ($line =~ /^ {4}(.*)$/) {
            push @blocks, { kind => 'code', lines => [] } if $open ne 'code';
            $open = 'code';
            push @{ $blocks[-1]{lines} }, $1;
        } elsif ($line =~ /^- (.*)$/) {
            push @blocks, { kind => 'list', items => [] } if $open ne 'list';
            $open = 'list';
            push @{ $blocks[-1]{items} }, $1;
        } elsif ($open eq 'list' && $line =~ /^ {2}(\S.*)$/) {
            $blocks[-1]{items}[-1] .= " $1";
        } else {
            push @blocks, { kind => 'para', text => '' } if $open ne 'para';
            $open = 'para';
            $blocks[-1]{text} .= ($blocks[-1]{text} eq '' ? '' : ' ') . $line =~ s/^ +//r;
        }
    }
    for my $code (grep { $_->{kind} eq 'code' } @blocks) {
        pop @{ $code->{lines} } while @{ $code->{lines} } && $code->{lines}[-1] eq '';
    }
    return @blocks;
}

# What a sentence behind an argument tells of the call and not of the argument.
my $of_the_call = qr/(?:Cannot fail|Any thread|On failure|Only over|Again is|After (?:a|any) failure|Memory comes|EINTR and|
    Interrupted and|Copied, at|When the bytes are|What was|The (?:view|source|cursor|memory) |Time |Write some|
    With "r" the|Never give|Printing what|One that )/x;

# parts_of(FUNCTION): its comment as { text, params (each { names, text }), returns }, both blocks.
sub parts_of {
    my ($function) = @_;
    my $names = join '|', map { $_->{name} } grep { defined $_->{name} } @{ $function->{params} };
    my $label = $names eq '' ? qr/(?!)/ : qr/(?:$names)(?:(?:, | \+ )(?:$names))*/;
    my (@text, @params, @returns);
    my $open = '';
    for my $block (@{ $function->{about} }) {
        if ($block->{kind} ne 'para') {
            push @{ $open eq 'returns' ? \@returns : \@text }, $block;
            next;
        }
        my $rest = $block->{text};
        # What goes on after a list of results is of them.
        if ($open eq 'returns' && @returns && $returns[-1]{kind} eq 'list' && $rest =~ /^[a-z]/) {
            $rest =~ s/^(.*?\.)(?: |$)//;
            push @returns, { kind => 'para', text => $1 };
        }
        my ($described, $told) = ('', '');
        $open = 'text';
        while ($rest ne '') {
            my $sentence = $rest =~ s/^(.*?\.\)?)(?: (?=[A-Z*(]|$label: |takes: )|$)// ? $1 : $rest;
            $rest = '' if $sentence eq $rest;
            if ($sentence =~ /^($label): (.*)$/s) {
                push @params, { names => $1, text => $2 };
                $open = 'params';
            } elsif ($sentence =~ /^Returns\b/ && @text + length $described) {
                $told .= ($told eq '' ? '' : ' ') . $sentence;
                $open = 'returns';
            } elsif ($open eq 'params' && $sentence !~ /^$of_the_call/) {
                $params[-1]{text} .= " $sentence";
            } elsif ($open eq 'returns') {
                $told .= " $sentence";
            } else {
                $described .= ($described eq '' ? '' : ' ') . $sentence;
                $open = 'text';
            }
        }
        push @text, { kind => 'para', text => $described } if $described ne '';
        push @returns, { kind => 'para', text => $told } if $told ne '';
    }
    return { text => \@text, params => \@params, returns => \@returns };
}

# label_of(TEXT): what a paragraph of a header's head is about, and the rest of it: "Threads. Distinct objects …"; else nothing.
sub label_of {
    return $_[0] =~ /^((?:Fill|Memory|Limits|Parts|Restart|Rules|Calling back|Called back|Ownership|Again|Checks|Failure|
        Threads|fork\(\))[.:]) (.*)$/xs;
}

# All that is said in blocks, as one line.
sub flat {
    return join ' ', map { $_->{kind} eq 'para' ? $_->{text} : $_->{kind} eq 'list' ? @{ $_->{items} } : () } @_;
}

sub first_sentence {
    my ($text) = @_;
    return $text =~ /^(.*?\.)(?: [A-Z(]|$)/ ? $1 : $text;
}

# read_headers(FOLDER): all of them, in the order in which rove.h includes them, rove.h and export.h at the front.
sub read_headers {
    my ($folder) = @_;
    my %headers = map { my $header = read_header($_); $header->{file} => $header } glob("$folder/*.h");
    die "$folder: no headers\n" if !%headers;
    open(my $in, '<', "$folder/rove.h") or die "$folder/rove.h: $!\n";
    my @order = ('rove.h', 'export.h', map { m{^#include <rove/(\w+\.h)>} ? $1 : () } <$in>);
    my %seen;
    return [map { delete $headers{$_} // () } grep { !$seen{$_}++ } @order, sort keys %headers];
}

1;
