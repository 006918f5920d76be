# SPDX-License-Identifier: MIT
# Writes the manual pages of section 3 from the public headers, as mdoc. Usage: perl man.pl ROOT OUT
#
# A header has a page, rove_NAME(3), with what its head teaches, its types and constants; rove.h's is librove(3). Each
# section of a header ("// make ----") has a page of its functions, named after the first of them: families are read
# together, as their comments say "like …". Every other function, and every type, is a page of one line that names the
# one it stands in. Doxygen's own pages do not do: one a header with everything in it, no page that a function's name
# finds but copies, and prose that runs into lists of arguments. So this needs nothing but perl-base, as the tests do.

use strict;
use warnings;
use File::Glob ':bsd_glob'; # a path may have blanks
use utf8;
(my $reader = $0) =~ s{[^/]*$}{headers.pl};
require($reader =~ m{^/} ? $reader : "./$reader");

my ($root, $out) = @ARGV;
die "usage: perl man.pl ROOT OUT\n" if !defined $out;
my $headers = read_headers("$root/include/rove");
my ($date) = slurp("$root/docs/rove.1") =~ /^(\.Dd .*)$/m or die "$root/docs/rove.1 has no date\n";
my (%function, %constant, %code, @codes, %page_of, %examples, %written);

# ---- What there is ----------------------------------------------------------------------------

for my $header (@$headers) {
    $header->{page} = $header->{file} eq 'rove.h' ? 'librove' : "rove_$header->{name}";
    $page_of{ $header->{page} } = $header->{page};
}
for my $header (@$headers) {
    for my $section (@{ $header->{sections} }) {
        my @functions = grep { $_->{kind} eq 'function' } @{ $section->{items} };
        $section->{functions} = \@functions;
        $section->{page} = @functions && $section->{title} ne '' ? $functions[0]{name} : $header->{page};
        for my $item (@{ $section->{items} }) {
            $page_of{ $item->{name} } //= $section->{page} if $item->{kind} ne 'macros';
            $function{ $item->{name} } = $item if $item->{kind} eq 'function';
            $constant{ $_->{name} } = 1 for @{ $item->{macros} // [] };
            next if $item->{kind} ne 'enum';
            $constant{ $_->{name} } = 1 for @{ $item->{members} };
            next if $item->{name} ne 'rove_status';
            @codes = map { $_->{name} } @{ $item->{members} };
            $code{ $_->{name} } = flat(@{ $_->{about} }) for @{ $item->{members} };
        }
    }
}
for my $path (sort glob("$root/docs/examples/*.c")) {
    my $text = slurp($path);
    my ($name) = $path =~ m{([^/]+)$};
    my ($about) = $text =~ m{\A[^\n]*\n((?://[^\n]*\n)+)} or next;
    $about =~ s{^// ?}{}mg;
    $about =~ s/\s+/ /g;
    $about =~ s/^\Q$name\E: //;
    $about = first_sentence($about =~ s/ $//r);
    my %used = map { $_ => 1 } $text =~ /\b(rove_\w+)\(/g;
    push @{ $examples{$_} }, { name => $name, about => $about } for keys %used;
}

# ---- Text -------------------------------------------------------------------------------------

sub slurp {
    my ($path) = @_;
    open(my $in, '<:encoding(UTF-8)', $path) or die "$path: $!\n";
    local $/;
    return scalar <$in>;
}

sub escape {
    my ($text) = @_;
    $text =~ s/\\/\\e/g;
    return $text;
}

# An argument of a macro.
sub arg {
    my $text = escape($_[0]) =~ s/"/""/gr;
    return $text =~ /^[\w*.\/-]+$/ && $text !~ /^[A-Z][a-z]$/ ? $text : qq("$text");
}

# Prose: what is a name gets its macro, a sentence begins a line.
sub prose {
    my ($text) = @_;
    my ($roff, $line) = ('', '');
    my $flush = sub {
        $line =~ s/^([.'])/\\&$1/;
        $roff .= "$line\n" if $line ne '';
        $line = '';
    };
    for my $word ($text =~ /((?:[(]*`[^`]+`|[^\s`]+(?:`[^`]+`)?)[^\s`]*)/g) {
        my $macro;
        if ($word =~ /^(\(*)(rove_\w+)\(\)([.,;:?!)]*)$/) {
            $macro = [$1, "Fn $2", $3];
        } elsif ($word =~ /^(\(*)(ROVE_\w+)([.,;:?!)]*)$/ && $constant{$2}) {
            $macro = [$1, "Dv $2", $3];
        } elsif ($word =~ /^(\(*)<(rove\/\w+\.h)>([.,;:?!)]*)$/) {
            $macro = [$1, "In $2", $3];
        } elsif ($word =~ /^(\(*)`([^`]+)`([.,;:?!)]*)$/) {
            $macro = [$1, 'Ql ' . arg($2), $3];
        }
        if ($macro) {
            my ($open, $what, $close) = @$macro;
            $flush->();
            $roff .= ($open ne '' ? ".Pf $open $what" : ".$what") . join('', map { " $_" } split //, $close) . "\n";
        } else {
            $word =~ tr/`/'/;
            $flush->() if length($line) + length($word) > 100;
            $line .= ($line eq '' ? '' : ' ') . escape($word);
            $flush->() if $word =~ /[.!?]["')]*$/;
        }
    }
    $flush->();
    return $roff;
}

# Blocks one below the other; the first follows a heading, or a line of its own.
sub roff {
    my (@blocks) = @_;
    my ($roff, $first) = ('', 1);
    for my $block (@blocks) {
        if ($block->{kind} eq 'para') {
            my ($label, $text) = label_of($block->{text});
            $roff .= ".Pp\n" if !$first;
            $roff .= defined $label ? ".Sy $label\n" . prose($text) : prose($block->{text});
        } elsif ($block->{kind} eq 'code') {
            $roff .= ".Bd -literal -offset indent\n";
            $roff .= escape($_) =~ s/-/\\-/gr =~ s/^([.'])/\\&$1/r . "\n" for @{ $block->{lines} };
            $roff .= ".Ed\n";
        } elsif (grep { !/^\w+: / } @{ $block->{items} }) {
            $roff .= ".Bl -bullet\n" . join('', map { ".It\n" . prose($_) } @{ $block->{items} }) . ".El\n";
        } else {
            $roff .= ".Bl -tag -width Ds\n";
            $roff .= /^(\w+): (.*)$/s ? ".It " . ($constant{$1} ? "Dv $1" : "Sy $1") . "\n" . prose($2) : ''
                for @{ $block->{items} };
            $roff .= ".El\n";
        }
        $first = 0;
    }
    return $roff;
}

sub lower {
    my ($text) = @_;
    $text =~ s/\.$//;
    return $text =~ /^[A-Z][a-z ]/ ? lcfirst $text : $text;
}

# ---- Pieces of pages --------------------------------------------------------------------------

sub synopsis {
    my ($header, @functions) = @_;
    my $roff = ".Sh SYNOPSIS\n.In rove/$header->{file}\n";
    for my $function (@functions) {
        $roff .= '.Ft ' . arg($function->{type}) . "\n.Fo $function->{name}\n";
        $roff .= '.Fa ' . arg($_->{decl}) . "\n" for @{ $function->{params} };
        $roff .= ".Fc\n";
    }
    return $roff;
}

sub of_function {
    my ($function, $alone) = @_;
    my $parts = parts_of($function);
    my $roff = ($alone ? '' : ".Ss $function->{name}()\n") . roff(@{ $parts->{text} });
    return $roff if !@{ $parts->{params} };
    $roff .= ".Bl -tag -width Ds\n";
    for my $param (@{ $parts->{params} }) {
        my $names = $param->{names} =~ s/ \+ / No + Fa /gr =~ s/, / , /gr;
        $roff .= ".It Fa $names\n" . prose($param->{text});
    }
    return "$roff.El\n";
}

sub of_type {
    my ($item) = @_;
    my $roff = '.Ss ' . ($item->{kind} eq 'typedef' ? $item->{name} : ($item->{kind} eq 'enum' ? 'enum' : 'struct')
        . " $item->{name}") . "\n" . roff(@{ $item->{about} });
    $roff .= ".Bd -literal -offset indent\n$item->{decl};\n.Ed\n" if $item->{kind} eq 'typedef';
    return $roff if !$item->{members} || flat(@{ $item->{about} }) =~ /fields are private|none of these fields/;
    my $open = 0;
    for my $member (@{ $item->{members} }) {
        if (@{ $member->{above} }) {
            $roff .= ($open ? ".El\n" : '') . ".Pp\n" . roff(@{ $member->{above} });
            $open = 0;
        }
        $roff .= ".Bl -tag -width Ds\n" if !$open;
        $open = 1;
        $roff .= '.It ' . ($item->{kind} eq 'enum' ? 'Dv ' : 'Va ') . arg($member->{decl}) . "\n" . roff(@{ $member->{about} });
    }
    return "$roff.El\n";
}

sub of_macros {
    my ($item) = @_;
    my @macros = @{ $item->{macros} };
    my $alone = @macros == 1 && $macros[0]{about} eq '';
    my $roff = $alone ? '' : roff(@{ $item->{lead} });
    $roff .= ".Bl -tag -width Ds\n";
    $roff .= ".It Dv $_->{name}$_->{args}" . value_of($_) . "\n" . ($alone ? roff(@{ $item->{lead} }) : prose($_->{about})) for @macros;
    return "$roff.El\n";
}

# A number is told; what a longer definition is made of is not.
sub value_of {
    my ($macro) = @_;
    return $macro->{args} eq '' && $macro->{value} =~ /^[\w() <]{1,40}$/ && $macro->{value} =~ /\d/
        ? ' No = ' . arg($macro->{value}) : '';
}

# What a function answers; also what the one does that it is like.
sub codes_of {
    my ($name, $seen) = @_;
    return () if $seen->{$name}++ || !$function{$name};
    my $text = flat(@{ $function{$name}{about} });
    my @found = $text =~ /\b(ROVE_(?:E_[A-Z]+|END))\b/g;
    push @found, 'ROVE_E_ARG' if $function{$name}{type} eq 'enum rove_status';
    return (@found, map { codes_of($_, $seen) } $text =~ /(?:[Ll]ike|The part of|[Ff]ails as) (rove_\w+)\(\)/g);
}

sub results {
    my (@functions) = @_;
    my @status = grep { $_->{type} eq 'enum rove_status' } @functions;
    my $list = '';
    for my $function (@functions) {
        my $returns = parts_of($function)->{returns};
        $list .= ".It Fn $function->{name}\n" . roff(@$returns) if @$returns;
    }
    my $roff = '';
    $roff .= prose(@functions == 1 ? 'It returns ROVE_OK, or what failed.' : 'A function that returns an `enum rove_status` returns ROVE_OK, or why not.') if @status;
    $roff .= ".Bl -tag -width Ds\n$list.El\n" if $list ne '';
    $roff = ".Sh RETURN VALUES\n$roff" if $roff ne '';
    my %seen;
    for my $function (@functions) {
        for my $example (@{ $examples{ $function->{name} } // [] }) {
            push @{ $seen{list} }, $example if !$seen{ $example->{name} }++;
        }
    }
    my @examples = grep { defined } @{ $seen{list} // [] }[0 .. 2];
    $roff .= ".Sh EXAMPLES\nOf the documentation's examples:\n.Bl -tag -width Ds\n"
        . join('', map { ".It Pa docs/examples/$_->{name}\n" . prose($_->{about}) } @examples) . ".El\n" if @examples;
    my %met = map { $_ => 1 } map { codes_of($_->{name}, {}) } @status;
    $roff .= ".Sh ERRORS\n.Bl -tag -width Ds\n"
        . join('', map { $met{$_} ? ".It Dv $_\n" . prose("$code{$_}.") : () } @codes) . ".El\n" if %met;
    return $roff;
}

sub threads {
    my ($header) = @_;
    my ($text) = map { $_->{kind} eq 'para' && $_->{text} =~ /^Threads[.:] (.*)$/s ? $1 : () } @{ $header->{essay} };
    return defined $text ? ".Sh THREADS\n" . prose(ucfirst $text) : '';
}

sub summary {
    my ($function) = @_;
    return first_sentence(flat(@{ parts_of($function)->{text} }));
}

sub see_also {
    my ($self, @pages) = @_;
    my %seen = ($self => 1);
    my @list = sort { $a cmp $b } grep { !$seen{$_}++ } @pages;
    return ".Sh SEE ALSO\n" . join(" ,\n", ($self eq 'librove' ? '.Xr rove 1' : ()), map { ".Xr $_ 3" } @list) . "\n";
}

# ---- Pages ------------------------------------------------------------------------------------

sub put {
    my ($name, $text) = @_;
    die "man.pl: two pages are called $name\n" if $written{$name}++;
    $text =~ s/([^\x00-\x7f])/sprintf '\\[u%04X]', ord $1/ge;
    open(my $to, '>', "$out/$name.3") or die "$out/$name.3: $!\n";
    print $to $text;
    close $to or die "$out/$name.3: $!\n";
}

sub page {
    my ($name, $header, $names, $about, @rest) = @_;
    my $said = prose($about) =~ s/^\.\w+ //mgr =~ s/ ([.,;:?!)]+)$/$1/mgr =~ tr/\n/ /r =~ s/ +$//r;
    put($name, ".\\\" SPDX-License-Identifier: MIT\n.\\\" From include/rove/$header->{file} by docs/reference/man.pl.\n$date\n.Dt "
        . uc($name) . " 3\n.Os\n.Sh NAME\n" . join(" ,\n", map { ".Nm $_" } @$names) . "\n.Nd $said\n"
        . ".Sh LIBRARY\nrove (librove, \\-lrove)\n" . join('', @rest));
}

# For apropos: what the functions of a section do.
my %noun = (rope => 'a rope', view => 'a view', stream => 'a stream', device => 'a stream over a device', pool => 'a pool',
    chain => 'a stream through a chain', index => 'an index', registry => 'the registry of filters', status => 'a status',
    workers => 'workers', memory => 'memory');

sub family_about {
    my ($header, $title) = @_;
    my $noun = $noun{ $header->{name} } // $header->{name};
    my ($verb, $rest) = $title =~ /^(make|ask|change|drop|read|write)(?:: (.*))?$/;
    return "$noun, $title" if !defined $verb;
    $verb .= ' about' if $verb eq 'ask';
    return "$verb $noun" . (defined $rest ? ", $rest" : '');
}

sub family {
    my ($header, $section) = @_;
    my @functions = @{ $section->{functions} };
    my $about = @functions == 1
        ? lower(summary($functions[0]))
        : family_about($header, $section->{title});
    my @others = map { $_->{page} } grep { @{ $_->{functions} } } @{ $header->{sections} };
    my @named = map { flat(@{ $_->{about} }) =~ /(rove_\w+)\(\)/g } @functions;
    page($section->{page}, $header, [map { $_->{name} } @functions], $about,
        synopsis($header, @functions), ".Sh DESCRIPTION\n", roff(@{ $section->{intro} }),
        map({ $_->{kind} eq 'function' ? of_function($_, @functions == 1) : $_->{kind} eq 'macros' ? ".Ss Constants\n" . of_macros($_) : of_type($_) }
            @{ $section->{items} }),
        results(@functions), threads($header),
        see_also($section->{page}, $header->{page}, @others, map { $page_of{$_} // () } @named));
}

sub of_header {
    my ($header) = @_;
    my @functions = @{ $header->{sections}[0]{functions} };
    my ($first, @essay) = grep { $_->{kind} ne 'para' || $_->{text} !~ /^Threads[.:] / } @{ $header->{essay} };
    my $about = first_sentence($first->{text});
    (my $rest = $first->{text}) =~ s/^\Q$about\E ?//;
    unshift @essay, { kind => 'para', text => $rest } if $rest ne '';
    my @own = map { @{ $_->{items} } } grep { $_->{page} eq $header->{page} } @{ $header->{sections} };
    my @macros = grep { $_->{kind} eq 'macros' } @own;
    my @pages = grep { $_->{page} ne $header->{page} } @{ $header->{sections} };
    my $list = '';
    for my $section (@pages) {
        $list .= ".It Fn $_->{name}\n" . prose(summary($_)) for @{ $section->{functions} };
    }
    my @siblings = $header->{page} eq 'librove' ? grep { $_ ne $header } @$headers : ();
    page($header->{page}, $header, [$header->{page}, grep { $_ ne $header->{page} } map { $_->{name} } @functions],
        lower($about), synopsis($header, @functions), ".Sh DESCRIPTION\n",
        roff(@essay ? @essay : { kind => 'para', text => $first->{text} }),
        @siblings ? (".Ss Headers\n.Bl -tag -width Ds\n", map({ ".It Xr $_->{page} 3\n" . prose($_->{purpose}) } @siblings), ".El\n") : (),
        map({ $_->{kind} eq 'function' ? of_function($_, 0) : $_->{kind} eq 'macros' ? () : of_type($_) } @own),
        @macros ? (".Ss Constants\n", map { of_macros($_) } @macros) : (),
        $list ne '' ? ".Ss Functions\n.Bl -tag -width Ds\n$list.El\n" : '',
        results(@functions), threads($header),
        see_also($header->{page}, 'librove', map({ $_->{page} } @pages), map { $_->{page} } @siblings));
}

mkdir $out;
for my $header (@$headers) {
    of_header($header);
    family($header, $_) for grep { $_->{page} ne $header->{page} } @{ $header->{sections} };
}
for my $name (sort keys %page_of) {
    put($name, ".so man3/$page_of{$name}.3\n") if !$written{$name};
}
