/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/freeze-stats.h"

#include "cli/output.h"

void freeze_stats_set(json_t *object, const char *key, uint64_t value)
{
    if (value != 0)
        json_object_set_new(object, key, json_integer((json_int_t)value));
}

json_t *freeze_stats_entry(const char *id, const char *name, const char *raw_input,
                           const char *runtime_key, uint64_t runtime_us, json_t *taken_criu)
{
    json_t *entry = json_pack("{s:s, s:s, s:s}", "Id", id, "Name", name, "RawInput", raw_input);

    freeze_stats_set(entry, runtime_key, runtime_us);
    json_object_set_new(entry, "criu_statistics", taken_criu);
    return entry;
}

void freeze_stats_print(const char *duration_key, int64_t duration_us, json_t *entries)
{
    json_auto_t *all = json_object();

    freeze_stats_set(all, duration_key, (uint64_t)duration_us);
    if (json_array_size(entries) > 0)
        json_object_set(all, "container_statistics", entries);
    else
        json_object_set_new(all, "container_statistics", json_null());
    output_json(all);
}
