# SPDX-License-Identifier: MIT
# Writes calls of every public function in which one pointer is NULL and all else is right. Usage: perl null.pl FOLDER OUT
#
# FOLDER holds the public headers. For test_null.c, which says what its values are: a struct `given` and what each
# parameter gets of it is the table below. A parameter that the table does not know stops the build, so that no new
# function goes without its calls. Whether NULL is allowed is read from the contract: "NAME: ... may be NULL", "NULL
# for ..." or "NULL is ...", or the contract of a function that it is like.

use strict;
use warnings;

# By type and name, else by type; FUNCTION.NAME goes before both.
my %value = (
    'struct rove_rope *' => '&g->rope', 'const struct rove_rope *' => '&g->rope',
    'struct rove_rope * src' => '&g->other', 'struct rove_rope * right' => '&g->other',
    'struct rove_rope * rope_out' => '&g->rope_out', 'struct rove_rope * right_out' => '&g->rope_out',
    'rove_rope_init.rope' => '&g->rope_out', 'rove_rope_clone.rope' => '&g->rope_out',
    'rove_rope_move.rope' => '&g->rope_out',
    'struct rove_view *' => '&g->view_out', 'const struct rove_view *' => '&g->view',
    'rove_view_fini.view' => '&g->view_own',
    'struct rove_cursor *' => '&g->cursor',
    'struct rove_stream *' => 'g->stream', 'const struct rove_stream *' => 'g->stream',
    'struct rove_stream * other' => 'g->source', 'struct rove_stream * source' => 'g->source',
    'rove_stream_finish.stream' => 'g->chained', 'rove_stream_own.stream' => 'g->owning', 'rove_stream_rechain.stream' => 'g->decoder',
    'rove_stream_digest.stream' => 'g->chained', 'rove_stream_free.stream' => 'take(&g->stream)',
    'struct rove_stream **' => '&g->stream_out',
    'struct rove_index *' => 'g->index', 'const struct rove_index *' => 'g->index', 'struct rove_index **' => '&g->index_out',
    'rove_index_unref.index' => 'rove_index_ref(g->index)', 'struct rove_point *' => '&g->point',
    'struct rove_index_figures *' => '&g->index_figures', 'rove_index_save.to' => 'g->sink',
    'struct rove_pool *' => 'g->pool', 'const struct rove_pool *' => 'g->pool', 'struct rove_pool **' => '&g->pool_out',
    'rove_pool_unref.pool' => 'rove_pool_ref(g->pool)',
    'struct rove_workers *' => 'g->workers', 'struct rove_workers **' => '&g->workers_out',
    'rove_workers_unref.workers' => 'rove_workers_ref(g->workers)',
    'const struct rove_workers_opts *' => '&g->workers_opts',
    'struct rove_workers_figures *' => '&g->workers_figures',
    'void *' => 'g->buf', 'uint8_t *' => 'g->buf', 'char *' => 'g->text', 'const void *' => 'g->bytes', 'const uint8_t *' => 'g->bytes',
    'rove_stream_from_io.ctx' => 'NULL', 'rove_rope_append_adopt.arg' => 'g', 'rove_stream_from_adopted.arg' => 'g', 'char **' => '&g->memory', 'const struct rove_progress *' => '&g->progress', 'rove_stream_copy.to' => 'g->sink',
   
    'rove_release_fn *' => 'released',
    'size_t' => '8', 'size_t cap' => 'sizeof g->buf', 'size_t cnt' => '2', 'size_t layer' => '0', 'size_t i' => '0',
    'rove_rope_commit.len' => '0', 'rove_stream_commit.len' => '0',
    'uint64_t' => '1', 'int64_t' => '1', 'uint32_t dir' => 'ROVE_DECODE', 'int fd' => 'g->fd', 'int status' => '0',
    'unsigned flags' => '0', 'uint8_t' => "'x'", 'enum rove_whence' => 'ROVE_SET',
    'size_t *' => '&g->size', 'size_t * cnt' => '&g->cnt', 'uint64_t *' => '&g->number', 'int *' => '&g->yes',
    'uint8_t * byte_out' => '&g->byte', 'uint8_t **' => '&g->ptr', 'const uint8_t **' => '&g->const_ptr',
    'const char **' => '&g->why',
    'struct rove_span *' => '&g->span', 'struct rove_span' => 'g->delim', 'struct rove_hole *' => '&g->hole_out',
    'struct rove_hole' => 'g->hole',
    'struct iovec *' => 'g->iov_out', 'const struct iovec *' => 'g->iov',
    'const char * spec' => '"crc32"', 'const char * mode' => '"r"', 'const char * path' => '"/nowhere/x.so"',
    'rove_stream_open.path' => '"/dev/null"', 'const char * dir' => '"/nowhere"', 'const char * name' => '"nowhere"', 'const char * format' => '"gzi"',
    'FILE *' => 'g->file', 'FILE **' => '&g->file_out', 'const struct rove_io *' => '&g->io',
    'const struct rove_limits *' => '&g->limits', 'struct rove_spec_error *' => '&g->spec_error',
    'struct rove_plugin_error *' => '&g->plugin_error', 'const struct rove_pool_opts *' => '&g->opts',
    'struct rove_pool_figures *' => '&g->pool_figures', 'struct rove_rope_figures *' => '&g->rope_figures',
    'const struct rove_allocator *' => 'rove_allocator_system()',
    'struct rove_allocator_figures *' => '&g->allocator_figures', 'const struct rove_filter *' => '&g->filter',
);

# These check nothing, as their contract says.
my %unchecked = (rove_copy_run => 1, rove_copy_behind => 1, rove_has_run => 1);

my (%comment, @functions, $calls);
for my $file (sort glob("$ARGV[0]/*.h")) {
    open(my $in, '<', $file) or die "$file: $!\n";
    local $/;
    my $text = <$in>;
    while ($text =~ m!((?:^//[^\n]*\n)*)(?:^\#[^\n]*\n)*^((?:ROVE_API|ROVE_INLINE)\b[^;{]*)!mg) {
        my ($above, $head) = ($1, $2);
        $head =~ s/ROVE_(?:API|INLINE|MUST_CHECK|PRINTF\([^)]*\))//g;
        $head =~ s/\s+/ /g;
        next if $head =~ /^ *extern /; # an object, which nobody calls
        my ($type, $name, $list) = $head =~ /^ *(.*?)(rove_\w+)\((.*)\) *$/ or die "$file: cannot read: $head\n";
        $type =~ s/ $//;
        $above =~ s!^///?!!mg;
        $above =~ s/\s+/ /g;
        $comment{$name} = $above;
        push @functions, { type => $type, name => $name, file => $file,
            list => [map { parameter($name, $_) } grep { $_ ne 'void' && $_ ne '...' } split / ?, ?/, $list] };
    }
}
open(my $out, '>', $ARGV[1]) or die "$ARGV[1]: $!\n";
emit($_) for @functions;
print $out "static const struct call calls[] = {\n$calls};\n";

sub parameter {
    my ($function, $text) = @_;
    my ($type, $name) = $text =~ /^(.*?)(\w+)$/;
    $type =~ s/ $//;
    my $value = $value{"$function.$name"} // $value{"$type $name"} // $value{$type};
    die "null.pl: no value is known for $type $name of $function()\n" if !defined $value;
    return { type => $type, name => $name, value => $value };
}

# The contract of a function says of a parameter that it may be NULL, or that of the one which it is like.
sub may_be_null {
    my ($function, $name, %seen) = @_;
    my $text = $comment{$function} // '';
    return 1 if $text =~ /\b$name\b(?:, \w+)*: (?:(?!\b\w+(?:, \w+)*: ).)*?\b(?:may be NULL(?! when)|NULL (?:is|for)\b)/;
    for my $other ($text =~ /(?:[Ll]ike|The part of) (rove_\w+)\(\)/g) {
        return 1 if !$seen{$other} && may_be_null($other, $name, %seen, $function => 1);
    }
    return 0;
}

sub emit {
    my ($f) = @_;
    return if $unchecked{ $f->{name} };
    my @list = @{ $f->{list} };
    my @pointers = grep { $list[$_]{type} =~ /\*/ } 0 .. $#list;
    call($f, -1, 'any') if @pointers;
    for my $i (@pointers) {
        call($f, $i, may_be_null($f->{name}, $list[$i]{name}) ? 'any' : 'none');
    }
}

# ISO C has no conversion from the one kind of pointer to the other.
sub null_of {
    my ($type) = @_;
    return $type =~ /_fn \*$/ ? 'NULL' : "($type) none";
}

# One call with parameter number $at NULL (-1: with none).
sub call {
    my ($f, $at, $what) = @_;
    my @list = @{ $f->{list} };
    my $id = "call_$f->{name}_" . ($at < 0 ? 'given' : $list[$at]{name});
    my $args = join ', ', map { $_ == $at ? null_of($list[$_]{type}) : $list[$_]{value} } 0 .. $#list;
    my $call = "$f->{name}($args)";
    my $void = $f->{type} eq 'void';
    my $status = $f->{type} eq 'enum rove_status';
    my $body = $void ? "$call;\n    return 0;" : $f->{type} =~ /\*/ ? "return $call != NULL;" : "return (long) $call;";
    print $out "static long $id(struct given *g)\n{\n    (void) g;\n    $body\n}\n\n";
    my $kind = $status ? 'STATUS' : 'PLAIN';
    my $name = $at < 0 ? '' : $list[$at]{name};
    $calls .= "    {\"$f->{name}\", \"$name\", $kind, " . ($what eq 'any' ? 'true' : 'false') . ", $id},\n";
}
