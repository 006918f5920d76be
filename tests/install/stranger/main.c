// SPDX-License-Identifier: MIT
// A stranger's program: says which rove it runs with, and fails when that is not the one it saw.

#include <rove/version.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    printf("rove %s\n", rove_version());
    return strcmp(rove_version(), ROVE_VERSION_STRING) != 0 ||
           rove_version_number() != ROVE_VERSION_NUMBER;
}
