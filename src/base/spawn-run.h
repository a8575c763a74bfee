/* SPDX-License-Identifier: Apache-2.0 */
/* Running another program to its end. */
#pragma once

#include "base/spawn.h"

typedef struct SpawnResult {
    int status; /* as waitpid's */
    char *out;  /* standard output, NUL-terminated, at most 16 MiB */
    size_t out_length;
    char *err; /* standard error, likewise */
} SpawnResult;

void spawn_result_clear(SpawnResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SpawnResult, spawn_result_clear)

/*
 * Run to the end, feed `input` (NULL: nothing) to its standard input, collect both outputs. An exit
 * status other than 0 is no error here. On timeout the child is killed: TIMEOUT; more than 16 MiB
 * of output: INVALID. options' stdin/out/err are not used (but see keeps_stdout).
 * It ends when the child ends: what a grandchild, which may stay, writes later is not waited for.
 */
bool spawn_run(const SpawnOptions *options, const char *input, size_t input_length, int timeout_ms,
               SpawnResult *ret_result, GError **error);
