// SPDX-License-Identifier: MIT
// dict.h: dictionaries that lie in files.
#ifndef ROVE_TOOL_DICT_H
#define ROVE_TOOL_DICT_H

#include <stdbool.h>
#include <stddef.h>

#define DICT_LEN_MAX ((size_t) 1 << 20)

// Reads the file that `dict=@FILE` names in the text of -F. text_out: the text without that name, which the library
// knows, NULL where there is no such option. dict_out: the bytes of the file. Drop both by free(). Reports what is wrong,
// and then returns false and gives nothing.
bool dict_take(const char *text, char **text_out, void **dict_out, size_t *len_out);

#endif
