/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys that end an attachment without ending the container ("ctrl-p,ctrl-q"), looked for in a
 * stream of input.
 */
#pragma once

#include "base/error.h"

#define DETACH_KEYS_MAX 16

typedef struct DetachKeys {
    char keys[DETACH_KEYS_MAX];
    size_t length;  /* 0: none, nothing is ever found */
    size_t matched; /* that many last bytes of the input were the first keys, and are held back */
} DetachKeys;

/*
 * A comma-separated sequence of single characters and "ctrl-X" with X one of a-z (any case) @ [ \ ]
 * ^ _. Empty: none. INVALID says what is wrong.
 */
bool detach_keys_parse(const char *text, DetachKeys *ret_keys, GError **error);

/*
 * Look through input, which may hold any part of the sequence. What is to be passed on is put into
 * @output, which has room for `length` + DETACH_KEYS_MAX bytes: bytes held back before, if the
 * sequence did not go on, come first. Returns how many. `*ret_found`: the sequence is complete;
 * what followed it is dropped.
 */
size_t detach_keys_filter(DetachKeys *keys, const char *input, size_t length, char *output,
                          bool *ret_found);

/* At the end of the input: the bytes held back. Room as above; returns how many. */
size_t detach_keys_flush(DetachKeys *keys, char *output);
