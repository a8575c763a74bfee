/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the options of a create to a container's record: image and options are brought together and
 * checked here, so that what is wrong is told now and not at the start.
 */
#include "engine/container-create.h"

#include "base/clock.h"
#include "base/digest.h"
#include "engine/cgroup-names.h"
#include "engine/checkpoint-image.h"
#include "engine/container-limits.h"
#include "engine/container-secrets.h"
#include "engine/container-volumes.h"
#include "engine/container.h"
#include "engine/create-options.h"
#include "engine/event.h"
#include "engine/image-choice.h"
#include "engine/name-generator.h"
#include "engine/pod-join.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "engine/storage-driver.h"
#include "state/image-record.h"

#include <floe/container.h>

#include <string.h>

#define RANDOM_NAME_TRIES 64

static bool insert_with_volumes(floe_engine *engine, ContainerRecord *record, bool is_random,
                                GError **error);

/* Nothing of a checkpoint's image is unpacked: it has nothing to run a new process in. */
static bool refuse_checkpoint(floe_engine *engine, const ImageRecord *image, GError **error)
{
    bool is_checkpoint = false;

    if (image->layers[0] != NULL)
        return true;
    if (!checkpoint_image_test(engine, image->id, &is_checkpoint, error))
        return false;
    return !is_checkpoint ||
           err_set(error, FLOE_ERROR_INVALID,
                   "image %.12s holds a checkpoint: 'floe container restore' thaws it", image->id);
}

static bool take_image(floe_engine *engine, const char *name, ContainerConfig *config,
                       ImageRecord **ret_image, GError **error)
{
    g_autoptr(ImageRecord) image = NULL;

    if (!image_choose(engine, name, &image, &config->image_name, error) ||
        !refuse_checkpoint(engine, image, error))
        return false;
    config->image_id = g_strdup(image->id);
    if (config->image_name == NULL)
        config->image_name = g_strdup(image->names[0] != NULL ? image->names[0] : image->id);
    *ret_image = g_steal_pointer(&image);
    return true;
}

/* "DIRECTORY[:O]" */
static bool take_rootfs(const char *text, ContainerConfig *config, GError **error)
{
    const char *colon = strrchr(text, ':');

    config->rootfs_overlay = g_strcmp0(colon, ":O") == 0;
    config->rootfs = config->rootfs_overlay ? g_strndup(text, (gsize)(colon - text))
                                            : g_strdup(text);
    config->image_name = g_strdup("");
    if (!g_path_is_absolute(config->rootfs))
        return err_set(error, FLOE_ERROR_INVALID, "root directory '%s': not an absolute path", text);
    return g_file_test(config->rootfs, G_FILE_TEST_IS_DIR) ||
           err_set(error, FLOE_ERROR_NOT_FOUND, "root directory '%s': no such directory", text);
}

static bool take_root(floe_engine *engine, const floe_create_options *options, bool is_infra,
                      ContainerConfig *config, ImageRecord **ret_image, GError **error)
{
    if (options->rootfs != NULL && options->image != NULL)
        return err_set(error, FLOE_ERROR_INVALID, "a container has an image or a root directory");
    if (options->rootfs != NULL)
        return take_rootfs(options->rootfs, config, error);
    if (options->image != NULL)
        return take_image(engine, options->image, config, ret_image, error);
    if (!is_infra)
        return err_set(error, FLOE_ERROR_INVALID, "a container needs an image");
    config->image_name = g_strdup("");
    return true;
}

/* What would be limits is none without a cgroup; podman takes them, and says nothing. */
static bool refuse_limits(const ContainerConfig *config, GError **error)
{
    SpecLimits limits = limits_of(config);
    g_autoptr(JsonValue) resources = json_object();

    if (!spec_limits_add(&limits, resources, error))
        return false;
    return (json_object_size(resources) == 0 && config->throttles->len == 0 &&
            (config->device_rules == NULL || config->device_rules[0] == NULL)) ||
           err_set(error, FLOE_ERROR_INVALID,
                   "a container without a cgroup (--cgroups=disabled) has no limits of memory, "
                   "processors, processes or devices");
}

/* The kernel ends the processes of a PID namespace together: without a cgroup there is no other way. */
static bool check_no_cgroup(const floe_create_options *options, const Runtime *runtime,
                            ContainerConfig *config, GError **error)
{
    if (config_has_cgroup(config))
        return true;
    if (options->cgroup_parent != NULL)
        return err_set(error, FLOE_ERROR_INVALID,
                       "cannot set cgroup parent if not creating cgroups");
    if (!g_str_equal(config->pid_mode, "private"))
        return err_set(error, FLOE_ERROR_INVALID,
                       "containers not creating Cgroups must create a private PID namespace");
    if (!runtime_is_crun(runtime))
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "requested OCI runtime %s is not compatible with NoCgroups: of the runtimes "
                       "crun can make containers without a cgroup (--runtime crun)",
                       runtime->name);
    if (options->pids_limit == 0)
        config->pids_limit = 0;
    return runtime_check_cgroups(runtime, error) && refuse_limits(config, error);
}

static bool take_cgroup(const floe_engine *engine, const floe_create_options *options,
                        const PodRecord *pod, const Runtime *runtime, ContainerConfig *config,
                        GError **error)
{
    cgroup_names_choose(engine, pod,
                        runtime->uses_systemd ? CGROUP_MANAGER_SYSTEMD : CGROUP_MANAGER_CGROUPFS,
                        config);
    if (options->cgroup_parent != NULL && pod != NULL)
        return err_set(error, FLOE_ERROR_INVALID,
                       "a container of a pod has its cgroup in the pod's: give the pod a parent");
    return (options->cgroup_parent == NULL ||
            cgroup_parent_check(options->cgroup_parent, config->cgroup_manager,
                                &config->cgroup_parent, error)) &&
           cgroups_mode_check(options->cgroups, &config->cgroups_mode, error) &&
           check_no_cgroup(options, runtime, config, error);
}

bool container_record_make(floe_engine *engine, const floe_create_options *options,
                           const PodRecord *pod, bool is_infra, ContainerRecord **ret_record,
                           GError **error)
{
    g_autoptr(ContainerRecord) record = container_record_new();
    g_autoptr(ImageRecord) image = NULL;
    g_auto(PodJoin) join = { .options = *options };
    g_auto(Runtime) runtime = { 0 };

    if ((options->name != NULL && !container_name_check(options->name, error)) ||
        (pod != NULL && !is_infra && !pod_join(pod, options, &join, error)))
        return false;
    record->id = id_random();
    record->name = g_strdup(options->name);
    record->config.pod_id = g_strdup(pod != NULL ? pod->id : NULL);
    record->config.is_infra = is_infra;
    if (pod != NULL && !is_infra && pod_shares(pod, "cgroup"))
        record->config.cgroup_container = g_strdup(pod->config.infra_id);
    if (!take_root(engine, options, is_infra, &record->config, &image, error))
        return false;
    record->config.created_unix_ns = clock_unix_ns();
    record->status.state = FLOE_STATE_CONFIGURED;

    const CreateInput input = {
        .engine = engine,
        .options = &join.options,
        .image_config = image != NULL ? json_object_get(image->config, "config") : NULL,
        .container_id = record->id,
        .pod = pod,
    };
    if (!create_options_apply(&input, &record->config, error) ||
        !engine_choose_runtime(engine, &runtime, error))
        return false;
    record->config.runtime = g_strdup(runtime.path);
    if (!take_cgroup(engine, options, pod, &runtime, &record->config, error) ||
        !storage_driver_take(engine, &record->config, error))
        return false;
    *ret_record = g_steal_pointer(&record);
    return true;
}

static bool find_pod(floe_engine *engine, const char *name_or_id, PodRecord **ret_pod,
                     GError **error)
{
    g_autofree char *id = NULL;

    return name_or_id == NULL || (pod_find(engine->db, name_or_id, &id, error) &&
                                  pod_load(engine->db, id, ret_pod, error));
}

static bool container_create(floe_engine *engine, const floe_create_options *options,
                             floe_container **ret_ctr, GError **error)
{
    g_autoptr(ContainerRecord) record = NULL;
    g_autoptr(floe_container) ctr = NULL;
    g_autoptr(PodRecord) pod = NULL;

    if (options->preserved_fds == NULL && options->n_preserved_fds > 0)
        return err_set(error, FLOE_ERROR_INVALID, "there are no descriptors to preserve");
    if (!find_pod(engine, options->pod, &pod, error) ||
        !container_record_make(engine, options, pod, false, &record, error) ||
        !insert_with_volumes(engine, record, options->name == NULL, error))
        return false;
    ctr = container_for_record(engine, g_steal_pointer(&record));
    event_note(ctr, FLOE_EVENT_CREATE);
    if (!container_secrets_take(ctr, error))
        return false;
    if (options->n_preserved_fds > 0) {
        ctr->preserved_fds = g_memdup2(options->preserved_fds,
                                       options->n_preserved_fds * sizeof(int));
        ctr->n_preserved_fds = options->n_preserved_fds;
    }
    if (ret_ctr != NULL)
        *ret_ctr = g_steal_pointer(&ctr);
    return true;
}

/* A random name may be taken already, by another process just now: the database tells. */
static bool insert_named(floe_engine *engine, ContainerRecord *record, const VolumeSet *volumes,
                         bool is_random, GError **error)
{
    for (int i = 0; i < RANDOM_NAME_TRIES; i++) {
        g_auto(Transaction) transaction = TRANSACTION_NONE;
        g_autoptr(GError) err = NULL;

        if (is_random) {
            g_free(record->name);
            record->name = name_generate();
        }
        if (!transaction_begin(engine->db, !record->config.auto_remove, &transaction, error) ||
            !container_volumes_insert(engine, &record->config, volumes, error))
            return false;
        if (container_insert(engine->db, record, &err))
            return transaction_commit(&transaction, error);
        if (!is_random || !err_is(err, FLOE_ERROR_EXISTS)) {
            g_propagate_error(error, g_steal_pointer(&err));
            return false;
        }
    }
    return err_set(error, FLOE_ERROR_EXISTS, "no random name is free: give one with --name");
}

static bool insert_with_volumes(floe_engine *engine, ContainerRecord *record, bool is_random,
                                GError **error)
{
    g_auto(VolumeSet) volumes = VOLUME_SET_NONE;

    if (!container_volumes_claim(engine, &record->config, &volumes, error) ||
        !insert_named(engine, record, &volumes, is_random, error))
        return false;
    container_volumes_make(engine, &volumes);
    return true;
}

bool floe_container_create(floe_engine *engine, const floe_create_options *options,
                           floe_container **ret_container, floe_error **error)
{
    floe_create_options known = FLOE_CREATE_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), NULL) &&
                             public_options(options, &known, sizeof(known), &err) &&
                             container_create(engine, &known, ret_container, &err),
                         &err, error);
}
