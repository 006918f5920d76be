# SPDX-License-Identifier: MIT
# Makes the completions for bash, zsh and fish from what `rove --help` and `rove VERB --help` say.
# Usage: perl make.pl ROVE FOLDER [--options]; --options prints what was read, and makes nothing.
use strict;
use warnings;

my ($rove, $folder, $mode) = @ARGV;
my @verbs;   # in the order of the help: {name, about, options}
my @globals; # what stands before a verb, or instead of one

sub help_of {
    my @words = @_;
    open(my $in, '-|', $rove, @words) or die "$rove: $!\n";
    my @lines = <$in>;
    close $in or die "$rove @words fails\n";
    chomp @lines;
    return @lines;
}

# What an option takes: {kind, words}. The help's word for it tells, and for WORD the words that follow.
sub value_of {
    my ($option, $arg, $about) = @_;
    return {kind => 'filter'} if $option->{long} && $option->{long} eq 'filter';
    return {kind => 'folder'} if $arg eq 'DIR';
    return {kind => 'file'} if $arg =~ /^(?:FILE|PATH|IDX|WHERE)$/;
    return {kind => 'other'} if $arg ne 'WORD';
    (my $list = $about) =~ s/;.*//;
    return {kind => 'word', words => [grep { $_ ne 'or' } split /[ ,]+/, $list]};
}

# "-F, --filter SPEC", "--max-output SIZE, --max-ratio N", "--stats[=FILE]", "-1 ... -9, --fast, --best"
sub add_options {
    my ($list, $head, $about) = @_;
    (my $short = $about) =~ s/[;:(].*|\. .*|, (?:say|such as) .*//;
    $short =~ s/\s+$//;
    $short =~ s/['"`\[\]]//g;
    if ($head =~ s/^-1 \.\.\. -9(?:, )?//) { push @$list, map { {short => $_, about => $short} } 1 .. 9 }
    my $letter;
    for my $item (split /, /, $head) {
        die "what is \"$item\"?\n" if $item !~ /^(--?)([A-Za-z0-9-]+)(?:( |=|\[=)([A-Z]+)\]?)?$/;
        my ($dashes, $name, $mark, $arg) = ($1, $2, $3, $4);
        if ($dashes eq '-' && length $name == 1 && !defined $arg) { $letter = $name; next }
        my $option = $dashes eq '-' ? {short => $name} : {long => $name};
        if (defined $letter) { $option->{short} = $letter; undef $letter }
        $option->{about} = $short;
        $option->{optional} = 1 if defined $mark && $mark eq '[=';
        $option->{value} = value_of($option, $arg, $about) if defined $arg;
        push @$list, $option;
    }
    push @$list, {short => $letter, about => $short} if defined $letter;
}

sub options_of {
    my @list;
    my ($head, $about);
    for my $line (help_of($_[0], '--help'), '') {
        if (defined $head && $line =~ /^ {20,}(\S.*)/) { $about .= ($about eq '' ? '' : ' ') . $1; next }
        add_options(\@list, $head, $about) if defined $head;
        undef $head;
        # A name that fills its column is followed by one blank.
        ($head, $about) = ($1, $2 // '') if $line =~ /^ {2,6}(-\S.*?)(?:(?: {2,}| (?=[a-z]))(\S.*))?$/;
    }
    push @list, {short => 'h', long => 'help', about => 'what the verb does, and its options'};
    return \@list;
}

for my $line (help_of('--help')) {
    push @verbs, {name => $1, about => $2, options => options_of($1)} if $line =~ /^  ([a-z]+)(?: [[A-Z.\]]+)* +([a-z].*)/;
}
my %seen;
for my $text (grep { /^[`A-Za-z]/ } help_of('--help')) {
    while ($text =~ /(?<![\w-])(--?[a-z][a-z-]*)/g) {
        push @globals, $1 if $1 ne '-v' && $1 ne '-F' && !$seen{$1}++;
    }
}

sub names { my ($o) = @_; return (defined $o->{short} ? "-$o->{short}" : ()), (defined $o->{long} ? "--$o->{long}" : ()) }
sub of_kind {
    my ($verb, $kind) = @_;
    return map { names($_) } grep { $_->{value} && $_->{value}{kind} eq $kind && !$_->{optional} } @{$verb->{options}};
}

if (defined $mode) {
    for my $verb (@verbs) {
        for my $o (@{$verb->{options}}) {
            my $value = !$o->{value} || $o->{optional} ? '' : $o->{value}{kind} eq 'word' ? $o->{value}{words}[0] : '1';
            print "$verb->{name} $_ $value\n" for names($o);
        }
    }
    exit 0;
}

my $origin = "Made by tools/completions/make.pl from what the command's --help says; not to be edited.";

sub write_file {
    my ($name, $text) = @_;
    open(my $out, '>', "$folder/$name") or die "$folder/$name: $!\n";
    print $out $text;
    close $out or die "$folder/$name: $!\n";
}

# bash ----------------------------------------------------------------------------------------------

sub quoted { my ($name, @words) = @_; return "            $name='@words'\n" }

my $bash = <<"END" . <<'END';
# SPDX-License-Identifier: MIT
# Completion of rove for bash.
# $origin

# What a verb takes: all options; those whose value is a file, a folder, a filter, something else, or one of some words.
END
_rove_verb()
{
    files='' folders='' filters='' others='' words=''
    case $1 in
END
for my $verb (@verbs) {
    my @words = map { my $o = $_; map { my $n = $_; map { "$n=$_" } @{$o->{value}{words}} } names($o) }
        grep { $_->{value} && $_->{value}{kind} eq 'word' } @{$verb->{options}};
    $bash .= "        $verb->{name})\n";
    $bash .= quoted('options', map { names($_) } @{$verb->{options}});
    for my $kind (qw(file folder filter other)) {
        my @names = of_kind($verb, $kind);
        $bash .= quoted("${kind}s", @names) if @names;
    }
    $bash .= quoted('words', @words) if @words;
    $bash .= "            ;;\n";
}
my $verb_names = join ' ', map { $_->{name} } @verbs;
$bash .= <<"END" . <<'END';
    esac
}

_rove_verbs='$verb_names'
_rove_globals='@globals'
END

_rove_has() { [[ " $1 " == *" $2 "* ]]; }

_rove_reply() { mapfile -t COMPREPLY < <(compgen "$@" -- "$cur"); }

# Names of files, with a slash behind folders.
_rove_files()
{
    compopt -o filenames 2> /dev/null
    _rove_reply "${1:--f}"
}

# The last filter of a chain's text.
_rove_filters()
{
    local front='' last=$cur
    [[ $cur != *'|'* ]] || front=${cur%|*}'|' last=${cur##*|}
    mapfile -t COMPREPLY < <(compgen -P "$front" -W "$("${COMP_WORDS[0]}" filters 2> /dev/null | cut -d ' ' -f 1)" -- "$last")
    compopt -o nospace 2> /dev/null
}

_rove()
{
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} verb='' ended='' i word
    local options='' files='' folders='' filters='' others='' words=''

    COMPREPLY=()
    cur=${cur#[\'\"]} # a word that is quoted comes with the quote
    # bash takes --option=value for three words.
    if [[ $cur == '=' ]]; then
        cur=''
    elif [[ $prev == '=' ]]; then
        prev=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        [[ $word != -- ]] || ended=1
        [[ -n $verb ]] || ! _rove_has "$_rove_verbs" "$word" || verb=$word
    done
    if [[ -z $verb ]]; then
        _rove_verb compress
        options="$_rove_globals $options"
    else
        _rove_verb "$verb"
    fi

    if [[ -z $ended && $prev == -* ]]; then
        if [[ $prev == --plugin ]] || _rove_has "$files" "$prev"; then
            _rove_files
            return
        elif _rove_has "$folders" "$prev"; then
            _rove_files -d
            return
        elif _rove_has "$filters" "$prev"; then
            _rove_filters
            return
        elif [[ " $words" == *" $prev="* ]]; then
            word=" $words "
            options=''
            while [[ $word == *" $prev="* ]]; do
                word=${word#*" $prev="}
                options+=" ${word%% *}"
            done
            _rove_reply -W "$options"
            return
        elif _rove_has "$others" "$prev"; then
            return
        fi
    fi
    if [[ -z $ended && $cur == -* ]]; then
        _rove_reply -W "$options"
    elif [[ -z $verb && $COMP_CWORD -eq 1 ]]; then
        _rove_reply -W "$_rove_verbs"
    elif [[ -n $verb || $prev == -* ]]; then
        _rove_files
    fi
}

complete -F _rove rove
END
write_file('rove.bash', $bash);

# zsh -----------------------------------------------------------------------------------------------

sub zsh_quoted { my ($text) = @_; $text =~ s/([\[\]:\\])/\\$1/g; $text =~ s/'/'\\''/g; return $text }

sub zsh_action {
    my ($option) = @_;
    my $value = $option->{value} or return '';
    my %actions = (file => '_files', folder => '_files -/', filter => '_rove_filters', other => ' ');
    my $action = $value->{kind} eq 'word' ? "(@{$value->{words}})" : $actions{$value->{kind}};
    return ($option->{optional} ? '::' : ':') . "$value->{kind}:$action";
}

my $zsh = <<"END" . <<'END';
#compdef rove
# SPDX-License-Identifier: MIT
# Completion of rove for zsh.
# $origin

END
_rove_filters()
{
    local -a names
    names=(${(f)"$(rove filters 2> /dev/null | cut -d ' ' -f 1)"})
    compset -P '*\|'
    compadd -S '' -a names
}

_rove_verb()
{
    case $1 in
END
for my $verb (@verbs) {
    $zsh .= "        $verb->{name})\n            _arguments -s -S \\\n";
    for my $o (@{$verb->{options}}) {
        my @names = names($o);
        my $long = $o->{value} ? ($o->{optional} ? '=-' : '=') : '';
        my $spec = @names > 1 ? "'(@names)'{-$o->{short}" . ($o->{value} ? '+' : '') . ",--$o->{long}$long}"
            : defined $o->{long} ? "--$o->{long}$long" : "-$o->{short}" . ($o->{value} ? '+' : '');
        $spec = "'*'$spec" if @names == 1 && $o->{value};
        $zsh .= "                $spec'[" . zsh_quoted($o->{about}) . "]" . zsh_action($o) . "' \\\n";
    }
    $zsh .= "                '*:file:_files'\n            ;;\n";
}
$zsh .= <<'END';
    esac
}

_rove()
{
    local curcontext=$curcontext state line
    local -a verbs
    # Without a verb, options are those of compress.
    if [[ $CURRENT -gt 2 && $words[2] == -* && $words[2] != --plugin* ]]; then
        _rove_verb compress
        return
    fi
    verbs=(
END
$zsh .= "        '$_->{name}:" . zsh_quoted($_->{about}) . "'\n" for @verbs;
$zsh .= <<'END';
    )
    _arguments -C \
        '*--plugin=[load a plugin]:plugin:_files' \
        '--version[the version]' \
        '--help[the verbs]' \
        '1:verb:->verb' \
        '*::argument:->rest'
    case $state in
        verb) _describe verb verbs ;;
        rest) _rove_verb $words[1] ;;
    esac
}

_rove "$@"
END
write_file('_rove', $zsh);

# fish ----------------------------------------------------------------------------------------------

sub fish_quoted { my ($text) = @_; $text =~ s/(['\\])/\\$1/g; return "'$text'" }

my $fish = <<"END" . <<'END';
# SPDX-License-Identifier: MIT
# Completion of rove for fish.
# $origin

END
function __rove_filters
    rove filters 2>/dev/null | string replace -r ' .*' ''
end

complete -c rove -n __fish_use_subcommand -l plugin -r -d 'load a plugin'
complete -c rove -n __fish_use_subcommand -l version -d 'the version'
complete -c rove -n __fish_use_subcommand -l help -d 'the verbs'
END
for my $verb (@verbs) {
    $fish .= "\ncomplete -c rove -f -n __fish_use_subcommand -a $verb->{name} -d " . fish_quoted($verb->{about}) . "\n";
    for my $o (@{$verb->{options}}) {
        my %takes = (file => ' -r', folder => " -x -a '(__fish_complete_directories)'",
                     filter => " -x -a '(__rove_filters)'", other => ' -x');
        my $value = $o->{value};
        $fish .= "complete -c rove -n '__fish_seen_subcommand_from $verb->{name}'"
            . (defined $o->{short} ? " -s $o->{short}" : '') . (defined $o->{long} ? " -l $o->{long}" : '')
            . (!$value || $o->{optional} ? '' : $value->{kind} eq 'word' ? " -x -a '@{$value->{words}}'" : $takes{$value->{kind}})
            . " -d " . fish_quoted($o->{about}) . "\n";
    }
}
write_file('rove.fish', $fish);
