/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a checkpoint archive holds, told as JSON. The documents are read as leniently as can be: what
 * floe could never restore can be looked at all the same.
 */
#include "base/clock.h"
#include "engine/archive-look.h"
#include "engine/archive.h"
#include "engine/public-error.h"
#include "oci/criu-processes.h"

#include <floe/checkpoint.h>

#include <sys/stat.h>

/* Which key of a document becomes which of the answer's, if its value has this type. */
typedef struct Copied {
    const char *from;
    const char *to;
    json_type type;
} Copied;

typedef struct Inspection {
    const char *path;
    json_t *config, *spec;
    ArchiveLook look;
    json_t *answer;
} Inspection;

static void inspection_clear(Inspection *inspection)
{
    g_clear_pointer(&inspection->config, json_decref);
    g_clear_pointer(&inspection->spec, json_decref);
    g_clear_pointer(&inspection->answer, json_decref);
    archive_look_clear(&inspection->look);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Inspection, inspection_clear)

/* Copy what is there; empty texts say nothing. */
static void copy_keys(const json_t *source, const Copied *keys, size_t n_keys, json_t *target)
{
    for (size_t i = 0; i < n_keys; i++) {
        json_t *value = json_object_get(source, keys[i].from);
        const char *text = json_string_value(value);

        if (value != NULL && json_typeof(value) == keys[i].type && (text == NULL || *text != '\0'))
            json_object_set(target, keys[i].to, value);
    }
}

/* An array of objects, each a copy of one of the source's by these keys. */
static json_t *copy_list(const json_t *source, const Copied *keys, size_t n_keys)
{
    json_t *list = json_array(), *element;
    size_t i;

    json_array_foreach(source, i, element) {
        json_t *copy = json_object();

        copy_keys(element, keys, n_keys, copy);
        json_array_append_new(list, copy);
    }
    return list;
}

/* --- the container ---------------------------------------------------------------------------- */

static void tell_archive(Inspection *inspection, const ArchiveReader *reader)
{
    const char *folder = inspection->look.images_folder;
    bool is_pre = g_strcmp0(folder, ARCHIVE_PRE_CHECKPOINT) == 0;
    json_t *archive = json_object();
    struct stat info;

    json_object_set_new(archive, "Path", json_from_string(inspection->path));
    if (!g_str_equal(inspection->path, "-") && stat(inspection->path, &info) == 0 &&
        S_ISREG(info.st_mode))
        json_set_number(archive, "Size", (uint64_t)info.st_size);
    json_object_set_new(archive, "Compression",
                        json_string(compression_to_text(archive_reader_compression(reader))));
    json_object_set_new(archive, "Kind", json_string(is_pre ? "pre-checkpoint" : "container"));
    json_object_set_new(inspection->answer, "Archive", archive);
}

static void tell_container(Inspection *inspection)
{
    static const Copied from_config[] = {
        { "id", "Id", JSON_STRING },
        { "name", "Name", JSON_STRING },
        { "pod", "Pod", JSON_STRING },
        { "rootfsImageName", "Image", JSON_STRING },
        { "rootfsImageID", "ImageID", JSON_STRING },
        { "labels", "Labels", JSON_OBJECT },
        { "createdTime", "Created", JSON_STRING },
        { "checkpointedTime", "Checkpointed", JSON_STRING }, /* CRI-O */
        { "networkMode", "NetworkMode", JSON_STRING },
    };
    static const Copied from_spec[] = { { "hostname", "Hostname", JSON_STRING },
                                        { "annotations", "Annotations", JSON_OBJECT } };
    static const Copied from_process[] = { { "args", "Command", JSON_ARRAY } };
    json_t *answer = inspection->answer;

    copy_keys(inspection->config, from_config, G_N_ELEMENTS(from_config), answer);
    copy_keys(inspection->spec, from_spec, G_N_ELEMENTS(from_spec), answer);
    copy_keys(json_object_get(inspection->spec, "process"), from_process,
              G_N_ELEMENTS(from_process), answer);
    if (json_object_get(answer, "Checkpointed") == NULL && inspection->look.dumped_unix > 0 &&
        inspection->look.dumped_unix < INT64_MAX / 1000000000) {
        g_autofree char *time = time_to_rfc3339(inspection->look.dumped_unix * 1000000000);

        json_object_set_new(answer, "Checkpointed", json_string(time));
    }
}

/* --- who made it ------------------------------------------------------------------------------ */

/* CRIU's way to number versions: 40201 is 4.2.1. */
static void tell_criu_version(const json_t *host, json_t *made_by)
{
    json_int_t version = json_integer_value(json_object_get(host, "criu_version"));

    if (version > 0 && version < 1000000)
        json_object_set_new(made_by, "CriuVersion",
                            json_sprintf("%d.%d.%d", (int)(version / 10000),
                                         (int)(version / 100 % 100), (int)(version % 100)));
}

/* libpod and CRI-O write their names into the annotations, floe a key of its own. */
static json_t *engine_name(const Inspection *inspection)
{
    const json_t *annotations = json_object_get(inspection->spec, "annotations");
    const char *manager = json_string_value(json_object_get(annotations, "io.container.manager"));

    if (json_is_object(json_object_get(inspection->config, ARCHIVE_FLOE_KEY)))
        return json_string("floe");
    if (g_strcmp0(manager, "libpod") == 0)
        return json_string("podman");
    return json_from_string(manager);
}

static void tell_maker(Inspection *inspection, const char *machine)
{
    static const Copied from_config[] = { { "runtime", "Runtime", JSON_STRING } };
    static const Copied from_floe[] = { { "version", "EngineVersion", JSON_STRING } };
    static const Copied from_host[] = { { "runtime", "RuntimeVersion", JSON_STRING },
                                        { "kernel", "Kernel", JSON_STRING },
                                        { "cgroups", "Cgroups", JSON_STRING } };
    const json_t *own = json_object_get(inspection->config, ARCHIVE_FLOE_KEY);
    const json_t *host = json_object_get(own, "host");
    json_t *made_by = json_object(), *engine = engine_name(inspection);

    if (!json_is_null(engine))
        json_object_set(made_by, "Engine", engine);
    json_decref(engine);
    copy_keys(own, from_floe, G_N_ELEMENTS(from_floe), made_by);
    copy_keys(inspection->config, from_config, G_N_ELEMENTS(from_config), made_by);
    copy_keys(host, from_host, G_N_ELEMENTS(from_host), made_by);
    tell_criu_version(host, made_by);
    if (machine != NULL)
        json_object_set_new(made_by, "Machine", json_string(machine));
    json_object_set_new(inspection->answer, "MadeBy", made_by);
}

/* --- network, mounts -------------------------------------------------------------------------- */

static json_t *interface(const char *network, const char *name, const json_t *status)
{
    static const Copied keys[] = { { "mac_address", "Mac", JSON_STRING } };
    json_t *object = json_object(), *addresses = json_array(), *subnet;
    size_t i;

    json_object_set_new(object, "Name", json_string(network));
    json_object_set_new(object, "Interface", json_string(name));
    json_array_foreach(json_object_get(status, "subnets"), i, subnet) {
        json_t *address = json_object_get(subnet, "ipnet");

        if (json_is_string(address))
            json_array_append(addresses, address);
    }
    json_object_set_new(object, "Addresses", addresses);
    copy_keys(status, keys, G_N_ELEMENTS(keys), object);
    return object;
}

static void tell_network(Inspection *inspection)
{
    static const Copied port_keys[] = {
        { "host_ip", "HostIp", JSON_STRING },
        { "host_port", "HostPort", JSON_INTEGER },
        { "container_port", "ContainerPort", JSON_INTEGER },
        { "protocol", "Protocol", JSON_STRING },
        { "range", "Range", JSON_INTEGER },
    };
    json_t *networks = json_array(), *status, *interface_status;
    const char *network, *name;

    json_object_foreach(inspection->look.network, network, status) {
        json_object_foreach(json_object_get(status, "interfaces"), name, interface_status)
            json_array_append_new(networks, interface(network, name, interface_status));
    }
    json_object_set_new(inspection->answer, "Networks", networks);
    json_object_set_new(inspection->answer, "Ports",
                        copy_list(json_object_get(inspection->config, "newPortMappings"), port_keys,
                                  G_N_ELEMENTS(port_keys)));
}

static void tell_mounts(Inspection *inspection)
{
    static const Copied mount_keys[] = { { "type", "Type", JSON_STRING },
                                         { "source", "Source", JSON_STRING },
                                         { "destination", "Destination", JSON_STRING },
                                         { "options", "Options", JSON_ARRAY } };
    static const Copied volume_keys[] = { { "volumeName", "Name", JSON_STRING },
                                          { "dest", "Destination", JSON_STRING },
                                          { "options", "Options", JSON_ARRAY } };
    json_t *volumes = copy_list(json_object_get(inspection->config, "namedVolumes"), volume_keys,
                                G_N_ELEMENTS(volume_keys));
    json_t *volume;
    size_t i;

    json_array_foreach(volumes, i, volume) {
        const char *name = json_string_value(json_object_get(volume, "Name"));
        json_t *size = name != NULL ? json_object_get(inspection->look.volumes, name) : NULL;

        if (size != NULL)
            json_object_set(volume, "Size", size);
    }
    json_object_set_new(inspection->answer, "Volumes", volumes);
    json_object_set_new(inspection->answer, "Mounts",
                        copy_list(json_object_get(inspection->spec, "mounts"), mount_keys,
                                  G_N_ELEMENTS(mount_keys)));
}

/* --- sizes ------------------------------------------------------------------------------------ */

static void tell_sizes(Inspection *inspection)
{
    const ArchiveSizes *sizes = &inspection->look.sizes;
    const struct {
        const char *key;
        int64_t size;
    } all[] = {
        { "Total", sizes->total },     { "Images", sizes->images },
        { "Memory", sizes->memory },   { "RootFiles", sizes->root },
        { "Volumes", sizes->volumes }, { "SharedMemory", sizes->shm },
        { "Log", sizes->log },         { "Artifacts", sizes->artifacts },
    };
    json_t *object = json_object();

    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        json_object_set_new(object, all[i].key, json_integer(all[i].size));
    json_object_set_new(inspection->answer, "Sizes", object);
    if (json_is_array(inspection->look.deleted))
        json_object_set(inspection->answer, "DeletedFiles", inspection->look.deleted);
}

static void tell_statistics(Inspection *inspection)
{
    const CriuDumpStats *stats = inspection->look.stats;
    json_t *object;

    if (stats == NULL)
        return;
    object = json_object();
    json_set_number(object, "freezing_time", stats->freezing_us);
    json_set_number(object, "frozen_time", stats->frozen_us);
    json_set_number(object, "memdump_time", stats->memdump_us);
    json_set_number(object, "memwrite_time", stats->memwrite_us);
    json_set_number(object, "pages_scanned", stats->pages_scanned);
    json_set_number(object, "pages_written", stats->pages_written);
    json_object_set_new(inspection->answer, "Statistics", object);
}

/* --- processes -------------------------------------------------------------------------------- */

static void tell_needs(Inspection *inspection, const json_t *locks)
{
    json_t *needs = json_array();

    if (inspection->look.has_tcp)
        json_array_append_new(needs, json_string("tcp-established"));
    if (json_array_size(locks) > 0)
        json_array_append_new(needs, json_string("file-locks"));
    if (inspection->look.has_parent)
        json_array_append_new(needs, json_string("import-previous"));
    json_object_set_new(inspection->answer, "Needs", needs);
}

/* A pre-checkpoint has memory, and no processes yet. */
static bool tell_processes(Inspection *inspection, const char **ret_machine, GError **error)
{
    const ArchiveLook *look = &inspection->look;
    g_autoptr(CriuFiles) files = NULL;
    g_autoptr(JsonValue) processes = NULL;
    g_autoptr(JsonValue) locks = NULL;

    if (g_strcmp0(look->images_folder, ARCHIVE_CHECKPOINT) != 0)
        return look->images_folder != NULL ||
               err_set(error, FLOE_ERROR_INVALID, "it holds no images of CRIU");
    if (!criu_files_new(look->dump, &files, error) || !criu_files_locks(files, &locks, error) ||
        !criu_processes(look->dump, files, &look->known, &processes, ret_machine, error))
        return err_prefix(error, "%s", look->images_folder);
    tell_needs(inspection, locks);
    json_object_set_new(inspection->answer, "FileLocks", g_steal_pointer(&locks));
    json_object_set_new(inspection->answer, "Processes", g_steal_pointer(&processes));
    return true;
}

/* --- all of it -------------------------------------------------------------------------------- */

static bool read_documents(ArchiveReader *reader, Inspection *inspection, GError **error)
{
    g_auto(ArchiveDocuments) documents = { 0 };

    if (!archive_reader_documents(reader, &documents, error))
        return false;
    if (!json_parse(documents.config, documents.config_length, ARCHIVE_CONFIG, &inspection->config,
                    error) ||
        !json_parse(documents.spec, documents.spec_length, ARCHIVE_SPEC, &inspection->spec, error))
        return err_prefix(error, "%s", archive_reader_label(reader));
    return (json_is_object(inspection->config) && json_is_object(inspection->spec)) ||
           err_set(error, FLOE_ERROR_INVALID, "%s: %s or %s is not an object",
                   archive_reader_label(reader), ARCHIVE_CONFIG, ARCHIVE_SPEC);
}

static bool inspect(const char *path, char **ret_json, GError **error)
{
    g_autoptr(ArchiveReader) reader = NULL;
    g_auto(Inspection) inspection = { .path = path };
    const char *machine = NULL;

    if (!archive_reader_open(path, g_get_tmp_dir(), &reader, error))
        return false;
    inspection.answer = json_object();
    if (!read_documents(reader, &inspection, error) ||
        !archive_look(reader, &inspection.look, error))
        return false;
    tell_archive(&inspection, reader);
    tell_container(&inspection);
    if (!tell_processes(&inspection, &machine, error))
        return err_prefix(error, "%s", archive_reader_label(reader));
    tell_maker(&inspection, machine);
    tell_network(&inspection);
    tell_mounts(&inspection);
    tell_sizes(&inspection);
    tell_statistics(&inspection);
    *ret_json = json_to_text(inspection.answer);
    return true;
}

bool floe_checkpoint_inspect(const char *path, char **ret_json, floe_error **error)
{
    g_autoptr(GError) inside = NULL;

    return public_result(public_given(&inside, GIVEN(path), GIVEN(ret_json), NULL) &&
                             inspect(path, ret_json, &inside),
                         &inside, error);
}
