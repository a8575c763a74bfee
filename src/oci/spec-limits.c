/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/spec-limits.h"

#include <string.h>

/* What `docker run` and podman make of --cpus: so many microseconds in each tenth of a second. */
#define CPU_PERIOD_US 100000

#define CPU_PERIOD_MIN_US 1000 /* the kernel's, kernel/sched/core.c: min_cfs_quota_period */
#define CPU_PERIOD_MAX_US 1000000
#define CPU_QUOTA_MIN_US  1000
#define CPU_SHARES_MIN    2
#define CPU_SHARES_MAX    262144
#define BLKIO_WEIGHT_MIN  10
#define BLKIO_WEIGHT_MAX  1000
#define SWAPPINESS_MAX    100

uint64_t spec_cpu_weight(uint64_t shares)
{
    uint64_t known = CLAMP(shares, CPU_SHARES_MIN, CPU_SHARES_MAX);

    return 1 + (known - CPU_SHARES_MIN) * 9999 / (CPU_SHARES_MAX - CPU_SHARES_MIN);
}

uint64_t spec_io_weight(int blkio_weight)
{
    int known = CLAMP(blkio_weight, BLKIO_WEIGHT_MIN, BLKIO_WEIGHT_MAX);

    return 1 + (uint64_t)(known - BLKIO_WEIGHT_MIN) * 9999 / (BLKIO_WEIGHT_MAX - BLKIO_WEIGHT_MIN);
}

static void set_number(json_t *object, const char *key, int64_t number)
{
    if (number != 0)
        json_object_set_new(object, key, json_integer(number));
}

/* --- processors ------------------------------------------------------------------------------- */

static bool check_period(const SpecLimits *limits, GError **error)
{
    if (limits->nano_cpus != 0 && (limits->cpu_period_us != 0 || limits->cpu_quota_us != 0))
        return err_set(error, FLOE_ERROR_INVALID,
                       "a number of cpus excludes a quota and a period of them");
    if (limits->cpu_period_us != 0 &&
        (limits->cpu_period_us < CPU_PERIOD_MIN_US || limits->cpu_period_us > CPU_PERIOD_MAX_US))
        return err_set(error, FLOE_ERROR_INVALID, "the cpu period must be between %d and %d µs",
                       CPU_PERIOD_MIN_US, CPU_PERIOD_MAX_US);
    if (limits->cpu_quota_us != 0 && limits->cpu_quota_us != -1 &&
        limits->cpu_quota_us < CPU_QUOTA_MIN_US)
        return err_set(error, FLOE_ERROR_INVALID, "the cpu quota must be at least %d µs",
                       CPU_QUOTA_MIN_US);
    return true;
}

static bool add_quota(const SpecLimits *limits, json_t *cpu, GError **error)
{
    int64_t quota_us = limits->nano_cpus / (1000000000 / CPU_PERIOD_US);

    if (!check_period(limits, error))
        return false;
    if (limits->nano_cpus == 0) {
        set_number(cpu, "quota", limits->cpu_quota_us);
        set_number(cpu, "period", limits->cpu_period_us);
        return true;
    }
    if (quota_us < CPU_QUOTA_MIN_US)
        return err_set(error, FLOE_ERROR_INVALID, "the number of cpus must be at least 0.01");
    set_number(cpu, "quota", quota_us);
    set_number(cpu, "period", CPU_PERIOD_US);
    return true;
}

/* "0-3,5"; which of them there are only the kernel knows. */
static bool add_set(const char *key, const char *set, json_t *cpu, GError **error)
{
    if (set == NULL || set[0] == '\0')
        return true;
    if (set[strspn(set, "0123456789-,")] != '\0' || !g_ascii_isdigit(set[0]))
        return err_set(error, FLOE_ERROR_INVALID, "'%s' is not a set of numbers such as 0-3,5", set);
    json_object_set_new(cpu, key, json_string(set));
    return true;
}

static bool add_cpu(const SpecLimits *limits, json_t *resources, GError **error)
{
    g_autoptr(JsonValue) cpu = json_object();

    if (limits->cpu_shares != 0 &&
        (limits->cpu_shares < CPU_SHARES_MIN || limits->cpu_shares > CPU_SHARES_MAX))
        return err_set(error, FLOE_ERROR_INVALID, "cpu shares must be between %d and %d",
                       CPU_SHARES_MIN, CPU_SHARES_MAX);
    set_number(cpu, "shares", (int64_t)limits->cpu_shares);
    if (!add_quota(limits, cpu, error) || !add_set("cpus", limits->cpuset_cpus, cpu, error) ||
        !add_set("mems", limits->cpuset_mems, cpu, error))
        return false;
    if (json_object_size(cpu) > 0)
        json_object_set(resources, "cpu", cpu);
    return true;
}

/* --- memory ----------------------------------------------------------------------------------- */

static bool check_memory(const SpecLimits *limits, GError **error)
{
    if (limits->memory_bytes < 0 || limits->memory_bytes > INT64_MAX / 2)
        return err_set(error, FLOE_ERROR_INVALID, "the memory limit is out of range");
    if (limits->has_memory_swappiness &&
        (limits->memory_swappiness < 0 || limits->memory_swappiness > SWAPPINESS_MAX))
        return err_set(error, FLOE_ERROR_INVALID,
                       "the memory's swappiness must be between 0 and %d", SWAPPINESS_MAX);
    if (limits->memory_swap_bytes < -1 || limits->memory_reservation_bytes < 0)
        return err_set(error, FLOE_ERROR_INVALID, "a limit cannot be negative");
    if (limits->memory_swap_bytes > 0 && limits->memory_bytes == 0)
        return err_set(error, FLOE_ERROR_INVALID, "a limit of memory and swap needs a memory limit");
    if (limits->memory_swap_bytes > 0 && limits->memory_swap_bytes < limits->memory_bytes)
        return err_set(error, FLOE_ERROR_INVALID,
                       "the limit of memory and swap must not be below the memory limit");
    if (limits->memory_bytes != 0 && limits->memory_reservation_bytes > limits->memory_bytes)
        return err_set(error, FLOE_ERROR_INVALID,
                       "the memory reservation must not be above the memory limit");
    return true;
}

static bool add_memory(const SpecLimits *limits, json_t *resources, GError **error)
{
    g_autoptr(JsonValue) memory = json_object();
    int64_t swap = limits->memory_swap_bytes;

    if (!check_memory(limits, error))
        return false;
    if (swap == 0)
        swap = 2 * limits->memory_bytes;
    set_number(memory, "limit", limits->memory_bytes);
    set_number(memory, "reservation", limits->memory_reservation_bytes);
    if (!limits->no_swap_limit)
        set_number(memory, "swap", swap);
    if (limits->oom_kill_disable)
        json_object_set_new(memory, "disableOOMKiller", json_true());
    if (limits->has_memory_swappiness)
        json_object_set_new(memory, "swappiness", json_integer(limits->memory_swappiness));
    if (json_object_size(memory) > 0)
        json_object_set(resources, "memory", memory);
    return true;
}

/* --- files of cgroup v2 ----------------------------------------------------------------------- */

/* Of this cgroup alone; whether there is such a file only the kernel knows. */
static bool is_file_of_cgroup(const char *name)
{
    return strchr(name, '.') != NULL && name[0] != '.' && strchr(name, '/') == NULL;
}

static bool add_unified(const SpecLimits *limits, json_t *resources, GError **error)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)limits->unified, name, value) {
        if (!is_file_of_cgroup(name) || !json_is_string(value))
            return err_set(error, FLOE_ERROR_INVALID,
                           "'%s' is not a file of a cgroup such as memory.high, with a text", name);
    }
    if (json_object_size(limits->unified) > 0)
        json_object_set(resources, "unified", (json_t *)limits->unified);
    return true;
}

/* --- the whole -------------------------------------------------------------------------------- */

bool spec_limits_add(const SpecLimits *limits, json_t *resources, GError **error)
{
    if (!add_memory(limits, resources, error) || !add_cpu(limits, resources, error) ||
        !add_unified(limits, resources, error))
        return false;
    if (limits->pids_limit != 0) /* -1 has to be said: systemd's scopes have a limit by default */
        json_object_set_new(resources, "pids",
                            json_pack("{s:I}", "limit", (json_int_t)limits->pids_limit));
    if (limits->blkio_weight == 0)
        return true;
    if (limits->blkio_weight < BLKIO_WEIGHT_MIN || limits->blkio_weight > BLKIO_WEIGHT_MAX)
        return err_set(error, FLOE_ERROR_INVALID, "the block io weight must be between %d and %d",
                       BLKIO_WEIGHT_MIN, BLKIO_WEIGHT_MAX);
    json_object_set_new(resources, "blockIO", json_pack("{s:i}", "weight", limits->blkio_weight));
    return true;
}
