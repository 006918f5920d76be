# SPDX-License-Identifier: MIT
# Builds the site in OUT/html by doxygen: guide, reference, examples. Usage: perl site.pl ROOT OUT
#
# The headers keep their plain comments and the pages their plain Markdown, as other readers of them want them; what
# doxygen wants beyond that is written here, into copies in OUT/pages: arguments and results as lists, sections as
# groups, links between pages, names as links. Any warning is a failure; so is a link that leads nowhere (links.pl).

use strict;
use warnings;
use File::Glob ':bsd_glob'; # a path may have blanks
use utf8;
my ($here) = $0 =~ m{^(.*/)};
$here //= './';
$here = "./$here" if $here !~ m{^[./]};
require("${here}headers.pl");
binmode(STDERR, ':encoding(UTF-8)');

my ($root, $out) = @ARGV;
die "usage: perl site.pl ROOT OUT\n" if !defined $out;
my $pages = "$out/pages";
system('rm', '-rf', $pages, "$out/html") == 0 && system('mkdir', '-p', $pages) == 0 or die "$out: cannot be made anew\n";

# What a newcomer reads first stands first; pages that are not named here follow.
my @order = qw(tutorial.md install.md cookbook.md migration.md rope.md stream.md filters.md filters-formats.md seek.md parallel.md memory.md
    plugin.md python.md cpp.md benchmarks.md benchmarks-filters.md architecture.md abi.md dependencies.md packaging.md NEWS.md);
my $headers = read_headers("$root/include/rove");
my (%symbol, %type, %page, %slug);
# The manual pages that are written by hand, where mandoc is there to show them.
my %manual = map { s{^\Q$root\E/}{}r => scalar `mandoc -T html -O fragment "$_"` } glob("$root/docs/*.[1-9]")
    if system('command -v mandoc >/dev/null') == 0;

for my $item (map { @{ $_->{items} } } map { @{ $_->{sections} } } @$headers) {
    $symbol{ $item->{name} } = 'function' if $item->{kind} eq 'function';
    $type{ $item->{name} } = 1 if $item->{kind} =~ /^(?:struct|enum|opaque|typedef)$/;
    $symbol{ $_->{name} } = 'constant' for @{ $item->{macros} // [] }, $item->{kind} eq 'enum' ? @{ $item->{members} } : ();
}

# ---- Small things -----------------------------------------------------------------------------

sub slurp {
    my ($path) = @_;
    open(my $in, '<:encoding(UTF-8)', $path) or die "$path: $!\n";
    local $/;
    return scalar <$in>;
}

sub spill {
    my ($path, $text) = @_;
    open(my $to, '>:encoding(UTF-8)', $path) or die "$path: $!\n";
    print $to $text;
    close $to or die "$path: $!\n";
}

# A header's prose: what doxygen would take for its own is escaped, names become links.
sub prose {
    my ($text) = @_;
    return join '', map { /^`/ ? $_ : plain($_) } split /(`[^`]+`)/, $text;
}

sub plain {
    my ($text) = @_;
    $text =~ s/([\\@%&\$*])/\\$1/g;
    $text =~ s/(?<!\w)_/\\_/g;
    $text =~ s/#(?!\w*ROVE_)/\\#/g;
    $text =~ s{<(rove/(\w+\.h))>}{\001$2\002$1\003}g;
    $text =~ s/([<>])/\\$1/g;
    $text =~ s{\001(.*?)\002(.*?)\003}{\@ref $1 "$2"}g;
    $text =~ s{\bdocs/([\w-]+)\.md\b}{'@ref ' . id_of("docs/$1.md") . qq( "docs/$1.md")}ge;
    $text =~ s/\b(?:struct|enum) (rove_\w+)\b/$type{$1} ? qq(\@ref $1 "$&") : $&/ge;
    $text =~ s/\b(ROVE_\w+)\b(?!")/$symbol{$1} ? "\#$1" : $1/ge;
    return $text;
}

sub dox {
    my (@blocks) = @_;
    my $text = '';
    for my $block (@blocks) {
        if ($block->{kind} eq 'para') {
            my ($label, $rest) = label_of($block->{text});
            $text .= (defined $label ? "<b>$label</b> " . prose($rest) : prose($block->{text})) . "\n\n";
        } elsif ($block->{kind} eq 'code') {
            $text .= "\@verbatim\n" . join('', map { "$_\n" } @{ $block->{lines} }) . "\@endverbatim\n\n";
        } else {
            $text .= join('', map { '- ' . prose($_) =~ s/^(\S+):/$1:/r . "\n" } @{ $block->{items} }) . "\n";
        }
    }
    return $text;
}

sub comment {
    my ($text) = @_;
    $text =~ s/\n+$//;
    return "/**\n$text\n*/\n";
}

# ---- Headers ----------------------------------------------------------------------------------

sub stage_function {
    my ($function) = @_;
    my $parts = parts_of($function);
    my $text = dox(@{ $parts->{text} });
    for my $param (@{ $parts->{params} }) {
        my $names = $param->{names} =~ s/(?:, | \+ )/,/gr;
        $text .= "\@param $names " . ($param->{names} =~ / \+ / ? "$param->{names}: " : '') . prose($param->{text}) . "\n";
    }
    my $returns = dox(@{ $parts->{returns} }) =~ s/^Returns:?\s+//r;
    $text .= "\n\@return " . ($returns =~ /^- / ? 'ROVE_OK, or' . "\n$returns" : $returns) if $returns ne '';
    my $params = join ', ', map { $_->{decl} } @{ $function->{params} };
    return comment($text) . "$function->{type} $function->{name}(" . ($params eq '' ? 'void' : $params) . ");\n\n";
}

sub stage_macros {
    my ($item) = @_;
    my $text = '';
    for my $macro (@{ $item->{macros} }) {
        my $about = $macro->{about} eq '' ? '' : prose(ucfirst $macro->{about}) . ".\n\n";
        $text .= comment($about . dox(@{ $item->{lead} })) . "#define $macro->{name}$macro->{args} $macro->{value}\n\n";
    }
    return $text;
}

# Members as they stand; what stands before some of them makes a group of them.
sub stage_members {
    my ($item) = @_;
    my ($text, $open) = (comment(dox(@{ $item->{about} })) . "$item->{kind} $item->{name} {\n", 0);
    for my $member (@{ $item->{members} // [] }) {
        if (@{ $member->{above} }) {
            my ($title, $rest) = dox(@{ $member->{above} }) =~ /^(\w+): (.*)$/s;
            $text .= ($open ? "/** \@} */\n" : '') . comment("\@name \u$title\n\n\u$rest") . "/** \@{ */\n";
            $open = 1;
        }
        my $about = dox(@{ $member->{about} });
        # Of two in a line each is told of.
        my ($type, @names) = $member->{decl} =~ /^([\w ]+ )(\*?\w+), (\*?\w+)$/;
        $text .= comment(ucfirst $about) . $_ . ($item->{kind} eq 'enum' ? ",\n" : ";\n")
            for @names ? map { "$type$_" } @names : $member->{decl};
    }
    return $text . ($open ? "/** \@} */\n" : '') . "};\n\n";
}

sub stage_header {
    my ($header) = @_;
    my ($purpose, @essay) = @{ $header->{essay} };
    my $text = comment("\@file $header->{file}\n" . dox($purpose) . "`#include <rove/$header->{file}>`\n\n" . dox(@essay));
    for my $section (@{ $header->{sections} }) {
        my ($types, $names) = ('', '');
        for my $item (@{ $section->{items} }) {
            if ($item->{kind} eq 'function') {
                $names .= stage_function($item);
            } elsif ($item->{kind} eq 'macros') {
                $names .= stage_macros($item);
            } elsif ($item->{kind} eq 'typedef') {
                $names .= comment(dox(@{ $item->{about} })) . "$item->{decl};\n\n";
            } else {
                $types .= stage_members({ %$item, kind => $item->{kind} eq 'enum' ? 'enum' : 'struct' });
            }
        }
        $text .= $types;
        if ($section->{title} ne '' && $names ne '') {
            $text .= comment("\@name \u$section->{title}\n\n" . dox(@{ $section->{intro} })) . "/** \@{ */\n$names/** \@} */\n\n";
        } else {
            $text .= $names;
        }
    }
    spill("$pages/$header->{file}", $text);
}

# The way into the reference: every header in reading order, every function by its section.
sub stage_reference {
    my $text = "# Reference {#page_reference}\n\nEvery public header, in reading order, and its functions. "
        . "`#include <rove/rove.h>` has all of them.\n\n";
    for my $header (@$headers) {
        next if $header->{file} eq 'export.h';
        $text .= "## $header->{name} {#reference-$header->{name}}\n\n\@ref $header->{file} \"rove/$header->{file}\": "
            . prose(lcfirst first_sentence($header->{purpose})) . "\n\n";
        for my $section (@{ $header->{sections} }) {
            my @names = map { $_->{name} } grep { $_->{kind} eq 'function' } @{ $section->{items} };
            $text .= '- ' . ($section->{title} eq '' ? '' : "*$section->{title}*: ")
                . join(', ', map { "\@ref $_ \"$_()\"" } @names) . "\n" if @names;
        }
        $text .= "\n";
    }
    spill("$pages/reference.md", $text);
}

# ---- Pages ------------------------------------------------------------------------------------

# id_of(PATH): the name of a page, by its path from the root.
sub id_of {
    my ($path) = @_;
    return 'page_' . lc($path) =~ s{^docs/}{}r =~ s/\.md$//r =~ s/[^a-z0-9]+/_/gr;
}

# As GitHub makes them of headings.
sub slug_of {
    my ($heading) = @_;
    return lc($heading) =~ s/[^\w\s-]//gr =~ s/\s/-/gr;
}

# Fences apart from the rest: a list of [is code, text].
sub cut_at_fences {
    my ($text) = @_;
    my @cut = ([0, '']);
    for my $line (split /^/, $text) {
        if ($line =~ /^\s*```/) {
            if ($cut[-1][0]) {
                $cut[-1][1] .= $line;
                push @cut, [0, ''];
            } else {
                push @cut, [1, $line];
            }
        } else {
            $cut[-1][1] .= $line;
        }
    }
    return @cut;
}

sub learn_page {
    my ($path) = @_;
    $page{$path} = slurp("$root/$path");
    my %seen;
    for my $part (grep { !$_->[0] } cut_at_fences($page{$path})) {
        for my $heading ($part->[1] =~ /^#+ (.*)$/mg) {
            my $slug = slug_of($heading);
            $slug .= "-$seen{$slug}" if $seen{$slug}++;
            $slug{"$path#$slug"} = id_of($path) . "-$slug" =~ s/[^\w-]//gr;
        }
    }
}

# Where a link of a page leads, as doxygen wants it; nothing when the site does not have it.
sub target_of {
    my ($path, $link) = @_;
    return $link if $link =~ /^[a-z]+:/;
    return $slug{"$path$link"} ? "\@ref $slug{\"$path$link\"}" : undef if $link =~ /^#/;
    my ($to, $anchor) = $link =~ /^([^#]*)(#.*)?$/;
    my @steps = split m{/}, $path =~ s{[^/]*$}{}r . $to;
    my @clean;
    $_ eq '..' ? pop @clean : $_ eq '.' || push @clean, $_ for @steps;
    my $file = join '/', @clean;
    return $slug{"$file$anchor"} ? "\@ref $slug{\"$file$anchor\"}" : undef if $page{$file} && defined $anchor;
    return '@ref ' . ($file eq 'README.md' ? 'index' : id_of($file)) if $page{$file};
    return "\@ref $1" if $file =~ m{^include/rove/(\w+\.h)$};
    return '@ref ' . id_of($file) if $manual{$file};
    return "${1}_8$2-example.html" if $file =~ m{^(?:docs/examples|include/rove)/(\w+)\.(c|cpp|hpp)$} && -e "$root/$file";
    return;
}

# What stands between backticks: a name is a link, and what doxygen would take for its own there is escaped.
sub code_span {
    my ($code) = @_;
    return "<code>\@ref $1 \"$code\"</code>" if $code =~ /^(?:struct )?(rove_\w+)(?:\(\))?$/ && ($symbol{$1} || $type{$1});
    return "<code>\#$code</code>" if $symbol{$code};
    return "`$code`" if $code !~ /[%\\|@]/;
    $code =~ s/\\\|/|/g;
    $code =~ s/([\\%@#*]|--)/\\$1/g;
    $code =~ s/&/&amp;/g;
    $code =~ s/"/&quot;/g; # between quotes doxygen does not look for what is escaped
    $code =~ s/</&lt;/g;
    $code =~ s/>/&gt;/g;
    $code =~ s{\|}{\\|}g; # a table would end its cell there
    return "<code>$code</code>";
}

sub stage_text {
    my ($path, $text, $seen) = @_;
    $text =~ s{!\[([^\]]*)\]\(([^)\s]+\.(?:svg|png))\)}{
        my ($about, $picture) = ($1, $2);
        my $from = "$root/" . $path =~ s{[^/]*$}{}r . $picture;
        my ($name) = $picture =~ m{([^/]+)$};
        system('cp', $from, "$pages/$name") == 0 or die "$path: $picture cannot be copied\n";
        "![$about]($name)";
    }ge;
    $text =~ s{(?<!!)\[((?:[^\[\]]|\[[^\]]*\])+)\]\(([^)\s]+)\)}{
        my ($shown, $link) = ($1, $2);
        my $to = target_of($path, $link);
        defined $to ? "[$shown]($to)" : $shown;
    }ge;
    $text =~ s{\*\*((?:[^*\n]|\n(?!\n)|\*(?!\*))+)\*\*}{my $bold = $1; $bold =~ /`/ ? "<b>$bold</b>" : $&}ge;
    $text =~ s{`([^`\n]+)`}{code_span($1)}ge;
    $text =~ s{^(#+) (.*)$}{
        my ($level, $heading) = ($1, $2);
        my $slug = slug_of($heading);
        $slug .= "-$seen->{$slug}" if $seen->{$slug}++;
        my $id = $level eq '#' ? $path eq 'README.md' ? 'mainpage' : id_of($path) : $slug{"$path#$slug"};
        "$level $heading {\#$id}";
    }gme;
    return $text;
}

sub stage_page {
    my ($path) = @_;
    my ($text, %seen) = ('');
    for my $part (cut_at_fences($page{$path})) {
        my ($code, $inside) = @$part;
        $inside =~ s/^(\s*)```(\w*).*$/"$1```" . ($2 eq 'c' || $2 eq 'cpp' ? "{.$2}" : $2 eq 'python' ? '{.py}' : '{.unparsed}')/me if $code;
        $text .= $code ? $inside : stage_text($path, $inside, \%seen);
    }
    my $name = $path =~ s{^docs/}{}r =~ s{/}{_}gr;
    spill("$pages/$name", $text);
}

sub stage_manual {
    my ($path) = @_;
    my ($name, $section) = $path =~ m{([^/]+)\.(\d)$};
    my $text = $manual{$path} =~ s{<table class="(?:head|foot)">.*?</table>\n?}{}gsr; # the page has its own
    spill("$pages/$name.$section.md", "# $name($section) {#" . id_of($path) . "}\n\n\@htmlonly\n$text\n\@endhtmlonly\n");
}

# ---- All --------------------------------------------------------------------------------------

my %place = map { $order[$_] => $_ } 0 .. $#order;
my @guide = sort { ($place{ $a =~ s{^docs/}{}r } // 15.5) <=> ($place{ $b =~ s{^docs/}{}r } // 15.5) || $a cmp $b }
    map { s{^\Q$root\E/}{}r } glob("$root/docs/*.md");
my @others = grep { -e "$root/$_" } qw(python/README.md CONTRIBUTING.md SECURITY.md);
# Shown as they are: the examples, and the headers for C++, which tell of themselves by being read.
my @shown = (sort(glob("$root/docs/examples/*.c"), glob("$root/docs/examples/*.cpp")), glob("$root/include/rove/*.hpp"));
learn_page($_) for 'README.md', @guide, @others;
stage_page($_) for sort keys %page;
stage_manual($_) for sort keys %manual;
stage_header($_) for @$headers;
stage_reference();
spill("$pages/guide.md", "# Guide {#page_guide}\n\n" . join('', map {
    my ($about) = $page{$_} =~ /^# .*\n+((?:[^\s#>|!<`-][^\n]*\n)+)/;
    $about = defined $about ? first_sentence($about =~ s/\s+/ /gr =~ s/ $//r) : '';
    "- \@subpage " . id_of($_) . "\n  <br/>" . stage_text($_, $about, {}) . "\n";
} @guide, @others)
    . join('', map { '- @subpage ' . id_of($_) . "\n  <br/>Manual page.\n" } sort keys %manual));
spill("$pages/examples.dox", join '', map {
    my ($name) = m{([^/]+)$};
    my ($about) = slurp($_) =~ m{\A[^\n]*\n((?://[^\n]*\n)+)};
    $about =~ s{^// ?}{}mg;
    $about =~ s/^\Q$name\E: (\w)/\u$1/;
    $about =~ s/^needs: /\nNeeds: /m;
    comment("\@example $name\n\@details\n" . prose($about));
} @shown);

my ($awesome) = grep { -e "$_/doxygen-awesome.css" } $ENV{ROVE_AWESOME} // (), '/usr/share/doxygen-awesome-css',
    '/usr/share/javascript/doxygen-awesome-css', '/usr/share/doc/doxygen-awesome-css';
print STDERR "site: without doxygen-awesome-css, which is not here\n" if !defined $awesome;
($ENV{ROVE_ROOT}, $ENV{ROVE_OUT}) = ($root, $out);
# Where doxygen takes several paths it divides them at blanks that are not within quotes.
$ENV{ROVE_PAGES} = qq("$pages");
$ENV{ROVE_SHOWN} = qq("$root/docs/examples" "$root/include/rove");
$ENV{ROVE_STYLES} = join ' ', map { qq("$_") } defined $awesome ? "$awesome/doxygen-awesome.css" : (),
    "$root/docs/reference/style.css";
$ENV{ROVE_VERSION} = join '.', slurp("$root/include/rove/version.h") =~ /^#define ROVE_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)$/mg;
system('doxygen', "$root/docs/reference/Doxyfile") == 0 or die "site: doxygen failed, or had warnings\n";
exec($^X, "${here}links.pl", "$out/html") or die "links.pl: $!\n";
