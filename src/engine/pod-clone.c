/* SPDX-License-Identifier: Apache-2.0 */
/* A second pod like a first one: all its records anew, in one transaction. */
#include "base/log.h"
#include "engine/container-clone.h"
#include "engine/container-secrets.h"
#include "engine/event.h"
#include "engine/name-generator.h"
#include "engine/pod-archive.h"
#include "engine/pod-create.h"
#include "engine/pod-remove.h"
#include "engine/public-error.h"

typedef struct Clone {
    floe_engine *engine;
    GHashTable *new_ids; /* by the ids of the first pod's containers; both owned */
    GPtrArray *records;  /* ContainerRecord, without the infra */
    PodRecord *pod;
    ContainerRecord *infra; /* NULL: none */
} Clone;

static void clone_clear(Clone *clone)
{
    g_clear_pointer(&clone->new_ids, g_hash_table_unref);
    g_clear_pointer(&clone->records, g_ptr_array_unref);
    pod_record_free(clone->pod);
    container_record_free(clone->infra);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Clone, clone_clear)

/* One of another pod stays whose it is. */
static void map_id(const Clone *clone, char **id)
{
    const char *new_id = *id != NULL ? g_hash_table_lookup(clone->new_ids, *id) : NULL;

    if (new_id == NULL)
        return;
    g_free(*id);
    *id = g_strdup(new_id);
}

static void map_config(const Clone *clone, ContainerConfig *config)
{
    g_free(config->pod_id);
    config->pod_id = g_strdup(clone->pod->id);
    map_id(clone, &config->network_container);
    map_id(clone, &config->ipc_container);
    map_id(clone, &config->uts_container);
    map_id(clone, &config->pid_container);
    map_id(clone, &config->cgroup_container);
    for (char **id = config->required; id != NULL && *id != NULL; id++)
        map_id(clone, id);
}

/* The configuration only: it has not run. In the order of creation, so what it needs is mapped. */
static bool add_container(Clone *clone, const ContainerRecord *first, GError **error)
{
    ContainerRecord *record = NULL;

    if (!container_record_clone(clone->engine, first->id, NULL, &record, error))
        return false;
    g_ptr_array_add(clone->records, record);
    map_config(clone, &record->config);
    g_hash_table_insert(clone->new_ids, g_strdup(first->id), g_strdup(record->id));
    return true;
}

static bool make_pod(Clone *clone, const floe_pod *first, const GPtrArray *records,
                     const char *name, GError **error)
{
    g_auto(PodArchive) description = { 0 };
    floe_pod_create_options pod;
    floe_create_options infra;

    if (!pod_archive_describe(first, records, &description, error))
        return false;
    pod_archive_to_options(&description, &pod, &infra);
    pod.without_infra = description.infra_id == NULL;
    pod.infra_name = NULL;
    /* What follows from the first one's name is told by the second's. */
    if (g_strcmp0(infra.hostname, first->record->name) == 0 || pod.without_infra)
        infra.hostname = NULL;
    if (!pod_records_make(clone->engine, &pod, name, NULL, &clone->pod, &clone->infra, error))
        return false;
    if (clone->infra != NULL)
        g_hash_table_insert(clone->new_ids, g_strdup(description.infra_id),
                            g_strdup(clone->infra->id));
    return true;
}

static bool insert_all(Clone *clone, GError **error)
{
    Database *db = clone->engine->db;
    g_auto(Transaction) transaction = TRANSACTION_NONE;

    if (!transaction_begin(db, true, &transaction, error) || !pod_insert(db, clone->pod, error) ||
        (clone->infra != NULL && !container_insert(db, clone->infra, error)))
        return false;
    for (guint i = 0; i < clone->records->len; i++) {
        if (!container_insert(db, g_ptr_array_index(clone->records, i), error))
            return false;
    }
    return transaction_commit(&transaction, error);
}

static bool take_secrets(const Clone *clone, GError **error)
{
    for (guint i = 0; i < clone->records->len; i++) {
        const ContainerRecord *record = g_ptr_array_index(clone->records, i);
        g_autoptr(floe_container) ctr = NULL;

        if (!container_open(clone->engine, record->id, &ctr, error) ||
            !container_secrets_copy(ctr, error))
            return false;
    }
    return true;
}

static void undo(floe_pod *pod)
{
    floe_pod_options remove = FLOE_POD_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;

    remove.force = true;
    if (!pod_remove(pod, &remove, &err))
        log_ignored(g_steal_pointer(&err), "remove pod \"%s\" again", pod->record->name);
}

static bool pod_clone(floe_pod *first, const char *name, floe_pod **ret_pod, GError **error)
{
    g_auto(Clone) clone = { .engine = first->engine };
    g_autofree char *usual = g_strconcat(first->record->name, CLONE_SUFFIX, NULL);
    g_autoptr(GPtrArray) records = NULL;
    g_autoptr(floe_pod) pod = NULL;

    clone.new_ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    clone.records = g_ptr_array_new_with_free_func((GDestroyNotify)container_record_free);
    if ((name != NULL && !container_name_check(name, error)) ||
        !pod_members(first, &records, error) ||
        !make_pod(&clone, first, records, name != NULL ? name : usual, error))
        return false;
    for (guint i = 0; i < records->len; i++) {
        const ContainerRecord *record = g_ptr_array_index(records, i);

        if (!record->config.is_infra && !add_container(&clone, record, error))
            return false;
    }
    if (!insert_all(&clone, error))
        return false;
    pod = pod_for_record(first->engine, g_steal_pointer(&clone.pod));
    event_note_pod(pod, FLOE_EVENT_CREATE);
    if (!take_secrets(&clone, error)) {
        undo(pod);
        return false;
    }
    *ret_pod = g_steal_pointer(&pod);
    return true;
}

bool floe_pod_clone(floe_pod *pod, const char *name, floe_pod **ret_pod, floe_error **error)
{
    g_autoptr(floe_pod) made = NULL;
    g_autoptr(GError) err = NULL;
    bool ok = public_given(&err, GIVEN(pod), NULL) &&
              (pod_clone(pod, name, &made, &err) ||
               err_prefix(&err, "clone pod \"%s\"", pod->record->name));

    if (ok && ret_pod != NULL)
        *ret_pod = g_steal_pointer(&made);
    return public_result(ok, &err, error);
}
