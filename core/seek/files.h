// SPDX-License-Identifier: MIT
// files.h: the kinds of index file.
#ifndef RV_SEEK_FILES_H
#define RV_SEEK_FILES_H

#include "seek/file.h"

// One kind each: reads what follows the head, to the end of the file. On failure *index_out is NULL.
enum rove_status rv_gzi_load(const struct rv_file *file, struct rove_index **index_out);
enum rove_status rv_gzidx_load(const struct rv_file *file, struct rove_index **index_out);
enum rove_status rv_table_load(const struct rv_file *file, struct rove_index **index_out);

// The same from the end of the data; nothing is in file but the source. ROVE_E_UNSUPPORTED: there is none.
enum rove_status rv_table_find(const struct rv_file *file, struct rove_index **index_out);

#define RV_GZIDX_MAGIC "GZIDX"
#define RV_TABLE_MAGIC 0x184d2a5eu // of the skippable frame that holds a seek table

// One kind each: writes an index. source: NULL for none, but not for GZIDX.
enum rove_status rv_gzi_save(const struct rove_index *index, struct rove_stream *to);
enum rove_status rv_gzidx_save(const struct rove_index *index, struct rove_stream *source,
                               struct rove_stream *to);
enum rove_status rv_table_save(const struct rove_index *index, struct rove_stream *source,
                               struct rove_stream *to);

#endif
