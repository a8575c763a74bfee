/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pod and its infra container are made in one transaction: there is never one without the other.
 */
#include "engine/pod-create.h"

#include "base/clock.h"
#include "base/digest.h"
#include "engine/cgroup-names.h"
#include "engine/container-create.h"
#include "engine/container-limits.h"
#include "engine/container-volumes.h"
#include "engine/event.h"
#include "engine/infra.h"
#include "engine/labels.h"
#include "engine/name-generator.h"
#include "engine/pod.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"

#include <string.h>

#define RANDOM_NAME_TRIES 64
#define HOSTNAME_LIMIT    64

static const char *const kinds[] = { "cgroup", "ipc", "net", "pid", "uts", NULL };
static const char *const default_shared[] = { "ipc", "net", "uts", NULL };

/* --- options -------------------------------------------------------------------------------- */

static bool add_kind(GStrvBuilder *builder, GHashTable *seen, const char *kind, GError **error)
{
    const char *name = g_str_equal(kind, "network") ? "net" : kind;

    if (!g_strv_contains(kinds, name))
        return err_set(error, FLOE_ERROR_INVALID,
                       "invalid kernel namespace to share: %s. Options are: cgroup, ipc, net, pid, "
                       "uts or none",
                       kind);
    if (g_hash_table_add(seen, g_strdup(name)))
        g_strv_builder_add(builder, name);
    return true;
}

/* "ipc,net", "+pid" in addition to the default, "none" and "" nothing. */
static bool parse_shared(const char *text, char ***ret_shared, GError **error)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    bool adds = text == NULL || text[0] == '+';
    g_auto(GStrv) words = g_strsplit(text == NULL ? "" : text + (adds ? 1 : 0), ",", -1);

    for (char **word = words; *word != NULL; word++) {
        const char *kind = (*word)[0] == '+' ? *word + 1 : *word;

        if (kind[0] != '\0' && !(words[1] == NULL && g_str_equal(kind, "none")) &&
            !add_kind(builder, seen, kind, error))
            return false;
    }
    for (const char *const *kind = default_shared; adds && *kind != NULL; kind++) {
        if (!add_kind(builder, seen, *kind, error))
            return false;
    }
    *ret_shared = g_strv_builder_end(builder);
    return true;
}

static bool has_any(const char *const *list)
{
    return list != NULL && list[0] != NULL;
}

static bool is_host_network(const floe_create_options *options)
{
    return has_any(options->networks) && g_str_equal(options->networks[0], "host");
}

/* Without an infra container there is nobody to have these. */
static bool refuse_without_infra(const floe_pod_create_options *options, GError **error)
{
    const floe_create_options *infra = options->infra;

    if (options->shared != NULL && options->shared[0] != '\0' &&
        !g_str_equal(options->shared, "none"))
        return err_set(error, FLOE_ERROR_INVALID,
                       "cannot set share(%s) namespaces without an infra container",
                       options->shared);
    if (options->infra_name != NULL)
        return err_set(error, FLOE_ERROR_INVALID,
                       "cannot name an infra container that the pod does not have");
    if (infra == NULL)
        return true;
    if (has_any(infra->publish))
        return err_set(error, FLOE_ERROR_INVALID,
                       "you must have an infra container to publish port bindings to the host");
    if (has_any(infra->devices) || infra->conmon_pid_file != NULL)
        return err_set(error, FLOE_ERROR_INVALID,
                       "you must have an infra container for the pod to have devices, or a file of "
                       "its conmon's process");
    if (has_any(infra->networks) || has_any(infra->network_aliases) || infra->ip != NULL ||
        infra->ip6 != NULL || infra->mac_address != NULL || has_any(infra->dns) ||
        has_any(infra->dns_search) || has_any(infra->dns_options) || has_any(infra->add_hosts) ||
        infra->hostname != NULL)
        return err_set(error, FLOE_ERROR_INVALID,
                       "you must have an infra container for the pod to have a network, name "
                       "servers, hosts or a host name");
    return true;
}

static bool parse_exit_policy(const char *text, char **ret_policy, GError **error)
{
    if (text != NULL && !g_str_equal(text, "continue") && !g_str_equal(text, "stop"))
        return err_set(error, FLOE_ERROR_INVALID, "invalid pod exit policy: \"%s\"", text);
    *ret_policy = g_strdup(text != NULL ? text : "continue");
    return true;
}

/* Of all containers together: they are the pod's cgroup's. */
static bool take_limits(const floe_create_options *options, PodConfig *config, GError **error)
{
    const ContainerConfig checked = {
        .memory_bytes = options->memory_bytes,
        .memory_swap_bytes = options->memory_swap_bytes,
        .nano_cpus = options->nano_cpus,
        .cpu_shares = options->cpu_shares,
        .cpuset_cpus = (char *)options->cpuset_cpus,
        .cpuset_mems = (char *)options->cpuset_mems,
        .blkio_weight = options->blkio_weight,
    };

    config->memory_bytes = options->memory_bytes;
    config->memory_swap_bytes = options->memory_swap_bytes;
    config->nano_cpus = options->nano_cpus;
    config->cpu_shares = options->cpu_shares;
    config->cpuset_cpus = g_strdup(options->cpuset_cpus);
    config->cpuset_mems = g_strdup(options->cpuset_mems);
    config->blkio_weight = options->blkio_weight;
    return limits_check(&checked, error);
}

static bool take_cgroup(floe_engine *engine, const floe_create_options *options, PodConfig *config,
                        GError **error)
{
    g_auto(Runtime) runtime = { 0 };

    if (!engine_choose_runtime(engine, &runtime, error))
        return false;
    config->cgroup_manager = g_strdup(runtime.uses_systemd ? CGROUP_MANAGER_SYSTEMD
                                                           : CGROUP_MANAGER_CGROUPFS);
    return options == NULL || cgroup_parent_check(options->cgroup_parent, config->cgroup_manager,
                                                  &config->cgroup_parent, error);
}

static bool fill_config(const floe_pod_create_options *options, PodConfig *config, GError **error)
{
    config->created_unix_ns = clock_unix_ns();
    config->create_command = g_strdupv((char **)options->create_command);
    if (options->without_infra && !refuse_without_infra(options, error))
        return false;
    if (!parse_shared(options->without_infra ? "none" : options->shared, &config->shared, error) ||
        !parse_exit_policy(options->exit_policy, &config->exit_policy, error) ||
        !labels_parse("label", NULL, options->labels, &config->labels, error))
        return false;
    return options->infra == NULL || take_limits(options->infra, config, error);
}

/* --- the infra container -------------------------------------------------------------------- */

static bool make_infra(floe_engine *engine, const floe_pod_create_options *options, PodRecord *pod,
                       ContainerRecord **ret_record, GError **error)
{
    static const floe_create_options defaults = FLOE_CREATE_OPTIONS_INIT;
    floe_create_options wanted = options->infra != NULL ? *options->infra : defaults;
    g_autofree char *hostname = g_strndup(pod->name, HOSTNAME_LIMIT);
    g_autofree char *name = g_strdup_printf("%.12s-infra", pod->id);
    g_auto(GStrv) command = NULL;

    if (wanted.image == NULL) {
        if (!infra_command(engine, &command, error))
            return false;
        if (!has_any(wanted.command))
            wanted.command = (const char *const *)command;
    }
    wanted.name = options->infra_name != NULL ? options->infra_name : name;
    wanted.create_command = options->create_command;
    wanted.pod = NULL;
    wanted.cgroup_parent = NULL;
    wanted.memory_bytes = wanted.memory_swap_bytes = wanted.nano_cpus = 0;
    wanted.cpu_shares = 0;
    wanted.cpuset_cpus = wanted.cpuset_mems = NULL;
    wanted.blkio_weight = 0;
    if ((wanted.hostname == NULL || wanted.hostname[0] == '\0') &&
        g_strcmp0(wanted.uts_mode, "host") != 0 && !is_host_network(&wanted))
        wanted.hostname = hostname;
    if (!container_record_make(engine, &wanted, pod, true, ret_record, error))
        return err_prefix(error, "infra container");
    pod->config.infra_id = g_strdup((*ret_record)->id);
    pod->config.hostname = g_strdup((*ret_record)->config.hostname);
    return true;
}

/* --- the whole ------------------------------------------------------------------------------ */

static bool insert(floe_engine *engine, const PodRecord *pod, const ContainerRecord *infra,
                   GError **error)
{
    g_auto(VolumeSet) volumes = VOLUME_SET_NONE;
    g_auto(Transaction) transaction = TRANSACTION_NONE;

    if ((infra != NULL && !container_volumes_claim(engine, &infra->config, &volumes, error)) ||
        !transaction_begin(engine->db, true, &transaction, error) ||
        !pod_insert(engine->db, pod, error))
        return false;
    if (infra != NULL && (!container_volumes_insert(engine, &infra->config, &volumes, error) ||
                          !container_insert(engine->db, infra, error)))
        return false;
    if (!transaction_commit(&transaction, error))
        return false;
    if (infra != NULL)
        container_volumes_make(engine, &volumes);
    return true;
}

bool pod_records_make(floe_engine *engine, const floe_pod_create_options *options, const char *name,
                      const char *id, PodRecord **ret_pod, ContainerRecord **ret_infra,
                      GError **error)
{
    g_autoptr(PodRecord) record = pod_record_new();

    record->id = id != NULL ? g_strdup(id) : id_random();
    record->name = g_strdup(name);
    if (!fill_config(options, &record->config, error) ||
        !take_cgroup(engine, options->infra, &record->config, error) ||
        (record->config.shared[0] != NULL && !make_infra(engine, options, record, ret_infra, error)))
        return false;
    *ret_pod = g_steal_pointer(&record);
    return true;
}

static bool make(floe_engine *engine, const floe_pod_create_options *options, const char *name,
                 floe_pod **ret_pod, GError **error)
{
    g_autoptr(PodRecord) record = NULL;
    g_autoptr(ContainerRecord) infra = NULL;

    if (!pod_records_make(engine, options, name, NULL, &record, &infra, error) ||
        !insert(engine, record, infra, error))
        return false;
    *ret_pod = pod_for_record(engine, g_steal_pointer(&record));
    event_note_pod(*ret_pod, FLOE_EVENT_CREATE);
    return true;
}

/* A random name may be taken already, by another process just now: the database tells. */
static bool pod_create(floe_engine *engine, const floe_pod_create_options *options,
                       floe_pod **ret_pod, GError **error)
{
    if (options->name != NULL)
        return container_name_check(options->name, error) &&
               make(engine, options, options->name, ret_pod, error);
    for (int i = 0; i < RANDOM_NAME_TRIES; i++) {
        g_autofree char *name = name_generate();
        g_autoptr(GError) err = NULL;

        if (make(engine, options, name, ret_pod, &err))
            return true;
        if (!err_is(err, FLOE_ERROR_EXISTS) || options->infra_name != NULL) {
            g_propagate_error(error, g_steal_pointer(&err));
            return false;
        }
    }
    return err_set(error, FLOE_ERROR_EXISTS, "no random name is free: give one with --name");
}

bool floe_pod_create(floe_engine *engine, const floe_pod_create_options *options,
                     floe_pod **ret_pod, floe_error **error)
{
    floe_pod_create_options known = FLOE_POD_CREATE_OPTIONS_INIT;
    floe_create_options infra = FLOE_CREATE_OPTIONS_INIT;
    g_autoptr(floe_pod) pod = NULL;
    g_autoptr(GError) err = NULL;
    bool ok = public_given(&err, GIVEN(engine), NULL) &&
              public_options(options, &known, sizeof(known), &err) &&
              public_options(known.infra, &infra, sizeof(infra), &err);

    known.infra = &infra;
    ok = ok && pod_create(engine, &known, &pod, &err);
    if (ok && ret_pod != NULL)
        *ret_pod = g_steal_pointer(&pod);
    return public_result(ok, &err, error);
}
