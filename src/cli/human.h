/* SPDX-License-Identifier: Apache-2.0 */
/* Durations and sizes in words, as docker and podman say them. The texts are the caller's. */
#pragma once

#include <stdint.h>

char *human_duration(int64_t seconds); /* "4 minutes", "About an hour", "Less than a second" */
char *human_ago(const char *rfc3339);  /* "4 minutes ago"; "": that is no time */
char *human_size(double bytes);        /* "7.05 MB", "12 B": units of 1000, three digits */

char *human_size_tight(double bytes);  /* "7.054MB", "12B": units of 1000, four digits */
char *human_size_binary(double bytes); /* "6.728MiB", "12B": units of 1024, four digits */

char *human_go_duration(uint64_t ns); /* "1m2.5s", "29.006556ms", "0s": as Go prints them */
