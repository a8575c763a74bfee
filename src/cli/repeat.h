/* SPDX-License-Identifier: Apache-2.0 */
/* Printing the same again and again: `stats`, `ps --watch`. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* On a terminal, begin again at its top. */
void repeat_clear_screen(void);

/* Flush, and sleep. False: whoever reads our output has gone. */
bool repeat_wait(int64_t seconds);
