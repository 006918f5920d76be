#!/bin/sh
# SPDX-License-Identifier: MIT
# Files that other programs wrote, and what is made of such files by laying them end to end: empty parts in front,
# frames that carry nothing, padding, another format behind. Usage: foreign.sh PATH-OF-ROVE FOLDER-OF-PLUGINS

. "$(dirname "$0")/lib.sh"

umask 022
mkdir "$work/plugins"
for file in "$2"/rove-filter-*.so; do
    [ ! -f "$file" ] || install -m 755 "$file" "$work/plugins"
done
export ROVE_FILTER_PATH="$work/plugins"
seq 1 20000 > text
cat text text > twice
: > nothing

have() { command -v "$1" > /dev/null 2>&1; }
reads_zstd() { have zstd && [ -f "$work/plugins/rove-filter-zstd.so" ]; }

# skippable NUMBER LEN [SAID]: a frame that carries nothing, and says so much.
skippable() {
    printf "\\$(printf '%o' $((80 + $1)))"'\052\115\030'
    said=${3:-$2}
    for shift in 0 8 16 24; do
        printf "\\$(printf '%o' $((said >> shift & 255)))"
    done
    head -c "$2" /dev/zero | tr '\0' '\037'
}

# gives FILE WANTED [FILTER]: by the first bytes, or by its filter; by name and by pipe, in turns where amounts are
# scaled down.
ways=$(amount both turns)
lens=$(amount '0 1 4 15 70000' '0 15 70000')
gives() {
    way=pipe
    for chain in auto "crc32|auto" ${3:-}; do
        case $ways.$way in
            both.*) way=both ;;
            turns.name) way=pipe ;;
            turns.pipe) way=name ;;
        esac
        [ $way = pipe ] ||
            yes "$1 by $chain" sh -c '"$1" decompress -F "$2" -c "$3" | cmp - "$4"' - "$rove" "$chain" "$1" "$2"
        [ $way = name ] ||
            yes "$1 by $chain and a pipe" sh -c 'cat "$3" | "$1" decompress -F "$2" | cmp - "$4"' - \
                "$rove" "$chain" "$1" "$2"
    done
    yes "$1, tested" "$rove" test "$1"
}

# gzip: members, empty ones first and between, as parallel writers and rotating logs leave them.
if have gzip; then
    gzip -n < text > one.gz
    gzip -n < nothing > empty.gz
    gzip -9 -N -c text > named.gz
    cat empty.gz one.gz > file && gives file text gzip
    cat empty.gz empty.gz empty.gz one.gz empty.gz named.gz empty.gz > file && gives file twice gzip
    gives empty.gz nothing gzip
    # Parts of 4 KiB, each a member.
    split -b 4096 text part. && for part in part.*; do gzip -c "$part"; done > file && gives file text gzip
    for filter in igzip libdeflate; do
        [ -f "$work/plugins/rove-filter-$filter.so" ] || continue
        yes "$filter reads members" sh -c '"$1" decompress -F "$2" < file | cmp - text' - "$rove" "$filter"
    done
    # BGZF, and what other programs append to it.
    "$rove" compress -F bgzf -c text > blocks.gz || bad "bgzf"
    gives blocks.gz text "gzip bgzf"
    cat blocks.gz blocks.gz > file && gives file twice "gzip bgzf"
    cat blocks.gz one.gz > file && gives file twice "gzip bgzf"
    cat blocks.gz named.gz empty.gz > file && gives file twice "gzip bgzf"
    cat one.gz blocks.gz > file && gives file twice gzip
    if have bgzip; then
        bgzip -c text > theirs.gz
        bgzip -c nothing > file && gives file nothing "gzip bgzf"
        gives theirs.gz text "gzip bgzf"
    fi
    if [ -f "$work/plugins/rove-filter-libdeflate.so" ]; then
        "$rove" compress -F libdeflate:bgzf=yes -c text > fast.gz || bad "libdeflate:bgzf=yes"
        cat fast.gz one.gz > file && gives file twice "gzip bgzf libdeflate libdeflate:bgzf=yes"
        gives blocks.gz text libdeflate:bgzf=yes
        ! have bgzip || yes "bgzip reads libdeflate's" sh -c 'bgzip -dc < fast.gz | cmp - text'
        ! have bgzip || gives theirs.gz text libdeflate:bgzf=yes
        head -c -28 fast.gz > file
        ends 1 "no end marker" "$rove" test -F libdeflate:bgzf=yes file
        says "no end marker" 'there is no end marker'
    fi
    # Padding in front begins no format.
    { head -c 512 /dev/zero && cat one.gz; } > file
    ends 1 "zeros in front" "$rove" test file
    says "zeros in front" 'no decoder recognises the first bytes, 00 00 00 00'
fi

# lz4: the same, and frames that carry nothing wherever frames may be.
if have lz4; then
    lz4 -qc < text > one.lz4
    lz4 -qc < nothing > empty.lz4
    lz4 -qc -BD --content-size text > linked.lz4
    lz4 -qlc < text > legacy.lz4
    cat empty.lz4 empty.lz4 one.lz4 empty.lz4 linked.lz4 > file && gives file twice lz4
    cat legacy.lz4 one.lz4 > file && gives file twice lz4
    for len in $lens; do
        { skippable 10 $len && cat one.lz4; } > file && gives file text lz4
        { skippable 0 $len && skippable 15 1 && cat legacy.lz4 && skippable 3 $len; } > file && gives file text lz4
        { cat one.lz4 && skippable 7 $len && cat one.lz4 && skippable 3 $len; } > file && gives file twice lz4
    done
    { skippable 1 3 && skippable 2 0; } > file && gives file nothing lz4
    { skippable 1 100 4294967295 && cat one.lz4; } > file
    for chain in auto lz4; do
        ends 1 "a frame of 4 GiB that is not there, $chain" "$rove" test -F $chain file
        says "a frame of 4 GiB that is not there, $chain" 'the skippable frame ends too early'
    done
    { skippable 1 9 && printf 'plain text' ; } > file
    ends 1 "nothing known behind a skippable frame" "$rove" test file
    says "nothing known behind a skippable frame" 'what follows the skippable frames, 70 6c 61 69 6e 20, at input byte 17'
    { cat legacy.lz4 && head -c 4096 /dev/zero; } > file
    ends 2 "zeros behind a legacy frame" "$rove" decompress -f -o out file
    says "zeros behind a legacy frame" 'zeros follow'
    yes "zeros behind a legacy frame: all of it" cmp out text
fi

# zstd, and pzstd, which writes a frame that carries nothing before each other.
if reads_zstd; then
    zstd -qc < text > one.zst
    zstd -qc < nothing > empty.zst
    zstd -qc --no-check --single-thread text > bare.zst
    cat empty.zst empty.zst one.zst empty.zst bare.zst > file && gives file twice zstd
    for len in $lens; do
        { skippable 10 $len && cat one.zst; } > file && gives file text "zstd auto:allow=zstd auto:allow=gzip.zstd"
        { skippable 0 $len && skippable 15 1 && cat empty.zst one.zst && skippable 3 $len; } > file &&
            gives file text zstd
        { cat one.zst && skippable 7 $len && cat one.zst && skippable 3 $len; } > file && gives file twice zstd
    done
    { skippable 1 3 && skippable 2 0; } > file && gives file nothing auto:allow=zstd
    { skippable 1 100 4294967295 && cat one.zst; } > file
    ends 1 "a frame of 4 GiB that is not there, zstd" "$rove" test -F zstd file
    if have pzstd; then
        cat text text text text > more
        pzstd -q -p 2 -c more > more.zst && gives more.zst more zstd
        pzstd -q -c nothing > file && gives file nothing zstd
    fi
    { cat one.zst && head -c 512 /dev/zero; } > file
    ends 2 "zeros behind zstd" "$rove" decompress -f -o out file
    says "zeros behind zstd" 'zeros follow the end of the coded data, and are ignored$'
    yes "zeros behind zstd: all of it" cmp out text
fi

# xz and bzip2: streams, empty ones too, as tools that code many at once leave them; xz pads by fours.
for name in xz bzip2; do
    have $name && [ -f "$work/plugins/rove-filter-$name.so" ] || continue
    case $name in xz) end=xz ;; *) end=bz2 ;; esac
    $name -c -1 < text > one.$end
    $name -c < nothing > empty.$end
    cat empty.$end empty.$end one.$end empty.$end one.$end > file && gives file twice $name
    gives empty.$end nothing $name
    rm -f part.*
    split -b 30000 text part. && for part in part.*; do $name -c "$part"; done > file && gives file text $name
    { cat one.$end && head -c 515 /dev/zero; } > file
    ends 2 "zeros behind $name" "$rove" decompress -f -o out file
    says "zeros behind $name" 'zeros follow the end of the coded data, and are ignored$'
    yes "zeros behind $name: all of it" cmp out text
    head -c 3000 one.$end > file
    ends 1 "$name, cut" "$rove" test file
    says "$name, cut" 'too early'
done
[ ! -f one.xz ] || { { cat one.xz && head -c 512 /dev/zero && cat one.xz && head -c 4 /dev/zero; } > file && gives file twice xz; }
if [ -f one.bz2 ] && have pbzip2; then
    pbzip2 -c -1 -b1 -p2 < twice > file && gives file twice bzip2
fi

# Another format behind the first is neither decoded nor passed over in silence.
for first in one.*; do
    for second in one.*; do
        [ "$first" != "$second" ] || continue
        case $second in *.gz) format=gzip ;; *.lz4) format=lz4 ;; *.xz) format=xz ;; *.bz2) format=bzip2 ;; *) format=zstd ;; esac
        cat "$first" "$second" > file
        ends 2 "$second behind $first" "$rove" decompress -f -o out file
        says "$second behind $first" "^rove: file: $format data follow the end of the coded data, and are ignored$"
        yes "$second behind $first: the first" cmp out text
        ends 1 "$second behind $first, --strict" "$rove" test --strict file
    done
done
done_testing
