# SPDX-License-Identifier: MIT
# Completion of rove for bash.
# Made by tools/completions/make.pl from what the command's --help says; not to be edited.

# What a verb takes: all options; those whose value is a file, a folder, a filter, something else, or one of some words.
_rove_verb()
{
    files='' folders='' filters='' others='' words=''
    case $1 in
        pack)
            options='-F --filter -1 -2 -3 -4 -5 -6 -7 -8 -9 --fast --best -o --output --format -C --directory --files-from --null --exclude --exclude-from --no-recursion --prepend --mtime --clamp-mtime --owner --group --numeric-owner --mode --sort --reproducible --xattrs --acls --index --every --memory -T --threads -f --force --no-sync --progress --stats --json -q --quiet -v --verbose -h --help'
            files='-o --output --files-from --exclude-from --prepend'
            folders='-C --directory'
            filters='-F --filter'
            others='--exclude --mtime --owner --group --mode --every --memory -T --threads'
            words='--format=tar --format=ustar --format=gnu --format=cpio --format=zip --sort=name --progress=auto --progress=bar --progress=plain --progress=json --progress=none'
            ;;
        compress)
            options='-F --filter -o --output -c --stdout -S --suffix -k --keep --rm -f --force -r --recursive --rsyncable -1 -2 -3 -4 -5 -6 -7 -8 -9 --fast --best --index --every -M --memlimit --files-from --null -T --threads --no-sync --progress --stats --json -q --quiet -v --verbose -h --help'
            files='-o --output --files-from'
            filters='-F --filter'
            others='-S --suffix --every -M --memlimit -T --threads'
            words='--progress=auto --progress=bar --progress=plain --progress=json --progress=none'
            ;;
        decompress)
            options='-F --filter -o --output -c --stdout -S --suffix -k --keep --rm -f --force -r --recursive --sparse --no-sparse --strict --salvage -M --memlimit --max-output --max-ratio --files-from --null -T --threads --no-sync --progress --stats --json -q --quiet -v --verbose -h --help'
            files='-o --output --files-from'
            filters='-F --filter'
            others='-S --suffix -M --memlimit --max-output --max-ratio -T --threads'
            words='--progress=auto --progress=bar --progress=plain --progress=json --progress=none'
            ;;
        test)
            options='-F --filter -f --force -r --recursive -S --suffix --strict --salvage -M --memlimit --max-output --max-ratio --files-from --null -T --threads --progress --stats --json -q --quiet -v --verbose -h --help'
            files='--files-from'
            filters='-F --filter'
            others='-S --suffix -M --memlimit --max-output --max-ratio -T --threads'
            words='--progress=auto --progress=bar --progress=plain --progress=json --progress=none'
            ;;
        sum)
            options='-F --filter --tag --json -c --check --ignore-missing --status --strict -w --warn -T --threads --files-from --null --progress -q --quiet -v --verbose -h --help'
            files='--files-from'
            filters='-F --filter'
            others='-T --threads'
            words='--progress=auto --progress=bar --progress=plain --progress=json --progress=none'
            ;;
        cat)
            options='--range --index --follow -F --filter -f --force -M --memlimit --max-output --max-ratio -T --threads --progress -q --quiet -v --verbose -h --help'
            files='--index'
            filters='-F --filter'
            others='--range -M --memlimit --max-output --max-ratio -T --threads'
            words='--progress=auto --progress=bar --progress=plain --progress=json --progress=none'
            ;;
        list)
            options='--data --sizes --blocks --every --json --index -F --filter -f --force -M --memlimit --max-output --max-ratio -T --threads -q --quiet -v --verbose -h --help'
            files='--index'
            filters='-F --filter'
            others='--every -M --memlimit --max-output --max-ratio -T --threads'
            ;;
        get)
            options='-o --output -c --stdout -f --force --index -F --filter -M --memlimit --max-output --max-ratio -T --threads --no-sync -q --quiet -v --verbose -h --help'
            files='-o --output --index'
            filters='-F --filter'
            others='-M --memlimit --max-output --max-ratio -T --threads'
            ;;
        index)
            options='-o --output --every -F --filter -f --force -M --memlimit --max-output --max-ratio -T --threads --no-sync -q --quiet -v --verbose -h --help'
            files='-o --output'
            filters='-F --filter'
            others='--every -M --memlimit --max-output --max-ratio -T --threads'
            ;;
        filters)
            options='-v --verbose -h --help'
            ;;
        bench)
            options='-F --filter -1 -2 -3 -4 -5 -6 -7 -8 -9 --fast --best --size --seconds --json -M --memlimit -T --threads -q --quiet -v --verbose -h --help'
            filters='-F --filter'
            others='--size --seconds -M --memlimit -T --threads'
            ;;
    esac
}

_rove_verbs='pack compress decompress test sum cat list get index filters bench'
_rove_globals='--plugin --help -z -d -t -l --sizes --version'

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
