/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Thawing a pod: the containers' archives are laid aside, in files without a name, and all of them are
 * checked before anything is made. Then pod and containers are recorded in one transaction, as ones
 * that go again; the infra container comes back first, its network locked from its first moment on
 * where there are connections, and the others in their order. When the last one runs the traffic is
 * let go, and the pod is there to stay. Until then, whatever goes wrong takes all of it away again; if
 * floe is killed, the next one does so (imports.h).
 */
#include "base/fd.h"
#include "engine/archive-checks.h"
#include "engine/archive-import.h"
#include "engine/archive-policy.h"
#include "engine/archive-unpack.h"
#include "engine/cgroup-names.h"
#include "engine/event.h"
#include "engine/image-remove.h"
#include "engine/imports.h"
#include "engine/pod-archive.h"
#include "engine/pod-create.h"
#include "engine/pod-join.h"
#include "engine/pod.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "engine/volume.h"
#include "network/netns-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define TAR_SUFFIX ".tar"

/* A container of the archive. */
typedef struct Member {
    const char *archive_id; /* borrowed */
    const char *archive_name;
    int fd; /* its archive */
    ArchiveReader *reader;
    ArchiveConfig config; /* not the infra container's */
    floe_archive_restore_options options;
    char *name;     /* the new one; NULL: as it was */
    char *id;       /* what it has here */
    char **volumes; /* new ones, whose contents are in its archive */
} Member;

typedef struct PodRestore {
    floe_engine *engine;
    const floe_pod_restore_options *options;
    ArchiveReader *reader;
    PodArchive archive;
    GPtrArray *members; /* Member, the infra container first */
    PodRecord *pod;
    ContainerRecord *infra;
    GPtrArray *volumes; /* names of all that are made, NULL-terminated */
} PodRestore;

static void member_free(Member *member)
{
    archive_reader_free(member->reader);
    fd_cleanup(&member->fd);
    archive_config_clear(&member->config);
    g_free(member->name);
    g_free(member->id);
    g_strfreev(member->volumes);
    g_free(member);
}

static void pod_restore_clear(PodRestore *work)
{
    archive_reader_free(work->reader);
    g_clear_pointer(&work->members, g_ptr_array_unref);
    g_clear_pointer(&work->volumes, g_ptr_array_unref);
    pod_archive_clear(&work->archive);
    pod_record_free(work->pod);
    container_record_free(work->infra);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PodRestore, pod_restore_clear)

static Member *member_at(const PodRestore *work, guint i)
{
    return g_ptr_array_index(work->members, i);
}

static const char *const *new_volumes(const PodRestore *work)
{
    return (const char *const *)work->volumes->pdata;
}

/* --- reading ---------------------------------------------------------------------------------- */

static Member *add_member(PodRestore *work, const char *id, const char *name)
{
    Member *member = g_new0(Member, 1);

    member->archive_id = id;
    member->archive_name = name;
    member->fd = -1;
    g_ptr_array_add(work->members, member);
    return member;
}

static bool take_description(PodRestore *work, GError **error)
{
    g_autofree char *text = NULL;
    size_t length = 0;

    if (work->archive.id != NULL)
        return err_set(error, FLOE_ERROR_INVALID, "entry '" POD_ARCHIVE_DUMP "' is there twice");
    if (!archive_reader_text(work->reader, POD_ARCHIVE_DOCUMENT_LIMIT, &text, &length, error) ||
        !pod_archive_parse(text, length, &work->archive, error))
        return false;
    add_member(work, work->archive.infra_id, work->archive.infra_name);
    for (guint i = 0; i < work->archive.containers->len; i++) {
        const PodArchiveContainer *container = g_ptr_array_index(work->archive.containers, i);

        add_member(work, container->id, container->name);
    }
    return true;
}

static Member *find_member(const PodRestore *work, const char *entry_name)
{
    for (guint i = 0; i < work->members->len; i++) {
        g_autofree char *name = g_strconcat(POD_ARCHIVE_CONTAINERS "/",
                                            member_at(work, i)->archive_id, TAR_SUFFIX, NULL);

        if (g_str_equal(name, entry_name))
            return member_at(work, i);
    }
    return NULL;
}

/* A file without a name: it goes with this process, however that ends. */
static bool lay_aside(PodRestore *work, Member *member, GError **error)
{
    return fd_open_nameless(work->engine->root, &member->fd, error) &&
           archive_reader_write(work->reader, member->fd, error);
}

static bool take_entry(PodRestore *work, const ArchiveEntry *entry, GError **error)
{
    Member *member;

    if (entry->kind == ARCHIVE_ENTRY_DIRECTORY &&
        (g_str_equal(entry->name, POD_ARCHIVE_CONTAINERS) || g_str_equal(entry->name, ".") ||
         entry->name[0] == '\0'))
        return true;
    /* For others to look at: floe has all of it from the description. */
    if (g_str_equal(entry->name, POD_ARCHIVE_OPTIONS))
        return true;
    if (g_str_equal(entry->name, POD_ARCHIVE_DUMP))
        return take_description(work, error);
    if (work->archive.id == NULL)
        return err_set(error, FLOE_ERROR_INVALID,
                       "it is no archive of a pod: entry '%s' comes before '" POD_ARCHIVE_DUMP "'",
                       entry->name);
    member = find_member(work, entry->name);
    if (member == NULL || entry->kind != ARCHIVE_ENTRY_FILE)
        return err_set(error, FLOE_ERROR_INVALID, "entry '%s' is none of a pod's archive",
                       entry->name);
    return lay_aside(work, member, error);
}

static bool read_archive(PodRestore *work, GError **error)
{
    const ArchiveEntry *entry;

    if (!archive_reader_open(work->options->archive, work->engine->root, &work->reader, error))
        return false;
    archive_reader_once(work->reader);
    if (!archive_limit_to_room(work->reader, work->engine->root, error))
        return false;
    for (;;) {
        if (!archive_reader_next(work->reader, &entry, error))
            return false;
        if (entry == NULL)
            break;
        if (!take_entry(work, entry, error))
            return false;
    }
    if (work->archive.id == NULL)
        return err_set(error, FLOE_ERROR_INVALID,
                       "it is no archive of a pod: it has no entry '" POD_ARCHIVE_DUMP "'");
    for (guint i = 0; i < work->members->len; i++) {
        if (member_at(work, i)->fd < 0)
            return err_set(error, FLOE_ERROR_INVALID, "it lacks container \"%s\"",
                           member_at(work, i)->archive_name);
    }
    return true;
}

/* --- the pod ---------------------------------------------------------------------------------- */

/* "NAME:ip=A,mac=M,alias=B" without what is not to be asked for. */
static char **forget_addresses(const char *const *networks, bool ip, bool mac)
{
    g_autoptr(GRegex) pattern = g_regex_new(ip && mac ? "(?<=[:,])(ip6?|mac)=[^,]*,?"
                                            : ip      ? "(?<=[:,])ip6?=[^,]*,?"
                                                      : "(?<=[:,])mac=[^,]*,?",
                                            0, 0, NULL);
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

    for (; networks != NULL && *networks != NULL; networks++) {
        g_autofree char *text = g_regex_replace(pattern, *networks, -1, 0, "", 0, NULL);
        size_t length = strlen(text);

        if (length > 0 && strchr(":,", text[length - 1]) != NULL)
            text[length - 1] = '\0';
        g_strv_builder_add(builder, text);
    }
    return g_strv_builder_end(builder);
}

static bool make_pod(PodRestore *work, GError **error)
{
    g_auto(GStrv) networks = NULL;
    const floe_pod_restore_options *options = work->options;
    const PodArchive *archive = &work->archive;
    floe_pod_create_options pod;
    floe_create_options infra;
    bool is_new = options->name != NULL;

    pod_archive_to_options(archive, &pod, &infra);
    if (is_new || options->ignore_static_ip || options->ignore_static_mac)
        networks = forget_addresses(infra.networks, is_new || options->ignore_static_ip,
                                    is_new || options->ignore_static_mac);
    if (networks != NULL)
        infra.networks = (const char *const *)networks;
    if (is_new)
        pod.infra_name = NULL;
    if (options->publish != NULL)
        infra.publish = options->publish;
    if (!pod_records_make(work->engine, &pod, is_new ? options->name : archive->name,
                          is_new ? NULL : archive->id, &work->pod, &work->infra, error))
        return false;
    if (work->infra == NULL)
        return err_set(error, FLOE_ERROR_INVALID, POD_ARCHIVE_DUMP ": the pod shares nothing");
    if (!is_new) {
        g_free(work->infra->id);
        work->infra->id = g_strdup(archive->infra_id);
        g_free(work->pod->config.infra_id);
        work->pod->config.infra_id = g_strdup(archive->infra_id);
    }
    member_at(work, 0)->id = g_strdup(work->infra->id);
    return true;
}

/* --- its containers --------------------------------------------------------------------------- */

static void fill_options(const PodRestore *work, Member *member)
{
    static const floe_archive_restore_options defaults = FLOE_ARCHIVE_RESTORE_OPTIONS_INIT;
    const floe_pod_restore_options *options = work->options;

    member->options = defaults;
    if (options->name != NULL)
        member->name = g_strdup_printf("%s-%s", options->name, member->archive_name);
    member->options.name = member->name;
    member->options.allow = options->allow;
    member->options.tcp_established = options->tcp_established;
    member->options.tcp_close = options->tcp_close;
    member->options.file_locks = options->file_locks;
    member->options.ignore_static_ip = options->ignore_static_ip;
    member->options.ignore_static_mac = options->ignore_static_mac;
    member->options.ignore_rootfs = options->ignore_rootfs;
    member->options.ignore_volumes = options->ignore_volumes;
}

/*
 * Of the other containers it may only have the infra container's namespaces, and those that are shared.
 */
static bool join_namespace(const PodRestore *work, const char *kind, const char *mode,
                           char **container, GError **error)
{
    if (mode != NULL && !g_str_equal(mode, "container"))
        return true;
    if (*container == NULL)
        return true;
    if (!g_str_equal(*container, work->archive.infra_id) || !pod_shares(work->pod, kind))
        return err_set(error, FLOE_ERROR_INVALID,
                       "its %s namespace is that of a container which does not share it in this pod",
                       kind);
    g_free(*container);
    *container = g_strdup(work->infra->id);
    return true;
}

static bool join_pod(const PodRestore *work, Member *member, GError **error)
{
    ContainerConfig *config = &member->config.record->config;

    if (g_strcmp0(member->config.pod, work->archive.id) != 0)
        return err_set(error, FLOE_ERROR_INVALID, "it was not in this pod");
    g_free(config->pod_id);
    config->pod_id = g_strdup(work->pod->id);
    cgroup_names_choose(work->engine, work->pod, NULL, config);
    return join_namespace(work, "net", config->network_mode, &config->network_container, error) &&
           join_namespace(work, "ipc", config->ipc_mode, &config->ipc_container, error) &&
           join_namespace(work, "uts", config->uts_mode, &config->uts_container, error) &&
           join_namespace(work, "pid", config->pid_mode, &config->pid_container, error) &&
           join_namespace(work, "cgroup", NULL, &config->cgroup_container, error);
}

/* What it needs beside namespaces are containers before it in the archive, by their ids there. */
static bool map_required(const PodRestore *work, guint index, GError **error)
{
    const PodArchiveContainer *listed = g_ptr_array_index(work->archive.containers, index - 1);
    Member *member = member_at(work, index);
    g_autoptr(GStrvBuilder) ids = g_strv_builder_new();

    for (char **needed = listed->required; needed != NULL && *needed != NULL; needed++) {
        const Member *other = NULL;

        for (guint i = 0; i < index && other == NULL; i++) {
            if (g_str_equal(member_at(work, i)->archive_id, *needed))
                other = member_at(work, i);
        }
        if (other == NULL)
            return err_set(error, FLOE_ERROR_INVALID,
                           "it needs container %.12s, which the archive does not hold before it",
                           *needed);
        if (other != member_at(work, 0))
            g_strv_builder_add(ids, other->id);
    }
    g_strfreev(member->config.record->config.required);
    member->config.record->config.required = g_strv_builder_end(ids);
    return true;
}

static bool run_checks(PodRestore *work, Member *member, GError **error)
{
    static bool (*const checks[])(ArchiveCheck * check, GError * *error) = {
        archive_check_namespaces, archive_check_name,    archive_check_policy,
        archive_check_mounts,     archive_check_volumes, archive_check_network,
        archive_check_ports,      archive_check_runtime, archive_check_host,
        archive_check_image,
    };
    ArchiveCheck check = { work->engine, &member->options, &member->config, NULL };
    bool ok = true;

    for (size_t i = 0; ok && i < G_N_ELEMENTS(checks); i++)
        ok = checks[i](&check, error);
    g_free(check.archive_id);
    return ok;
}

static bool check_member(PodRestore *work, guint index, GError **error)
{
    Member *member = member_at(work, index);
    g_auto(ArchiveDocuments) documents = { 0 };
    g_autofree char *label = g_strdup_printf("container \"%s\"", member->archive_name);

    fill_options(work, member);
    if (lseek(member->fd, 0, SEEK_SET) < 0)
        return err_set_errno(error, "read %s", label);
    if (!archive_reader_open_fd(member->fd, label, work->engine->root, &member->reader, error) ||
        !archive_reader_documents(member->reader, &documents, error))
        return false;
    if (index == 0)
        return true;
    if (!archive_config_read(&documents, &member->config, error))
        return err_prefix(error, "%s", label);
    if (!g_str_equal(member->config.record->id, member->archive_id) ||
        !g_str_equal(member->config.record->name, member->archive_name))
        return err_set(error, FLOE_ERROR_INVALID, "%s is another one in its own archive", label);
    if (!join_pod(work, member, error) || !run_checks(work, member, error))
        return err_prefix(error, "%s", label);
    member->id = g_strdup(member->config.record->id);
    return map_required(work, index, error) || err_prefix(error, "%s", label);
}

static bool is_free(PodRestore *work, GError **error)
{
    return pod_check_free(work->engine->db, work->pod->id, work->pod->name, error);
}

static bool check_all(PodRestore *work, GError **error)
{
    for (guint i = 0; i < work->members->len; i++) {
        if (!check_member(work, i, error))
            return false;
    }
    return is_free(work, error);
}

/* --- making it -------------------------------------------------------------------------------- */

/* The new ones, each with the first container that has it, in whose archive its content is. */
static bool list_volumes(PodRestore *work, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    work->volumes = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < work->members->len; i++) {
        Member *member = member_at(work, i);
        g_autoptr(GStrvBuilder) own = g_strv_builder_new();
        g_auto(GStrv) names = i > 0 ? container_config_volumes(&member->config.record->config)
                                    : g_new0(char *, 1);

        for (char **name = names; *name != NULL; name++) {
            bool exists = false;

            if (g_hash_table_contains(seen, *name))
                continue;
            if (!volume_exists(work->engine, *name, &exists, error))
                return false;
            if (exists)
                continue;
            g_strv_builder_add(own, *name);
            g_ptr_array_add(work->volumes, g_strdup(*name));
            g_hash_table_add(seen, g_ptr_array_index(work->volumes, work->volumes->len - 1));
        }
        member->volumes = g_strv_builder_end(own);
    }
    g_ptr_array_add(work->volumes, NULL);
    return true;
}

static bool make_volumes(PodRestore *work, GError **error)
{
    for (const char *const *name = new_volumes(work); *name != NULL; name++) {
        VolumeWish wish = { .name = *name };

        if (volume_create(work->engine, &wish, error))
            continue;
        /* It, and those after it, are not ours to remove. */
        g_ptr_array_set_size(work->volumes, (gint)(name - new_volumes(work)));
        g_ptr_array_add(work->volumes, NULL);
        return false;
    }
    return true;
}

/* As one that goes again: that is what becomes of it unless it is whole in the end. */
static bool record_all(PodRestore *work, GError **error)
{
    Database *db = work->engine->db;
    g_auto(Transaction) transaction = TRANSACTION_NONE;

    work->infra->status.intent = g_strdup(INTENT_IMPORT);
    if (!transaction_begin(db, true, &transaction, error) || !pod_insert(db, work->pod, error) ||
        !container_insert(db, work->infra, error))
        return false;
    for (guint i = 1; i < work->members->len; i++) {
        ContainerRecord *record = member_at(work, i)->config.record;

        record->status.intent = g_strdup(INTENT_IMPORT);
        if (!container_insert(db, record, error))
            return false;
    }
    return pod_begin_removal(db, work->pod->id, error) && transaction_commit(&transaction, error);
}

static bool bring_back(PodRestore *work, Member *member, GError **error)
{
    g_autoptr(floe_container) ctr = NULL;

    if (!container_open(work->engine, member->id, &ctr, error))
        return false;
    ctr->holds_traffic = ctr->record->config.is_infra && work->options->tcp_established;
    if (!archive_bring_back(ctr, member->reader, &member->options,
                            (const char *const *)member->volumes, error))
        return err_prefix(error, "container \"%s\"", ctr->record->name);
    g_clear_pointer(&member->reader, archive_reader_free);
    return true;
}

static bool let_traffic_go(PodRestore *work, GError **error)
{
    g_autoptr(floe_container) infra = NULL;

    if (!work->options->tcp_established)
        return true;
    return container_open(work->engine, work->infra->id, &infra, error) &&
           (infra->record->status.netns_path == NULL ||
            netns_unlock(infra->record->status.netns_path, error));
}

static bool bring_all_back(PodRestore *work, GError **error)
{
    for (guint i = 0; i < work->members->len; i++) {
        if (!bring_back(work, member_at(work, i), error))
            return false;
    }
    return let_traffic_go(work, error) && pod_cancel_removal(work->engine->db, work->pod->id, error);
}

static bool make(PodRestore *work, GError **error)
{
    g_auto(ImportMark) mark = IMPORT_MARK_NONE;

    if (!list_volumes(work, error) ||
        !import_mark_set(work->engine, work->pod->id, new_volumes(work), &mark, error))
        return false;
    if (make_volumes(work, error) && record_all(work, error) && bring_all_back(work, error))
        return true;
    import_undo(work->engine, work->pod->id, new_volumes(work));
    return false;
}

/* --- the whole -------------------------------------------------------------------------------- */

static bool check_options(const floe_pod_restore_options *options, GError **error)
{
    if (options->archive == NULL || options->archive[0] == '\0')
        return err_set(error, FLOE_ERROR_INVALID, "the restore of a pod needs an archive");
    if (options->tcp_established && options->name != NULL)
        return err_set(error, FLOE_ERROR_INVALID,
                       "--tcp-established cannot be used with --name: connections belong to an "
                       "address, and a pod with a new name gets a new one");
    if (options->tcp_established && options->tcp_close)
        return err_set(error, FLOE_ERROR_INVALID,
                       "--tcp-established and --tcp-close exclude each other");
    return allow_check(options->allow, error);
}

static bool pod_restore(floe_engine *engine, const floe_pod_restore_options *options,
                        floe_pod **ret_pod, GError **error)
{
    g_auto(PodRestore) work = { .engine = engine, .options = options };
    g_autoptr(floe_pod) pod = NULL;

    work.members = g_ptr_array_new_with_free_func((GDestroyNotify)member_free);
    if (!check_options(options, error) || !read_archive(&work, error) || !make_pod(&work, error) ||
        !check_all(&work, error) || !make(&work, error)) {
        for (guint i = 0; i < work.members->len; i++)
            image_forget_pulled(engine, member_at(&work, i)->config.pulled_image);
        return err_prefix(error, "restore pod");
    }
    pod = pod_for_record(engine, g_steal_pointer(&work.pod));
    event_note_pod(pod, FLOE_EVENT_RESTORE);
    if (ret_pod != NULL)
        *ret_pod = g_steal_pointer(&pod);
    return true;
}

bool floe_pod_restore(floe_engine *engine, const floe_pod_restore_options *options,
                      floe_pod **ret_pod, floe_error **error)
{
    floe_pod_restore_options known = FLOE_POD_RESTORE_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), NULL) &&
                             public_options(options, &known, sizeof(known), &err) &&
                             pod_restore(engine, &known, ret_pod, &err),
                         &err, error);
}
