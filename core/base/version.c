// SPDX-License-Identifier: MIT
// The version that was compiled in; a program may run with another one than it was built with.

#include <rove/version.h>

const char *rove_version(void)
{
    return ROVE_VERSION_STRING;
}

unsigned rove_version_number(void)
{
    return ROVE_VERSION_NUMBER;
}
