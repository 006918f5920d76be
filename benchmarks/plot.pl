# SPDX-License-Identifier: MIT
# plot.pl: the tables of docs/benchmarks*.md as pictures, docs/plots/*.svg, drawn by gnuplot.
#
#     perl benchmarks/plot.pl ROOT            draws all of them anew
#     perl benchmarks/plot.pl ROOT --check    only looks whether they show what the tables say
#
# A bar is what something costs: time, memory, or the inverse of a speed, so that shorter is better. The
# longest bar of a row has the full width. The tables are the only source: each picture keeps in its <desc>
# the rows that it was drawn from, which is what --check compares.

use strict;
use warnings;

my $ROWS = 12;      # a picture, at most
my $BAR = 190;      # pixels: the longest bar, if the texts leave that much room
my $CHAR = 7;       # pixels: a letter of the texts beside bars
my $WIDTH = 400;    # pixels: a phone held upright, which shows it nearly unscaled
my %COLOUR = (rove => '0x1f6feb', peer => '0x8c959f', limit => '0xd0a215');
my %SCALE = (ns => 1e-9, us => 1e-6, ms => 1e-3, s => 1);
my %ORDER = (rove => 0, peer => 1, limit => 2);

my ($root, $mode) = @ARGV;
defined $root or die "usage: plot.pl ROOT [--check]\n";
my $check = defined $mode && $mode eq '--check';
my $stale = 0;

# cost(NUMBER, UNIT): what can be compared inside one row.
sub cost {
    my ($number, $unit) = @_;
    return $number * $SCALE{$unit} if exists $SCALE{$unit};
    return $number ? 1 / $number : 0 if $unit =~ m{/s$};
    return $number;
}

# bar(ROLE, CELL): one figure of a table, as in "111 ms multi_buffer"; nothing where there is none.
sub bar {
    my ($role, $cell) = @_;
    $cell =~ m{^([\d.]+) (ns|us|ms|s|MB/s|M \w+/s|x payload|x plain|x|[KMG]?i?B(?: a \w+)?|\S+?)(?: (.*))?$} or return ();
    my ($number, $unit, $who) = ($1, $2, $3);
    $who = 'rove' if $role eq 'rove';
    return {role => $role, cost => cost($number, $unit), text => "$number $unit " . (defined $who ? $who : $role)};
}

# rows(TEXT): the rows of all tables of a page which have something to stand beside.
sub rows {
    my ($text) = @_;
    my @found;
    for my $line (split /\n/, $text) {
        my (undef, $name, $own, $peer, undef, $limit) = map { s/^ +| +$//gr } split /\|/, $line;
        next unless defined $limit && $name ne '';
        $own =~ s/ \(.*//;
        my @bars = (bar('rove', $own), bar('peer', $peer), bar('limit', $limit));
        push @found, {name => $name, bars => \@bars} if @bars > 1 && $bars[0]{role} eq 'rove';
    }
    return @found;
}

sub row_text {
    my ($row) = @_;
    return "$row->{name}: " . join('; ', map { $_->{text} } @{$row->{bars}});
}

sub quoted {
    my ($text) = @_;
    $text =~ s/["\\]/\\$&/g;
    return "\"$text\"";
}

# shares(ROW): the length of each bar as a part of the longest.
sub shares {
    my ($row) = @_;
    my ($longest) = sort { $b <=> $a } map { $_->{cost} } @{$row->{bars}};
    return map { $longest ? $_->{cost} / $longest : 0 } @{$row->{bars}};
}

# full_length(ROWS): how long the longest bars may be so that every text ends inside of the picture.
sub full_length {
    my $full = $BAR;
    for my $row (@_) {
        my @shares = shares($row);
        for my $bar (@{$row->{bars}}) {
            my ($share, $room) = (shift @shares, $WIDTH - 18 - $CHAR * length $bar->{text});
            $full = $room / $share if $share * $full > $room;
        }
    }
    return $full;
}

# script(TITLE, ROWS): what gnuplot is told, and the height of the picture.
sub script {
    my ($title, @rows) = @_;
    my ($bars, $names, $texts, $y) = ('', '', '', 64);
    my $full = full_length(@rows);
    for my $row (@rows) {
        $names .= "8 $y " . quoted($row->{name}) . "\n";
        my @shares = shares($row);
        $y += 10;
        for my $bar (@{$row->{bars}}) {
            my $len = $full * shift @shares;
            $len = 1 if $len < 1;
            $bars .= sprintf "%.1f %.1f %d %d %s\n", 8, 8 + $len, $y, $y + 12, $COLOUR{$bar->{role}};
            $texts .= sprintf "%.1f %d %s\n", 13 + $len, $y + 6, quoted($bar->{text});
            $y += 14;
        }
        $y += 18;
    }
    my $all = quoted($title);
    return ($y, <<"GNUPLOT");
set terminal svg size $WIDTH,$y fixed font "sans-serif,13" background "#ffffff"
set encoding utf8
unset border; unset tics; unset key
set margins 0,0,0,0
set xrange [0:$WIDTH]; set yrange [$y:0]
set style fill solid noborder
\$bars << EOD
${bars}EOD
\$names << EOD
${names}EOD
\$texts << EOD
${texts}EOD
set label 1 $all at 8,16 left font "sans-serif,14" noenhanced
set label 2 "what it costs: shorter is better; rows have scales of their own" at 8,36 left font "sans-serif,11" noenhanced
plot \$bars using 1:3:1:2:3:4:5 with boxxyerror linecolor rgb variable, \\
     \$names using 1:2:3 with labels left noenhanced font "sans-serif,13", \\
     \$texts using 1:2:3 with labels left noenhanced font "sans-serif,12" textcolor rgb "#444444"
GNUPLOT
}

sub slurp {
    my ($path) = @_;
    open(my $handle, '<', $path) or return '';
    local $/;
    my $text = <$handle>;
    return defined $text ? $text : '';
}

sub escaped {
    my ($text) = @_;
    $text =~ s/&/&amp;/g;
    $text =~ s/</&lt;/g;
    $text =~ s/>/&gt;/g;
    return $text;
}

# picture(NAME, TITLE, ROWS): draws one, or looks whether it is as the tables say.
sub picture {
    my ($name, $title, @rows) = @_;
    my $path = "$root/docs/plots/$name.svg";
    my $desc = '<desc>' . escaped(join "\n", map { row_text($_) } @rows) . '</desc>';
    if ($check) {
        return if index(slurp($path), $desc) >= 0;
        print "docs/plots/$name.svg: shows other figures than the table; ./run bench --plot draws it anew\n";
        $stale++;
        return;
    }
    my (undef, $script) = script($title, @rows);
    open(my $gnuplot, '|-', "gnuplot >'$path.new'") or die "gnuplot: $!\n";
    print $gnuplot $script;
    close $gnuplot or die "gnuplot failed on $name\n";
    my $svg = slurp("$path.new");
    my $head = '<title>' . escaped($title) . "</title>\n$desc";
    $svg =~ s{<title>.*?</desc>}{$head}s or die "gnuplot drew no SVG for $name\n";
    open(my $out, '>', $path) or die "$path: $!\n";
    print $out $svg;
    close $out or die "$path: $!\n";
    unlink "$path.new";
}

# shown(PAGE, NAME, SECTION): whether the page shows the picture where its table stands.
sub shown {
    my ($page, $name, $section) = @_;
    return if index($section, "(plots/$name.svg)") >= 0;
    print "docs/$page.md: does not show plots/$name.svg, which has rows of its table\n";
    $stale++;
}

# ratio(ROW): rove's cost over the best peer's; nothing without one, or where that is rove itself, called otherwise.
sub ratio {
    my ($row) = @_;
    my ($own, $peer) = @{$row->{bars}};
    return $peer->{role} eq 'peer' && $peer->{text} !~ / rove/ && $peer->{cost} ? $own->{cost} / $peer->{cost} : undef;
}

# sections(TEXT): the parts of a page, heading and text in turns.
sub sections {
    my ($text) = @_;
    my (undef, @parts) = split /^## (.*)\n/m, $text;
    return @parts;
}

my ($drawn, @beside) = (0);
for my $page (['benchmarks', 'The rope', 'rope'], ['benchmarks', 'The stream', 'stream'],
              ['benchmarks-filters', 'Figures', 'filters']) {
    my ($file, $wanted, $name) = @$page;
    my @parts = sections(slurp("$root/docs/$file.md"));
    while (my ($heading, $text) = splice @parts, 0, 2) {
        next unless $heading eq $wanted;
        my @rows = rows($text);
        push @beside, grep { defined ratio($_) } @rows;
        my $cnt = int((@rows + $ROWS - 1) / $ROWS);
        my $each = $cnt && int((@rows + $cnt - 1) / $cnt); # none is left with a row or two
        for my $i (1 .. $cnt) {
            my @some = splice @rows, 0, $each;
            shown($file, "$name-$i", $text);
            picture("$name-$i", ($name eq 'filters' ? 'The filters' : $wanted) . ", $i of $cnt", @some);
            $drawn++;
        }
    }
}
die "docs/benchmarks*.md have no table that could be drawn\n" unless $drawn;
my @ranked = sort { ratio($a) <=> ratio($b) } @beside;
picture('best-and-worst', 'The best three rows beside their best peers, the worst', @ranked[0 .. 2, -1]);
print $drawn + 1, " pictures, $stale stale or not shown\n";
exit($stale ? 1 : 0);
