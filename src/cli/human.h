/* SPDX-License-Identifier: Apache-2.0 */
/* Durations and sizes in words, as docker and podman say them. The texts are the caller's. */
#pragma once

#include <stdint.h>

char *human_duration(int64_t seconds); /* "4 minutes", "About an hour", "Less than a second" */
char *human_size(double bytes);        /* "7.05 MB", "12 B": units of 1000, three digits */
