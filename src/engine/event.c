/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line of the event log is a JSON object with the keys, and their order, that podman's file of
 * events has (podman 4.3, events_logger=file): ContainerExitCode (unless 0), ID, Image, Name, Network,
 * PodID (podman 5), Status, Time, Type, Attributes. What is empty is left out, but for Attributes,
 * which are a container's labels or null.
 */
#include "engine/event.h"

#include "base/clock.h"
#include "base/log.h"
#include "engine/event-log.h"
#include "engine/pod.h"

#include <string.h>

static const char *const kind_names[] = {
    [FLOE_EVENT_OTHER] = "",
    [FLOE_EVENT_ATTACH] = "attach",
    [FLOE_EVENT_CHECKPOINT] = "checkpoint",
    [FLOE_EVENT_CLEANUP] = "cleanup",
    [FLOE_EVENT_CONNECT] = "connect",
    [FLOE_EVENT_CREATE] = "create",
    [FLOE_EVENT_DIED] = "died",
    [FLOE_EVENT_DISCONNECT] = "disconnect",
    [FLOE_EVENT_EXEC] = "exec",
    [FLOE_EVENT_EXEC_DIED] = "exec_died",
    [FLOE_EVENT_EXPORT] = "export",
    [FLOE_EVENT_IMPORT] = "import",
    [FLOE_EVENT_INIT] = "init",
    [FLOE_EVENT_KILL] = "kill",
    [FLOE_EVENT_MOUNT] = "mount",
    [FLOE_EVENT_PAUSE] = "pause",
    [FLOE_EVENT_PRUNE] = "prune",
    [FLOE_EVENT_REFRESH] = "refresh",
    [FLOE_EVENT_REMOVE] = "remove",
    [FLOE_EVENT_RENAME] = "rename",
    [FLOE_EVENT_RESTART] = "restart",
    [FLOE_EVENT_RESTORE] = "restore",
    [FLOE_EVENT_START] = "start",
    [FLOE_EVENT_STOP] = "stop",
    [FLOE_EVENT_SYNC] = "sync",
    [FLOE_EVENT_TAG] = "tag",
    [FLOE_EVENT_UNMOUNT] = "unmount",
    [FLOE_EVENT_UNPAUSE] = "unpause",
    [FLOE_EVENT_UNTAG] = "untag",
    [FLOE_EVENT_UPDATE] = "update",
    [FLOE_EVENT_PULL] = "pull",
    [FLOE_EVENT_PUSH] = "push",
    [FLOE_EVENT_SAVE] = "save",
    [FLOE_EVENT_LOAD] = "loadfromarchive",
    [FLOE_EVENT_COMMIT] = "commit",
    [FLOE_EVENT_BUILD] = "build",
};

typedef struct Event {
    floe_event_kind kind;
    const char *type; /* "container", "image", "network", "pod", "volume", "system" */
    const char *id;   /* NULL: it has none; likewise: */
    const char *image;
    const char *name;
    const char *network; /* of one of a network; name and id are the container's, if there is one */
    const char *pod_id;  /* of a container's pod */
    json_t *attributes;  /* borrowed */
    int exit_code;
} Event;

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text != NULL && text[0] != '\0')
        json_object_set_new(object, key, json_from_string(text));
}

/* With its newline. */
static char *event_line(const Event *event, bool with_attributes)
{
    g_autoptr(JsonValue) object = json_object();
    g_autofree char *time = time_to_rfc3339(clock_unix_ns());
    g_autofree char *text = NULL;

    if (event->exit_code != 0)
        json_object_set_new(object, "ContainerExitCode", json_integer(event->exit_code));
    set_text(object, "ID", event->id);
    set_text(object, "Image", event->image);
    set_text(object, "Name", event->name);
    set_text(object, "Network", event->network);
    set_text(object, "PodID", event->pod_id);
    set_text(object, "Status", kind_names[event->kind]);
    set_text(object, "Time", time);
    set_text(object, "Type", event->type);
    json_object_set_new(object, "Attributes",
                        with_attributes && event->attributes != NULL ? json_incref(event->attributes)
                                                                     : json_null());
    text = json_to_text(object);
    return g_strconcat(text, "\n", NULL);
}

char *event_directory(const floe_engine *engine)
{
    return g_build_filename(engine->runroot, "events", NULL);
}

static void note(const floe_engine *engine, const Event *event)
{
    g_autofree char *directory = event_directory(engine);
    g_autofree char *line = event_line(event, true);
    g_autoptr(GError) err = NULL;

    /* Labels are the only part whose length has no bound. */
    if (strlen(line) > EVENT_LINE_MAX_BYTES) {
        g_free(line);
        line = event_line(event, false);
    }
    if (!event_log_append(directory, line, strlen(line), &err))
        log_ignored(g_steal_pointer(&err), "cannot note the event %s %s", event->type,
                    kind_names[event->kind]);
}

void event_note(const floe_container *ctr, floe_event_kind kind)
{
    event_note_exit(ctr, kind, 0);
}

void event_note_exit(const floe_container *ctr, floe_event_kind kind, int exit_code)
{
    g_autoptr(JsonValue) no_labels = json_object();
    json_t *labels = ctr->record->config.labels;

    const Event event = {
        .kind = kind,
        .type = "container",
        .id = ctr->record->id,
        .image = ctr->record->config.image_name,
        .name = ctr->record->name,
        .pod_id = ctr->record->config.pod_id,
        .attributes = labels != NULL ? labels : no_labels,
        .exit_code = exit_code,
    };
    note(ctr->engine, &event);
}

void event_note_pod(const floe_pod *pod, floe_event_kind kind)
{
    note(pod->engine, &(Event){ .kind = kind,
                                .type = "pod",
                                .id = pod->record->id,
                                .name = pod->record->name,
                                .attributes = pod->record->config.labels });
}

void event_note_image(const floe_engine *engine, floe_event_kind kind, const char *id,
                      const char *name)
{
    note(engine, &(Event){ .kind = kind, .type = "image", .id = id, .name = name });
}

void event_note_volume(const floe_engine *engine, floe_event_kind kind, const char *name)
{
    note(engine, &(Event){ .kind = kind, .type = "volume", .name = name });
}

void event_note_network(const floe_engine *engine, floe_event_kind kind, const char *id,
                        const char *network, const char *driver)
{
    g_autoptr(JsonValue) attributes = json_pack("{s:s}", "driver", driver);

    note(engine, &(Event){ .kind = kind,
                           .type = "network",
                           .id = id,
                           .name = network,
                           .network = network,
                           .attributes = attributes });
}

void event_note_network_use(const floe_container *ctr, floe_event_kind kind, const char *network)
{
    note(ctr->engine, &(Event){ .kind = kind,
                                .type = "network",
                                .id = ctr->record->id,
                                .name = ctr->record->name,
                                .network = network });
}

void event_note_system(const floe_engine *engine, floe_event_kind kind)
{
    note(engine, &(Event){ .kind = kind, .type = "system" });
}

floe_event_kind event_kind_by_name(const char *name)
{
    for (size_t i = 1; i < G_N_ELEMENTS(kind_names); i++) {
        if (g_str_equal(kind_names[i], name))
            return (floe_event_kind)i;
    }
    return FLOE_EVENT_OTHER;
}

const char *floe_event_kind_name(floe_event_kind kind)
{
    return (size_t)kind < G_N_ELEMENTS(kind_names) ? kind_names[kind] : "";
}
