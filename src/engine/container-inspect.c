/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All that is known of one container, as `container inspect` tells it. The record is brought up to
 * date under the container's lock; what takes long (counting bytes) happens after it.
 */
#include "engine/container-inspect.h"

#include "base/clock.h"
#include "base/path.h"
#include "base/tree.h"
#include "engine/cgroup-names.h"
#include "engine/container-layer.h"
#include "engine/container-mount.h"
#include "engine/exec-sessions.h"
#include "engine/mount-options.h"
#include "engine/operation.h"
#include "engine/public-error.h"
#include "engine/storage-driver.h"
#include "engine/volume.h"
#include "state/exec-record.h"
#include "state/image-record.h"

#include <string.h>

/* What else is in the database about it. */
typedef struct InspectSources {
    GPtrArray *sessions; /* ExecRecord */
    ImageRecord *image;
    const Layout *layout; /* borrowed */
} InspectSources;

static void inspect_sources_clear(InspectSources *sources)
{
    g_clear_pointer(&sources->sessions, g_ptr_array_unref);
    image_record_free(sources->image);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(InspectSources, inspect_sources_clear)

/* --- values ----------------------------------------------------------------------------------- */

json_t *inspect_text(const char *text)
{
    return json_from_string(text != NULL ? text : "");
}

json_t *inspect_strings(char **strings)
{
    return json_from_strv((const char *const *)strings);
}

json_t *inspect_object(json_t *object)
{
    return object != NULL ? json_incref(object) : json_object();
}

static json_t *moment(int64_t unix_ns)
{
    g_autofree char *text = time_to_rfc3339(unix_ns);

    return json_string(text);
}

/* The path of a file that only exists once the container was started. */
static json_t *path_if_there(const char *path)
{
    return json_from_string(path_exists(path) ? path : "");
}

/* --- sections --------------------------------------------------------------------------------- */

static void add_checkpoint_state(json_t *object, const ContainerStatus *status)
{
    json_object_set_new(object, "Checkpointed", json_boolean(status->checkpointed));
    json_object_set_new(object, "CheckpointedAt", moment(status->checkpointed_unix_ns));
    json_object_set_new(object, "CheckpointPath", inspect_text(status->checkpoint_path));
    json_object_set_new(object, "CheckpointLog", inspect_text(status->checkpoint_log));
    json_object_set_new(object, "Restored", json_boolean(status->restored));
    json_object_set_new(object, "RestoredAt", moment(status->restored_unix_ns));
    json_object_set_new(object, "RestoreLog", inspect_text(status->restore_log));
}

static json_t *health_section(const ContainerStatus *status)
{
    json_t *log = status->health_log;
    json_t *object = json_object();

    json_object_set_new(object, "Status", inspect_text(status->health));
    json_object_set_new(object, "FailingStreak", json_integer(status->health_streak));
    json_object_set_new(object, "Log", log != NULL ? json_incref(log) : json_null());
    return object;
}

static json_t *state_section(const floe_container *ctr)
{
    const ContainerStatus *status = &ctr->record->status;
    floe_container_state state = (floe_container_state)status->state;
    bool has_process = status->pid > 0;
    bool has_cgroup = has_process && config_has_cgroup(&ctr->record->config);
    json_t *object = json_object();

    json_object_set_new(object, "OciVersion", json_string("1.0.2"));
    json_object_set_new(object, "Status", json_string(floe_container_state_name(state)));
    json_object_set_new(object, "Running", json_boolean(state == FLOE_STATE_RUNNING));
    json_object_set_new(object, "Paused", json_boolean(state == FLOE_STATE_PAUSED));
    json_object_set_new(object, "Restarting", json_boolean(status->restart_due_unix_ns != 0));
    json_object_set_new(object, "OOMKilled", json_boolean(status->oom_killed));
    json_object_set_new(object, "Dead", json_false());
    json_object_set_new(object, "Pid", json_integer(status->pid));
    json_object_set_new(object, "ConmonPid", json_integer(has_process ? status->conmon_pid : 0));
    json_object_set_new(object, "ExitCode", json_integer(status->exit_code));
    json_object_set_new(object, "Error", inspect_text(status->error));
    json_object_set_new(object, "StartedAt", moment(status->started_unix_ns));
    json_object_set_new(object, "FinishedAt", moment(status->finished_unix_ns));
    json_object_set_new(object, "Health", health_section(status));
    json_object_set_new(object, "CgroupPath", json_from_string(has_cgroup ? ctr->paths.cgroup : ""));
    json_object_set_new(object, "StoppedByUser", json_boolean(status->stopped_by_user));
    add_checkpoint_state(object, status);
    return object;
}

static json_t *graph_driver_section(const floe_container *ctr, const InspectSources *sources)
{
    const ContainerConfig *config = &ctr->record->config;
    char **layers = sources->image->layers;
    g_autofree char *lower = config->rootfs != NULL
                                 ? g_strdup(config->rootfs)
                                 : layout_lower_dirs(sources->layout, layers, g_strv_length(layers));
    json_t *object = json_object();
    json_t *data = json_object();

    if (container_root_is_wanted(&ctr->record->status))
        json_object_set_new(data, "MergedDir", json_from_string(ctr->paths.merged));
    if (!container_has_bare_root(config) && !config_has_copied_root(config)) {
        json_object_set_new(data, "LowerDir", json_from_string(lower));
        json_object_set_new(data, "UpperDir", json_from_string(ctr->paths.upper));
        json_object_set_new(data, "WorkDir", json_from_string(ctr->paths.work));
    }
    json_object_set_new(object, "Name", json_string(storage_driver_name(config)));
    json_object_set_new(object, "Data", data);
    return object;
}

/* As podman, Options has what the other keys do not say. */
static json_t *mount_entry(const floe_container *ctr, const MountConfig *mount)
{
    bool is_volume = g_str_equal(mount->type, "volume");
    g_autofree char *source = is_volume ? volume_path(ctr->engine, mount->source)
                                        : g_strdup(mount->source);
    json_t *object = json_object();
    json_t *options = json_array();
    const char *propagation = "";
    bool is_read_only = false;

    for (char **option = mount->options; option != NULL && *option != NULL; option++) {
        if (mount_option_is_propagation(*option))
            propagation = *option;
        else if (g_str_equal(*option, "ro"))
            is_read_only = true;
        else if (!g_str_equal(*option, "rw"))
            json_array_append_new(options, json_from_string(*option));
    }
    json_object_set_new(object, "Type", inspect_text(mount->type));
    if (is_volume)
        json_object_set_new(object, "Name", json_from_string(mount->source));
    json_object_set_new(object, "Source", inspect_text(source));
    json_object_set_new(object, "Destination", inspect_text(mount->destination));
    json_object_set_new(object, "Driver", json_string(is_volume ? "local" : ""));
    json_object_set_new(object, "Mode", json_string(""));
    json_object_set_new(object, "Options", options);
    json_object_set_new(object, "RW", json_boolean(!is_read_only));
    json_object_set_new(object, "Propagation", json_string(propagation));
    return object;
}

static json_t *mounts_section(const floe_container *ctr)
{
    const GPtrArray *mounts = ctr->record->config.mounts;
    json_t *list = json_array();

    for (guint i = 0; mounts != NULL && i < mounts->len; i++)
        json_array_append_new(list, mount_entry(ctr, g_ptr_array_index(mounts, i)));
    return list;
}

static json_t *dependencies(const ContainerConfig *config)
{
    g_auto(GStrv) ids = container_config_dependencies(config);

    return json_from_strv((const char *const *)ids);
}

static json_t *exec_ids(const InspectSources *sources)
{
    json_t *list = json_array();

    for (guint i = 0; i < sources->sessions->len; i++) {
        const ExecRecord *session = g_ptr_array_index(sources->sessions, i);

        json_array_append_new(list, json_from_string(session->id));
    }
    return list;
}

/* Who is not root has, from the start, only what was added by name. */
static json_t *effective_capabilities(const ContainerConfig *config)
{
    g_auto(GStrv) user = g_strsplit(config->user != NULL ? config->user : "", ":", 2);
    const char *name = user[0] != NULL ? user[0] : "";
    bool is_root = name[0] == '\0' || g_str_equal(name, "root") || g_str_equal(name, "0");

    return inspect_strings(is_root ? config->capabilities : config->added_capabilities);
}

/* --- the whole -------------------------------------------------------------------------------- */

static void add_process(json_t *object, const ContainerConfig *config)
{
    bool has_command = config->argv != NULL && config->argv[0] != NULL;

    json_object_set_new(object, "Path", inspect_text(has_command ? config->argv[0] : NULL));
    json_object_set_new(object, "Args", inspect_strings(has_command ? config->argv + 1 : NULL));
}

static void add_image(json_t *object, const ContainerConfig *config, const ImageRecord *image)
{
    json_object_set_new(object, "Image", inspect_text(config->image_id));
    json_object_set_new(object, "ImageDigest", inspect_text(image->manifest_digest));
    json_object_set_new(object, "ImageName", inspect_text(config->image_name));
    json_object_set_new(object, "Rootfs", inspect_text(config->rootfs));
    json_object_set_new(object, "Pod", inspect_text(config->pod_id));
}

static void add_files(json_t *object, const floe_container *ctr)
{
    const ContainerConfig *config = &ctr->record->config;
    const ContainerPaths *paths = &ctr->paths;
    g_autofree char *spec = g_build_filename(paths->bundle, "config.json", NULL);

    json_object_set_new(object, "ResolvConfPath", path_if_there(paths->resolv_conf));
    json_object_set_new(object, "HostnamePath", path_if_there(paths->hostname));
    json_object_set_new(object, "HostsPath", path_if_there(paths->hosts));
    json_object_set_new(object, "StaticDir", json_from_string(paths->dir));
    json_object_set_new(object, "OCIConfigPath", path_if_there(spec));
    json_object_set_new(object, "ConmonPidFile",
                        json_from_string(config->conmon_pid_file != NULL ? config->conmon_pid_file
                                                                         : paths->conmon_pid_file));
    json_object_set_new(object, "PidFile",
                        json_from_string(config->pid_file != NULL ? config->pid_file
                                                                  : paths->pid_file));
}

static void add_security(json_t *object, const ContainerConfig *config)
{
    json_object_set_new(object, "MountLabel", json_string(""));
    json_object_set_new(object, "ProcessLabel", json_string(""));
    json_object_set_new(object, "AppArmorProfile", json_string(""));
    json_object_set_new(object, "EffectiveCaps", effective_capabilities(config));
    json_object_set_new(object, "BoundingCaps", inspect_strings(config->capabilities));
}

/* A runtime's name, as podman tells it: scripts compare it with "crun" and "runc". */
static json_t *runtime_name(const ContainerConfig *config)
{
    const char *path = config->runtime != NULL ? config->runtime : "";
    const char *slash = strrchr(path, '/');

    return json_from_string(slash != NULL ? slash + 1 : path);
}

static json_t *describe(const floe_container *ctr, const InspectSources *sources)
{
    const ContainerRecord *record = ctr->record;
    const ContainerConfig *config = &record->config;
    json_t *object = json_object();

    json_object_set_new(object, "Id", json_from_string(record->id));
    json_object_set_new(object, "Created", moment(config->created_unix_ns));
    add_process(object, config);
    json_object_set_new(object, "State", state_section(ctr));
    add_image(object, config, sources->image);
    add_files(object, ctr);
    json_object_set_new(object, "OCIRuntime", runtime_name(config));
    json_object_set_new(object, "Name", json_from_string(record->name));
    json_object_set_new(object, "RestartCount", json_integer(record->status.restart_count));
    json_object_set_new(object, "Driver", json_string(storage_driver_name(config)));
    add_security(object, config);
    json_object_set_new(object, "ExecIDs", exec_ids(sources));
    json_object_set_new(object, "GraphDriver", graph_driver_section(ctr, sources));
    json_object_set_new(object, "Mounts", mounts_section(ctr));
    json_object_set_new(object, "Dependencies", dependencies(config));
    json_object_set_new(object, "Namespace", json_string(""));
    json_object_set_new(object, "IsInfra", json_boolean(config->is_infra));
    json_object_set_new(object, "IsService", json_false());
    json_object_set_new(object, "KubeExitCodePropagation", json_string("invalid"));
    json_object_set_new(object, "lockNumber", json_integer(0));
    json_object_set_new(object, "Config", inspect_config(ctr));
    json_object_set_new(object, "HostConfig", inspect_host_config(ctr));
    json_object_set_new(object, "UseImageHosts", json_false());
    json_object_set_new(object, "UseImageHostname", json_false());
    return object;
}

/* Its own files, and those together with the image's; the image's size is on record. */
static bool add_sizes(json_t *object, const floe_container *ctr, const ImageRecord *image,
                      GError **error)
{
    int64_t own_bytes = 0;

    if (!container_layer_size(ctr->engine, ctr->record, &own_bytes, error))
        return false;
    json_object_set_new(object, "SizeRw", json_integer(own_bytes));
    json_object_set_new(object, "SizeRootFs", json_integer(image->size_bytes + own_bytes));
    return true;
}

/* Under the lock, so that all of it is of one moment. */
static bool look(floe_container *ctr, InspectSources *sources, json_t **ret_object, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;
    g_autoptr(JsonValue) object = NULL;
    json_t *network = NULL;

    if (!operation_enter(ctr, OPERATION_LOOK, &op, error) ||
        !exec_sessions_active(ctr, &sources->sessions, error) ||
        !container_load_image(ctr->engine, &ctr->record->config, &sources->image, error) ||
        !engine_layout(ctr->engine, &sources->layout, error) ||
        !inspect_network(ctr, &network, error))
        return false;
    object = describe(ctr, sources);
    json_object_set_new(object, "NetworkSettings", network);
    *ret_object = g_steal_pointer(&object);
    return true;
}

static bool container_inspect(floe_container *ctr, bool with_size, char **ret_json, GError **error)
{
    g_auto(InspectSources) sources = { 0 };
    g_autoptr(JsonValue) object = NULL;

    if (!look(ctr, &sources, &object, error) ||
        (with_size && !add_sizes(object, ctr, sources.image, error)))
        return false;
    *ret_json = json_to_text(object);
    return true;
}

bool floe_container_inspect(floe_container *container, bool with_size, char **ret_json,
                            floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), GIVEN(ret_json), NULL) &&
                             container_inspect(container, with_size, ret_json, &err),
                         &err, error);
}
