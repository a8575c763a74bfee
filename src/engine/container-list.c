/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of containers (`ps`). It takes no locks and changes nothing: one query gives all records,
 * and for those that should run the exit file is looked for, so that the list is true even when
 * nobody has noticed the end yet.
 */
#include "base/log.h"
#include "base/path.h"
#include "base/tree.h"
#include "engine/container-end.h"
#include "engine/container-filter.h"
#include "engine/container-layer.h"
#include "engine/container.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "state/pod-record.h"

#define NS_PER_S G_GINT64_CONSTANT(1000000000)

/* --- noticing ends ---------------------------------------------------------------------------- */

/*
 * On this copy of the record only. Without the container's lock, what looks like an end that nobody
 * was told of may be a cleanup that has just removed the exit file: then the database knows by now.
 */
static void notice_end(floe_engine *engine, ContainerRecord *record)
{
    g_auto(ContainerStatus) now = { 0 };
    g_autoptr(GError) err = NULL;
    EndNote note = END_NONE;

    if (!record_note_end(engine, record, &note, &err)) {
        log_debug("container \"%s\": %s", record->name, err->message);
        return;
    }
    if (note != END_LOST || !container_load_status(engine->db, record->id, &now, NULL) ||
        state_has_process((floe_container_state)now.state))
        return;
    container_status_clear(&record->status);
    record->status = now;
    now = (ContainerStatus){ 0 };
}

/* --- what entries tell of others -------------------------------------------------------------- */

typedef struct Lists {
    GPtrArray *pods;        /* PodRecord */
    GHashTable *containers; /* ContainerRecord by id, borrowed */
} Lists;

static void lists_clear(Lists *lists)
{
    g_clear_pointer(&lists->pods, g_ptr_array_unref);
    g_clear_pointer(&lists->containers, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Lists, lists_clear)

static bool lists_init(floe_engine *engine, const GPtrArray *records, Lists *ret_lists,
                       GError **error)
{
    if (!pod_list(engine->db, &ret_lists->pods, error))
        return false;
    ret_lists->containers = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < records->len; i++) {
        ContainerRecord *record = g_ptr_array_index(records, i);

        g_hash_table_insert(ret_lists->containers, record->id, record);
    }
    return true;
}

static const char *list_pod_name(const Lists *lists, const ContainerConfig *config)
{
    for (guint i = 0; config->pod_id != NULL && i < lists->pods->len; i++) {
        const PodRecord *pod = g_ptr_array_index(lists->pods, i);

        if (g_str_equal(pod->id, config->pod_id))
            return pod->name;
    }
    return "";
}

/* Who is in another's network has that one's ports. It ends: nobody's is in that of a later one. */
static const ContainerConfig *network_owner(const Lists *lists, const ContainerConfig *config)
{
    const ContainerRecord *other = NULL;

    while (config->network_container != NULL &&
           (other = g_hash_table_lookup(lists->containers, config->network_container)) != NULL)
        config = &other->config;
    return config;
}

/* --- one container as JSON -------------------------------------------------------------------- */

static json_t *list_ports(const ContainerConfig *config)
{
    json_t *list = json_array();

    for (guint i = 0; config->ports != NULL && i < config->ports->len; i++) {
        const PortConfig *port = g_ptr_array_index(config->ports, i);
        json_t *object = json_object();

        json_object_set_new(object, "host_ip", json_from_string(port->host_ip ? port->host_ip : ""));
        json_object_set_new(object, "container_port", json_integer(port->container_port));
        json_object_set_new(object, "host_port", json_integer(port->host_port));
        json_object_set_new(object, "range", json_integer(port->range));
        json_object_set_new(object, "protocol", json_from_string(port->protocol));
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *list_networks(const ContainerConfig *config)
{
    json_t *list = json_array();

    for (guint i = 0; config->networks != NULL && i < config->networks->len; i++) {
        const NetworkConfig *network = g_ptr_array_index(config->networks, i);

        json_array_append_new(list, json_from_string(network->name));
    }
    return list;
}

static json_t *list_mounts(const ContainerConfig *config)
{
    json_t *list = json_array();

    for (guint i = 0; config->mounts != NULL && i < config->mounts->len; i++) {
        const MountConfig *mount = g_ptr_array_index(config->mounts, i);

        json_array_append_new(list, json_from_string(mount->destination));
    }
    return list;
}

static json_t *list_of_one(const char *text)
{
    json_t *list = json_array();

    json_array_append_new(list, json_from_string(text));
    return list;
}

static json_t *list_strings(char **strings)
{
    return json_from_strv((const char *const *)strings);
}

static json_t *seconds(int64_t unix_ns)
{
    return json_integer(unix_ns / NS_PER_S);
}

/* A stopped container only waits for its cleanup: for who looks at a list it has exited. */
static json_t *state_text(int state)
{
    if (state == FLOE_STATE_STOPPED)
        state = FLOE_STATE_EXITED;
    return json_string(floe_container_state_name((floe_container_state)state));
}

/* Keys and types of `podman ps --format json`; the texts made for people are left to the caller. */
static json_t *list_entry(const Lists *lists, const ContainerRecord *record)
{
    const ContainerConfig *config = &record->config;
    const ContainerStatus *status = &record->status;
    json_t *labels = config->labels;
    json_t *entry = json_object();

    json_object_set_new(entry, "AutoRemove", json_boolean(config->auto_remove));
    json_object_set_new(entry, "CIDFile", json_string(""));
    json_object_set_new(entry, "Command", list_strings(config->argv));
    json_object_set_new(entry, "Created", seconds(config->created_unix_ns));
    json_object_set_new(entry, "Exited", json_boolean(status->exited));
    json_object_set_new(entry, "ExitedAt", seconds(status->finished_unix_ns));
    json_object_set_new(entry, "ExitCode", json_integer(status->exit_code));
    json_object_set_new(entry, "ExposedPorts", list_strings(config->exposed_ports));
    json_object_set_new(entry, "Health", json_from_string(status->health ? status->health : ""));
    json_object_set_new(entry, "Id", json_from_string(record->id));
    json_object_set_new(entry, "Image", json_from_string(config->image_name));
    json_object_set_new(entry, "ImageID",
                        json_from_string(config->image_id != NULL ? config->image_id : ""));
    json_object_set_new(entry, "IsInfra", json_boolean(config->is_infra));
    json_object_set_new(entry, "Labels", labels != NULL ? json_incref(labels) : json_object());
    json_object_set_new(entry, "Mounts", list_mounts(config));
    json_object_set_new(entry, "Names", list_of_one(record->name));
    json_object_set_new(entry, "Namespaces", json_object());
    json_object_set_new(entry, "Networks", list_networks(network_owner(lists, config)));
    json_object_set_new(entry, "Pid", json_integer(status->pid));
    json_object_set_new(entry, "Pod",
                        json_from_string(config->pod_id != NULL ? config->pod_id : ""));
    json_object_set_new(entry, "PodName", json_from_string(list_pod_name(lists, config)));
    json_object_set_new(entry, "Ports", list_ports(network_owner(lists, config)));
    json_object_set_new(entry, "Restarting", json_boolean(status->restart_due_unix_ns != 0));
    json_object_set_new(entry, "Restarts", json_integer(status->restart_count));
    json_object_set_new(entry, "Size", json_null());
    json_object_set_new(entry, "StartedAt", seconds(status->started_unix_ns));
    json_object_set_new(entry, "State", state_text(status->state));
    json_object_set_new(entry, "Status", json_string(""));
    return entry;
}

/* --- the list --------------------------------------------------------------------------------- */

/* What it has written, and that together with its image. */
static bool add_size(floe_engine *engine, const ContainerRecord *record, json_t *entry,
                     GError **error)
{
    g_autoptr(ImageRecord) image = NULL;
    int64_t own_bytes = 0;
    json_t *size;

    if (!container_layer_size(engine, record, &own_bytes, error) ||
        !container_load_image(engine, &record->config, &image, error))
        return false;
    size = json_object();
    json_object_set_new(size, "rootFsSize", json_integer(image->size_bytes + own_bytes));
    json_object_set_new(size, "rwSize", json_integer(own_bytes));
    json_object_set_new(entry, "Size", size);
    return true;
}

/* "4026531835" of "net:[4026531835]"; a process that has ended has none. */
static void add_namespaces(const ContainerRecord *record, json_t *entry)
{
    static const struct {
        const char *key, *file;
    } kinds[] = {
        { "Cgroup", "cgroup" }, { "Ipc", "ipc" },   { "Mnt", "mnt" }, { "Net", "net" },
        { "Pidns", "pid" },     { "User", "user" }, { "Uts", "uts" },
    };
    json_t *namespaces = json_object_get(entry, "Namespaces");

    for (size_t i = 0; i < G_N_ELEMENTS(kinds) && record->status.pid > 0; i++) {
        g_autofree char *path = g_strdup_printf("/proc/%d/ns/%s", record->status.pid, kinds[i].file);
        g_autofree char *link = g_file_read_link(path, NULL);
        g_auto(GStrv) parts = g_strsplit_set(link != NULL ? link : "", "[]", 3);

        if (g_strv_length(parts) == 3)
            json_object_set_new(namespaces, kinds[i].key, json_string(parts[1]));
    }
}

/*
 * Without `all` it is only what runs, as podman has it; who asks for states or the last, asks for all.
 */
static bool wants_all(const floe_list_options *options, const ContainerFilter *filter)
{
    return options->all || options->last > 0 || container_filter_has_status(filter);
}

static bool container_list_json(floe_engine *engine, const floe_list_options *options,
                                char **ret_json, GError **error)
{
    g_autoptr(ContainerFilter) filter = NULL;
    g_autoptr(GPtrArray) records = NULL;
    g_autoptr(GPtrArray) listed = g_ptr_array_new();
    g_autoptr(JsonValue) entries = json_array();
    g_auto(Lists) lists = { 0 };
    guint last = options->last > 0 ? (guint)options->last : G_MAXUINT;

    if (!container_filter_new(engine->db, options->filters, &filter, error) ||
        !container_list(engine->db, &records, error) || !lists_init(engine, records, &lists, error))
        return false;
    for (guint i = 0; i < records->len; i++) {
        ContainerRecord *record = g_ptr_array_index(records, i);

        notice_end(engine, record);
        if ((wants_all(options, filter) || record->status.state == FLOE_STATE_RUNNING) &&
            container_filter_matches(filter, record))
            g_ptr_array_add(listed, record);
    }
    for (guint i = listed->len - MIN(last, listed->len); i < listed->len; i++) {
        const ContainerRecord *record = g_ptr_array_index(listed, i);
        json_t *entry = list_entry(&lists, record);

        json_array_append_new(entries, entry);
        if (options->with_namespaces)
            add_namespaces(record, entry);
        if (options->with_size && !add_size(engine, record, entry, error))
            return false;
    }
    *ret_json = json_to_text(entries);
    return true;
}

bool floe_container_list(floe_engine *engine, const floe_list_options *options, char **ret_json,
                         floe_error **error)
{
    floe_list_options known = FLOE_LIST_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(ret_json), NULL) &&
                             public_options(options, &known, sizeof(known), &err) &&
                             container_list_json(engine, &known, ret_json, &err),
                         &err, error);
}
