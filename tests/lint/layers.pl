# SPDX-License-Identifier: MIT
# Lint: reads the real #includes and holds the order of the floors; reads calls and holds that of the
# rooms in a folder. Usage: perl layers.pl ROOT
#
# A room is a .c and its .h. One that calls a function which another room of its folder defines stands
# above that one, whatever header declares the function. A table of functions and a pointer to one are
# how a lower room reaches a higher one that it does not know; they are no calls. Definitions are found
# by their looks: they begin in the first column, and their brace stands alone in it. Calls that a macro
# makes are not seen.

use strict;
use warnings;
(my $common = $0) =~ s{[^/]*$}{common.pl};
require($common =~ m{^/} ? $common : "./$common");

chdir($ARGV[0] || '.') or die "$ARGV[0]: $!\n";

# The floors, lowest first. A floor may include itself and what is left of it.
my @floors = qw(base work chunk rope stream filter seek);
my %rank;
@rank{@floors} = 0 .. $#floors;

# The public headers belong to floors too, or core/base could reach the stream through <rove/>.
# A header that is missing here is a breach: say where it lives.
my %public = (
    (map { $_ => 'base' } qw(export version status span memory)),
    (map { $_ => 'work' } qw(workers)),
    (map { $_ => 'chunk' } qw(pool)),
    (map { $_ => 'rope' } qw(rope view)),
    (map { $_ => 'stream' } qw(stream device)),
    (map { $_ => 'filter' } qw(filter chain registry plugin)),
    (map { $_ => 'seek' } qw(index rove)),
);

my $libc = qr{^(?:assert|ctype|errno|float|inttypes|limits|locale|math|setjmp|signal|stdalign|stdarg
    |stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|time)\.h$}x;
# What public headers may name besides: struct iovec is the currency of writev and its kin.
my $posix = qr{^sys/uio\.h$};
# The vector instructions of the compiler itself.
my $compiler = qr{^(?:immintrin|arm_neon)\.h$};
# Codecs and checksums that filters/ may stand on.
my $codec = qr{^(?:zlib|lz4|lz4hc|lz4frame|libdeflate|xxhash|zstd|zstd_errors|bzlib|lzma|isa-l(?:/\w+)?)\.h$};

my %edges;    # inside a floor: room -> { room => "file:line" }
my %calls;    # inside a folder: room -> { room => "file:line" of the first call }
my %defined;  # folder -> { function => room }
my %code;     # file -> its text without comments, literals, directives and prototypes
my $seen = 0;

for my $file (files('core', qr/\.[ch]$/), files('filters', qr/\.[ch]$/),
              files('tools', qr/\.[ch]$/), files('python/src', qr/\.[ch]$/),
              files('include/rove', qr/\.h$/)) {
    my $text = blank(slurp($file), 0);
    $seen++;
    while ($text =~ /^[ \t]*#[ \t]*include[ \t]*([^\n]*)/mg) {
        my ($what, $line) = ($1, line_of($text, $-[0]));
        if ($what !~ /^([<"])([^>"]+)[>"]/) {
            breach($file, $line, "an #include that is not a plain name cannot be checked");
            next;
        }
        my ($quote, $name) = ($1, $2);
        if ($name =~ m{(^|/)\.\.(/|$)}) {
            breach($file, $line, "\"$name\" climbs out of its folder");
        } elsif ($file =~ m{^core/([^/]+)/}) {
            check_core($file, $line, $1, $quote, $name);
        } elsif ($file =~ m{^core/}) {
            breach($file, $line, "lies on no floor: move it into one of @floors");
        } elsif ($file =~ m{^filters/}) {
            check_filters($file, $line, $quote, $name);
        } elsif ($file =~ m{^(tools|python/src)/}) {
            check_tools($file, $line, $quote, $name, $1);
        } else {
            check_public($file, $line, $name);
        }
    }
}
find_calls();
find_cycles(\%edges, 'closes a cycle');
find_cycles(\%calls, 'closes a cycle of calls');
check_drawing('docs/architecture.md');
finish('layers', $seen, 'files');

# public_rank(FILE, LINE, NAME): the floor of <rove/NAME>, or undef after a report.
sub public_rank {
    my ($file, $line, $name) = @_;
    if (!-f "include/$name") {
        breach($file, $line, "<$name> is no public header");
        return undef;
    }
    my ($base) = $name =~ m{^rove/(.*)\.h$};
    if (!defined $base || !defined $public{$base}) {
        breach($file, $line, "<$name> has no floor in tests/lint/layers.pl");
        return undef;
    }
    return $rank{ $public{$base} };
}

sub check_rank {
    my ($file, $line, $own, $name, $other) = @_;
    if (defined $other && $other > $rank{$own}) {
        breach($file, $line, "floor $own may not include <$name> of floor $floors[$other] above it");
    }
}

sub check_core {
    my ($file, $line, $own, $quote, $name) = @_;
    if (!defined $rank{$own}) {
        breach($file, $line, "core/$own is not a floor: @floors");
        return;
    }
    if ($name =~ m{^rove/}) {
        check_rank($file, $line, $own, $name, public_rank($file, $line, $name));
        return;
    }
    return if $quote eq '<' && !-f "core/$name";
    my ($dir) = $file =~ m{^(.*)/};
    my $target = -f "$dir/$name" ? "$dir/$name" : "core/$name";
    if (!-f $target) {
        breach($file, $line, "\"$name\" is neither beside the file nor below core/");
        return;
    }
    my ($other) = $target =~ m{^core/([^/]+)/};
    if (!defined $other || !defined $rank{$other}) {
        breach($file, $line, "\"$name\" lies on no floor");
    } elsif ($rank{$other} > $rank{$own}) {
        breach($file, $line, "floor $own may not include \"$name\" of floor $other above it");
    } elsif ($other eq $own) {
        my ($from, $to) = (room($file), room($target));
        $edges{$from}{$to} ||= "$file:$line" if $from ne $to;
    }
}

# A .c and its .h are one room; the order of a floor is an order of rooms.
sub room {
    my ($path) = @_;
    $path =~ s/\.[ch]$//;
    return $path;
}

sub check_filters {
    my ($file, $line, $quote, $name) = @_;
    return if $name eq 'rove/filter.h';
    return if $name eq 'rove/registry.h' && $file eq 'filters/builtin.c';
    return if $quote eq '<' && ($name =~ $libc || $name =~ $codec || $name =~ $compiler);
    return if $quote eq '"' && $name !~ m{/} && -f "filters/$name";
    breach($file, $line, "a filter may include <rove/filter.h>, its codec and libc, not $name");
}

sub check_tools {
    my ($file, $line, $quote, $name, $own) = @_;
    if ($name =~ m{^rove/}) {
        public_rank($file, $line, $name);
        return;
    }
    if ($quote eq '"') {
        return if -f "$own/$name";
        breach($file, $line, "$own/ may include public and own headers, not \"$name\"");
    } elsif (-f "core/$name" || -f "filters/$name" || $name =~ m{^(?:core|filters)/}) {
        breach($file, $line, "$own/ may include public and own headers, not <$name>");
    }
}

sub check_public {
    my ($file, $line, $name) = @_;
    return if $name =~ $libc || $name =~ $posix;
    if ($name !~ m{^rove/}) {
        breach($file, $line, "a public header may include <rove/> and the C library, not $name");
        return;
    }
    my $own = public_rank($file, $line, substr($file, length 'include/'));
    my $other = public_rank($file, $line, $name);
    check_rank($file, $line, $floors[$own], $name, $other) if defined $own;
    my ($from, $to) = (room($file), room("include/$name"));
    $edges{$from}{$to} ||= "$file:$line" if $from ne $to;
    breach($file, $line, "includes itself") if $from eq $to;
}

# Fills %calls.
sub find_calls {
    for my $file (files('core', qr{^core/[^/]+/.*\.[ch]$}), files('tools', qr/\.[ch]$/),
                   files('python/src', qr/\.[ch]$/)) {
        my $text = blank_directives(blank(slurp($file), 1));
        $text =~ s{^([A-Za-z_][^;{}]*;)}{(my $space = $1) =~ s/[^\n]/ /g; $space}gme;
        $code{$file} = $text;
        while ($text =~ /^(?=[A-Za-z_])([^;{}=]*?(\w+)\([^;{}]*\)[^;{}]*)\n\{/mg) {
            my ($head, $name) = ($1, $2);
            next if $file =~ /\.c$/ && $head =~ /\bstatic\b/;
            $defined{ folder($file) }{$name} = room($file);
        }
    }
    for my $file (sort keys %code) {
        my ($own, $in) = (room($file), $defined{ folder($file) } || {});
        while ($code{$file} =~ /(?<!\.)(?<!->)\b(\w+)\s*\(/g) {
            my ($room, $at) = ($in->{$1}, $-[0]);
            next if !defined $room || $room eq $own;
            $calls{$own}{$room} ||= "$file:" . line_of($code{$file}, $at);
        }
    }
}

sub folder {
    my ($path) = @_;
    $path =~ s{/[^/]*$}{};
    return $path;
}

# Depth-first; a room met again while it is still open closes a cycle.
sub find_cycles {
    my ($edges, $says) = @_;
    my (%state, @path);
    my $visit;
    $visit = sub {
        my ($node) = @_;
        $state{$node} = 'open';
        push @path, $node;
        for my $next (sort keys %{ $edges->{$node} || {} }) {
            my $state = $state{$next} || '';
            if ($state eq 'open') {
                my @cycle = @path;
                shift @cycle while $cycle[0] ne $next;
                tell_cycle($edges, $says, @cycle);
            } elsif (!$state) {
                $visit->($next);
            }
        }
        pop @path;
        $state{$node} = 'done';
    };
    for my $node (sort keys %$edges) {
        $visit->($node) if !$state{$node};
    }
}

# The breach lies where the last room of the cycle reaches back to the first; each edge is named.
sub tell_cycle {
    my ($edges, $says, @cycle) = @_;
    my ($file, $line) = $edges->{ $cycle[-1] }{ $cycle[0] } =~ /^(.*):(\d+)$/;
    my $text = $cycle[0];
    for my $i (0 .. $#cycle) {
        my $next = $cycle[ ($i + 1) % @cycle ];
        $text .= " -> $next ($edges->{ $cycle[$i] }{$next})";
    }
    breach($file, $line, "$says: $text");
}

# Compares what the page draws with the calls; the right line follows.
sub check_drawing {
    my ($page) = @_;
    return if !-f $page;
    my (%drawn, %line, $folder);
    my $no = 0;
    for my $text (split /\n/, slurp($page)) {
        $no++;
        if ($text =~ /^    (\w+) +(\w+(?: \w+)*(?: <.*)?)$/ && grep { $_ eq $1 } @floors, qw(tools python)) {
            ($folder, $drawn{$1}, $line{$1}) = ($1, $2, $no);
        } elsif (defined $folder && $text =~ /^ {10,}(\S.*)/) {
            $drawn{$folder} .= " $1";
        } else {
            undef $folder;
        }
    }
    my (%height, %rooms);
    $rooms{ folder($_) }{ room($_) } = 1 for keys %code;
    for my $path (sort keys %rooms) {
        my ($name) = $path =~ m{^(?:core/)?(\w+)};
        my @levels;
        push @{ $levels[ height($_, \%height) ] }, m{([^/]*)$} for sort keys %{ $rooms{$path} };
        my $right = join ' < ', map { join ' ', @$_ } @levels;
        next if defined $drawn{$name} && $drawn{$name} eq $right;
        breach($page, $line{$name} || 1, "the rooms of $path stand so: $name  $right");
    }
}

sub height {
    my ($room, $heights) = @_;
    if (!defined $heights->{$room}) {
        $heights->{$room} = 0; # in a cycle, of which was told
        for my $lower (keys %{ $calls{$room} || {} }) {
            my $least = 1 + height($lower, $heights);
            $heights->{$room} = $least if $least > $heights->{$room};
        }
    }
    return $heights->{$room};
}
