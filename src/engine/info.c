/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts on the host, the store and the parts, with podman's keys. A part that is not installed is
 * told with empty texts: what is missing is doctor's to say.
 */
#include "base/path.h"
#include "engine/cgroup-names.h"
#include "engine/engine.h"
#include "engine/host-facts.h"
#include "engine/network.h"
#include "engine/public-error.h"
#include "engine/storage-driver.h"
#include "network/netavark.h"
#include "oci/capabilities.h"
#include "oci/cgroup.h"
#include "oci/conmon.h"
#include "oci/criu.h"
#include "oci/systemd.h"
#include "state/container-record.h"
#include "state/image-record.h"

#include <string.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#define OS_RELEASE "/etc/os-release"

static json_t *text_value(const char *text)
{
    return json_from_string(text != NULL ? text : "");
}

/* A product of two counts of the kernel's. */
static json_t *bytes(uint64_t count, uint64_t unit)
{
    uint64_t total = count * unit;

    return json_integer((json_int_t)total);
}

/* --- parts ------------------------------------------------------------------------------------ */

/* {path, version}. */
static json_t *part(const char *path)
{
    g_autofree char *version = path != NULL ? program_version(path) : NULL;
    json_t *object = json_object();

    json_object_set_new(object, "path", text_value(path));
    json_object_set_new(object, "version", text_value(version));
    return object;
}

static json_t *conmon_part(void)
{
    g_autofree char *path = NULL;

    return part(conmon_find(&path, NULL) ? path : NULL);
}

static json_t *runtime_part(const Runtime *runtime)
{
    json_t *object = part(runtime->path);

    json_object_set_new(object, "name", text_value(runtime->name));
    return object;
}

/* The one that the runtime calls. */
static json_t *criu_part(const Runtime *runtime)
{
    g_autofree char *path = NULL;
    bool is_there = runtime->path != NULL && criu_find(runtime, &path, NULL, NULL);

    return part(is_there ? path : NULL);
}

static json_t *network_part(void)
{
    g_autofree char *netavark = NULL;
    g_autofree char *aardvark = NULL;
    g_autofree char *firewall = NULL;
    json_t *object = part(netavark_find(&netavark, NULL) ? netavark : NULL);

    json_object_set_new(object, "backend", json_string("netavark"));
    if (network_firewall(&firewall, NULL))
        json_object_set_new(object, "firewall", json_string(firewall));
    json_object_set_new(object, "dns", part(aardvark_find(&aardvark, NULL) ? aardvark : NULL));
    return object;
}

/* --- host ------------------------------------------------------------------------------------- */

/* The file of os-release(5) is one of shell assignments; GKeyFile wants a group. */
static char *os_release_value(const char *text, const char *key)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autofree char *prefix = g_strconcat(key, "=", NULL);

    for (char **line = lines; *line != NULL; line++) {
        if (g_str_has_prefix(*line, prefix))
            return g_shell_unquote(*line + strlen(prefix), NULL);
    }
    return NULL;
}

static json_t *distribution(void)
{
    g_autofree char *text = NULL;
    g_autofree char *id = NULL;
    g_autofree char *version = NULL;
    g_autofree char *codename = NULL;
    json_t *object = json_object();

    if (file_read(OS_RELEASE, 65536, &text, NULL, NULL)) {
        id = os_release_value(text, "ID");
        version = os_release_value(text, "VERSION_ID");
        codename = os_release_value(text, "VERSION_CODENAME");
    }
    json_object_set_new(object, "distribution", text_value(id));
    json_object_set_new(object, "version", text_value(version));
    json_object_set_new(object, "codename", text_value(codename));
    return object;
}

static json_t *security(void)
{
    g_auto(GStrv) capabilities = NULL;
    g_autofree char *list = NULL;
    const char *profile = host_seccomp_profile();
    json_t *object = json_object();

    if (capabilities_resolve(NULL, NULL, false, &capabilities, NULL, NULL))
        list = g_strjoinv(",", capabilities);
    json_object_set_new(object, "apparmorEnabled", json_boolean(host_has_apparmor()));
    json_object_set_new(object, "capabilities", text_value(list));
    json_object_set_new(object, "rootless", json_false());
    json_object_set_new(object, "seccompEnabled",
                        json_boolean(path_exists("/proc/sys/kernel/seccomp/actions_avail")));
    json_object_set_new(object, "seccompProfilePath", text_value(profile));
    json_object_set_new(object, "selinuxEnabled", json_boolean(host_has_selinux()));
    return object;
}

static void add_machine(json_t *object)
{
    g_autofree char *architecture = host_architecture();
    g_autofree char *kernel = host_kernel();
    g_autofree char *uptime = NULL;
    struct sysinfo system = { 0 };

    if (sysinfo(&system) < 0)
        system.mem_unit = 1;
    uptime = g_strdup_printf("%ldh %ldm %ld.00s", system.uptime / 3600, system.uptime / 60 % 60,
                             system.uptime % 60);
    json_object_set_new(object, "arch", text_value(architecture));
    json_object_set_new(object, "os", json_string("linux"));
    json_object_set_new(object, "kernel", text_value(kernel));
    json_object_set_new(object, "hostname", text_value(g_get_host_name()));
    json_object_set_new(object, "distribution", distribution());
    json_object_set_new(object, "cpus", json_integer(sysconf(_SC_NPROCESSORS_ONLN)));
    json_object_set_new(object, "memTotal", bytes(system.totalram, system.mem_unit));
    json_object_set_new(object, "memFree", bytes(system.freeram, system.mem_unit));
    json_object_set_new(object, "swapTotal", bytes(system.totalswap, system.mem_unit));
    json_object_set_new(object, "swapFree", bytes(system.freeswap, system.mem_unit));
    json_object_set_new(object, "uptime", text_value(uptime));
}

static json_t *host_section(floe_engine *engine)
{
    g_auto(GStrv) controllers = host_cgroup_controllers();
    g_auto(Runtime) runtime = { 0 };
    json_t *object = json_object();

    /* Without one the rest is still worth telling. */
    engine_choose_runtime(engine, &runtime, NULL);
    add_machine(object);
    json_object_set_new(object, "cgroupManager",
                        json_string(runtime.uses_systemd ? CGROUP_MANAGER_SYSTEMD
                                                         : CGROUP_MANAGER_CGROUPFS));
    json_object_set_new(object, "cgroupVersion",
                        json_string(cgroup_mode() == CGROUP_V2 ? "v2" : "v1"));
    json_object_set_new(object, "cgroupControllers",
                        json_from_strv((const char *const *)controllers));
    json_object_set_new(object, "systemd", json_boolean(systemd_is_booted()));
    json_object_set_new(object, "conmon", conmon_part());
    json_object_set_new(object, "ociRuntime", runtime_part(&runtime));
    json_object_set_new(object, "criu", criu_part(&runtime));
    json_object_set_new(object, "networkBackend", json_string("netavark"));
    json_object_set_new(object, "networkBackendInfo", network_part());
    json_object_set_new(object, "logDriver", json_string("k8s-file"));
    json_object_set_new(object, "security", security());
    return object;
}

/* --- store ------------------------------------------------------------------------------------ */

static json_t *container_counts(const GPtrArray *records)
{
    int running = 0, paused = 0;
    json_t *object = json_object();

    for (guint i = 0; i < records->len; i++) {
        const ContainerRecord *record = g_ptr_array_index(records, i);

        running += record->status.state == FLOE_STATE_RUNNING;
        paused += record->status.state == FLOE_STATE_PAUSED;
    }
    json_object_set_new(object, "number", json_integer(records->len));
    json_object_set_new(object, "running", json_integer(running));
    json_object_set_new(object, "paused", json_integer(paused));
    json_object_set_new(object, "stopped",
                        json_integer((json_int_t)records->len - running - paused));
    return object;
}

static void add_space(json_t *object, const char *root)
{
    struct statvfs space;

    if (statvfs(root, &space) < 0)
        return;
    json_object_set_new(object, "graphRootAllocated", bytes(space.f_blocks, space.f_frsize));
    json_object_set_new(object, "graphRootUsed",
                        bytes(space.f_blocks - space.f_bfree, space.f_frsize));
}

static bool store_section(floe_engine *engine, json_t **ret_store, GError **error)
{
    g_autoptr(GPtrArray) containers = NULL;
    g_autoptr(GPtrArray) images = NULL;
    const char *driver = NULL;
    json_t *object;
    json_t *image_counts;

    if (!engine_choose_storage(engine, &driver, error) ||
        !container_list(engine->db, &containers, error) || !image_list(engine->db, &images, error))
        return false;
    object = json_object();
    image_counts = json_object();
    json_object_set_new(image_counts, "number", json_integer(images->len));
    json_object_set_new(object, "graphDriverName", json_string(driver));
    json_object_set_new(object, "graphRoot", text_value(engine->root));
    add_space(object, engine->root);
    json_object_set_new(object, "runRoot", text_value(engine->runroot));
    json_object_set_new(object, "containerStore", container_counts(containers));
    json_object_set_new(object, "imageStore", image_counts);
    *ret_store = object;
    return true;
}

/* --- the whole -------------------------------------------------------------------------------- */

static json_t *version_section(void)
{
    g_autofree char *architecture = host_architecture();
    g_autofree char *os_arch = g_strconcat("linux/", architecture, NULL);
    json_t *object = json_object();

    json_object_set_new(object, "Version", json_string(floe_version()));
    json_object_set_new(object, "APIVersion", json_string(floe_version()));
    json_object_set_new(object, "Os", json_string("linux"));
    json_object_set_new(object, "OsArch", text_value(os_arch));
    return object;
}

static bool engine_info(floe_engine *engine, char **ret_json, GError **error)
{
    g_autoptr(JsonValue) object = json_object();
    json_t *store = NULL;

    if (!store_section(engine, &store, error))
        return false;
    json_object_set_new(object, "host", host_section(engine));
    json_object_set_new(object, "store", store);
    json_object_set_new(object, "version", version_section());
    *ret_json = json_to_text(object);
    return true;
}

bool floe_engine_info(floe_engine *engine, char **ret_json, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(ret_json), NULL) &&
                             engine_info(engine, ret_json, &err),
                         &err, error);
}
