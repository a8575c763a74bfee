/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `checkpoint --print-stats` and `restore --print-stats` print: JSON with podman's keys and
 * "Name", microseconds.
 */
#pragma once

#include <jansson.h>
#include <stdint.h>

/* Adds key: value to the object, unless the value is 0. */
void freeze_stats_set(json_t *object, const char *key, uint64_t value);

/* One container's entry, with what CRIU counted under "criu_statistics"; takes the latter. */
json_t *freeze_stats_entry(const char *id, const char *name, const char *raw_input,
                           const char *runtime_key, uint64_t runtime_us, json_t *taken_criu);

/* Print the whole; entries may be empty, which podman shows as null. */
void freeze_stats_print(const char *duration_key, int64_t duration_us, json_t *entries);
