/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/container-row.h"

#include "cli/field.h"
#include "cli/human.h"

#include <string.h>
#include <time.h>

#define SHORT_ID      12
#define SHORT_COMMAND 17

static char *joined(const json_t *list, const char *separator)
{
    GString *text = g_string_new(NULL);
    size_t i;
    json_t *item;

    json_array_foreach(list, i, item) {
        if (i > 0)
            g_string_append(text, separator);
        g_string_append(text, json_is_string(item) ? json_string_value(item) : "");
    }
    return g_string_free(text, FALSE);
}

static char *id_text(const char *id, const RowStyle *style)
{
    return style->no_trunc ? g_strdup(id) : g_strndup(id, SHORT_ID);
}

static char *text_id(const json_t *entry, const RowStyle *style)
{
    return id_text(field_text(entry, "Id"), style);
}

static char *text_image_id(const json_t *entry, const RowStyle *style)
{
    return id_text(field_text(entry, "ImageID"), style);
}

static char *text_image(const json_t *entry, const RowStyle *style)
{
    return g_strdup(field_text(entry, "Image"));
}

static char *text_command(const json_t *entry, const RowStyle *style)
{
    g_autofree char *command = joined(json_object_get(entry, "Command"), " ");

    if (style->no_trunc || g_utf8_strlen(command, -1) <= SHORT_COMMAND)
        return g_steal_pointer(&command);
    *g_utf8_offset_to_pointer(command, SHORT_COMMAND) = '\0';
    return g_strconcat(command, "...", NULL);
}

static char *text_running_for(const json_t *entry, const RowStyle *style)
{
    g_autofree char *duration = human_duration(style->now_unix - field_integer(entry, "Created"));

    return g_strconcat(duration, " ago", NULL);
}

static char *text_created_at(const json_t *entry, const RowStyle *style)
{
    time_t created = field_integer(entry, "Created");
    struct tm parts;
    char text[64];

    if (localtime_r(&created, &parts) == NULL ||
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %z %Z", &parts) == 0)
        return g_strdup("");
    return g_strdup(text);
}

static char *text_status(const json_t *entry, const RowStyle *style)
{
    const char *state = field_text(entry, "State");
    const char *health = field_text(entry, "Health");

    if (strcmp(state, "running") == 0) {
        g_autofree char *up = human_duration(style->now_unix - field_integer(entry, "StartedAt"));

        return health[0] != '\0' ? g_strdup_printf("Up %s (%s)", up, health)
                                 : g_strconcat("Up ", up, NULL);
    }
    if (strcmp(state, "exited") == 0 || strcmp(state, "stopped") == 0) {
        g_autofree char *ago = human_duration(style->now_unix - field_integer(entry, "ExitedAt"));
        bool is_restarting = json_is_true(json_object_get(entry, "Restarting"));

        return g_strdup_printf("%s (%d) %s ago", is_restarting ? "Restarting" : "Exited",
                               (int)field_integer(entry, "ExitCode"), ago);
    }

    char *status = g_strdup(state);
    status[0] = g_ascii_toupper(status[0]);
    return status;
}

static char *text_state(const json_t *entry, const RowStyle *style)
{
    return g_strdup(field_text(entry, "State"));
}

/* "2000" or, of several in a row, "2000-2006". */
static void append_ports(GString *text, int64_t first, int64_t range)
{
    g_string_append_printf(text, "%" G_GINT64_FORMAT, first);
    if (range > 1)
        g_string_append_printf(text, "-%" G_GINT64_FORMAT, first + range - 1);
}

static char *text_ports(const json_t *entry, const RowStyle *style)
{
    GString *text = g_string_new(NULL);
    size_t i;
    json_t *port;

    json_array_foreach(json_object_get(entry, "Ports"), i, port) {
        const char *address = field_text(port, "host_ip");
        int64_t range = field_integer(port, "range");

        if (i > 0)
            g_string_append(text, ", ");
        if (field_integer(port, "host_port") > 0) {
            g_string_append_printf(text, "%s:", address[0] != '\0' ? address : "0.0.0.0");
            append_ports(text, field_integer(port, "host_port"), range);
            g_string_append(text, "->");
        }
        append_ports(text, field_integer(port, "container_port"), range);
        g_string_append_printf(text, "/%s", field_text(port, "protocol"));
    }
    return g_string_free(text, FALSE);
}

static char *text_names(const json_t *entry, const RowStyle *style)
{
    return joined(json_object_get(entry, "Names"), ",");
}

static char *text_pod(const json_t *entry, const RowStyle *style)
{
    return id_text(field_text(entry, "Pod"), style);
}

static char *text_pod_name(const json_t *entry, const RowStyle *style)
{
    return g_strdup(field_text(entry, "PodName"));
}

static char *text_mounts(const json_t *entry, const RowStyle *style)
{
    return joined(json_object_get(entry, "Mounts"), ",");
}

static char *text_networks(const json_t *entry, const RowStyle *style)
{
    return joined(json_object_get(entry, "Networks"), ",");
}

/* "12B (virtual 1.98MB)"; nothing where no size was asked for. */
static char *text_size(const json_t *entry, const RowStyle *style)
{
    const json_t *size = json_object_get(entry, "Size");
    g_autofree char *own = human_size(json_number_value(json_object_get(size, "rwSize")));
    g_autofree char *all = human_size(json_number_value(json_object_get(size, "rootFsSize")));
    g_auto(GStrv) own_parts = g_strsplit(own, " ", 2);
    g_auto(GStrv) all_parts = g_strsplit(all, " ", 2);

    if (!json_is_object(size))
        return g_strdup("");
    return g_strdup_printf("%s%s (virtual %s%s)", own_parts[0], own_parts[1], all_parts[0],
                           all_parts[1]);
}

static char *text_pid(const json_t *entry, const RowStyle *style)
{
    return g_strdup_printf("%" G_GINT64_FORMAT, field_integer(entry, "Pid"));
}

/* Those are there only if they were asked for. */
#define NAMESPACE(name, key) \
    static char *text_##name(const json_t *entry, const RowStyle *style) \
    { \
        return g_strdup(field_text(json_object_get(entry, "Namespaces"), key)); \
    }

NAMESPACE(cgroupns, "Cgroup")
NAMESPACE(ipc, "Ipc")
NAMESPACE(mnt, "Mnt")
NAMESPACE(net, "Net")
NAMESPACE(pidns, "Pidns")
NAMESPACE(userns, "User")
NAMESPACE(uts, "Uts")

const RowColumn row_columns[] = {
    { "CGROUPNS", "CGROUPNS", text_cgroupns },
    { "Command", "COMMAND", text_command },
    { "CreatedAt", "CREATED AT", text_created_at },
    { "CreatedHuman", "CREATED", text_running_for },
    { "ID", "CONTAINER ID", text_id },
    { "IPC", "IPC", text_ipc },
    { "Image", "IMAGE", text_image },
    { "ImageID", "IMAGE ID", text_image_id },
    { "MNT", "MNT", text_mnt },
    { "Mounts", "MOUNTS", text_mounts },
    { "NET", "NET", text_net },
    { "Names", "NAMES", text_names },
    { "Networks", "NETWORKS", text_networks },
    { "PIDNS", "PIDNS", text_pidns },
    { "Pid", "PID", text_pid },
    { "Pod", "POD ID", text_pod },
    { "PodName", "PODNAME", text_pod_name },
    { "Ports", "PORTS", text_ports },
    { "RunningFor", "CREATED", text_running_for },
    { "Size", "SIZE", text_size },
    { "State", "STATE", text_state },
    { "Status", "STATUS", text_status },
    { "USERNS", "USERNS", text_userns },
    { "UTS", "UTS", text_uts },
    { NULL, NULL, NULL },
};

const RowColumn *row_column(const char *key)
{
    for (const RowColumn *column = row_columns; column->key != NULL; column++) {
        if (strcmp(column->key, key) == 0)
            return column;
    }
    g_assert_not_reached();
}

json_t *row_for_template(const json_t *entry, const RowStyle *style)
{
    /* Of podman's keys that the entry has no value for. */
    static const char *const empty[] = { "ExposedPorts", "CIDFile" };
    json_t *row = json_copy((json_t *)entry);
    json_t *labels = json_object_get(entry, "Labels");

    for (const RowColumn *column = row_columns; column->key != NULL; column++) {
        g_autofree char *text = column->text(entry, style);

        json_object_set_new(row, column->key, json_string(text));
    }
    for (size_t i = 0; i < G_N_ELEMENTS(empty); i++) {
        if (!json_is_string(json_object_get(row, empty[i])))
            json_object_set_new(row, empty[i], json_string(""));
    }
    if (labels == NULL)
        json_object_set_new(row, "Labels", json_null());
    json_object_set(row, "Label", json_object_get(row, "Labels"));
    return row;
}

json_t *row_headers(void)
{
    static const struct {
        const char *key, *header;
    } plain[] = {
        { "AutoRemove", "AUTOREMOVE" },
        { "CIDFile", "CIDFILE" },
        { "Created", "CREATED" },
        { "ExitCode", "EXIT CODE" },
        { "Exited", "EXITED" },
        { "ExitedAt", "EXITED AT" },
        { "ExposedPorts", "EXPOSEDPORTS" },
        { "Id", "CONTAINER ID" },
        { "IsInfra", "INFRA" },
        { "Label", "LABEL" },
        { "Labels", "LABELS" },
        { "Restarts", "RESTARTS" },
        { "StartedAt", "STARTED AT" },
    };
    json_t *headers = json_object();

    for (const RowColumn *column = row_columns; column->key != NULL; column++)
        json_object_set_new(headers, column->key, json_string(column->header));
    for (size_t i = 0; i < G_N_ELEMENTS(plain); i++)
        json_object_set_new(headers, plain[i].key, json_string(plain[i].header));
    return headers;
}
