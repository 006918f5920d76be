// SPDX-License-Identifier: MIT
// os_fault.h: an operating system that fails on demand, behind the library's table of OS calls.
//
// A plan names a call and what becomes of it from a count on; everything else goes to the real one.
// Another plan is noise: any transfer may be interrupted or short, which must change nothing.
#ifndef TEST_OS_FAULT_H
#define TEST_OS_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum os_call {
    OS_READ, OS_WRITE, OS_LSEEK, OS_FSTAT, OS_FTRUNCATE, OS_CLOSE, OS_READV, OS_WRITEV, OS_OPEN, OS_CALLS
};

#define OS_SHORT (-1)  // in place of an errno: the transfer moves one byte
#define OS_NOTHING (-2) // the transfer moves none and says so

struct os_plan {
    enum os_call call;
    int err;        // errno, or OS_SHORT, OS_NOTHING; 0 for no fault
    unsigned at;    // the first call that fails, from 1
    unsigned times; // how many fail; 0 for all that follow
};

// Uses the table of faults from now on, with a plan. Counting starts anew.
void os_fault_arm(struct os_plan plan);

// Interrupts and shortens transfers at random.
void os_fault_noise(uint64_t seed);

// Back to the real calls.
void os_fault_off(void);

// Calls seen, and faults injected, since the last arming.
unsigned os_fault_calls(enum os_call call);
unsigned os_fault_injected(void);

#endif
