/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container's document: process, namespaces, resources. The values are those of podman 4.3.1,
 * compared key by key, so that a container behaves the same and its checkpoint can go either way. Its
 * mounts are in oci/spec-mounts.c, the host's devices in oci/spec-devices.c, what is hidden of the
 * kernel in oci/spec-masks.c.
 */
#include "oci/spec.h"

#include "oci/spec-limits.h"
#include "oci/spec-mounts.h"

#include <string.h>

#define OCI_VERSION "1.0.2"
#define UNLIMITED   "18446744073709551615"

#define INIT_DESTINATION "/run/podman-init"

static const char *const ulimit_names[] = {
    "as",     "core",  "cpu", "data",   "fsize",  "locks",      "memlock", "msgqueue", "nice",
    "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack",   NULL,
};

/* --- process ---------------------------------------------------------------------------------- */

static json_t *user_to_json(const SpecInput *input)
{
    json_t *user = json_pack("{s:I, s:I, s:i}", "uid", (json_int_t)input->uid, "gid",
                             (json_int_t)input->gid, "umask", (int)input->umask);

    if (input->n_extra_gids > 0) {
        json_t *gids = json_array();

        for (size_t i = 0; i < input->n_extra_gids; i++)
            json_array_append_new(gids, json_integer(input->extra_gids[i]));
        json_object_set_new(user, "additionalGids", gids);
    }
    return user;
}

/*
 * A user other than root starts with nothing but what was added for it, and needs that ambient too,
 * or the first exec would lose it. All else stays in the bounding set, for setuid programs.
 */
static json_t *capabilities_to_json(const SpecInput *input)
{
    json_t *sets = json_object();

    json_object_set_new(sets, "bounding", json_from_strv(input->capabilities));
    if (input->uid == 0) {
        json_object_set_new(sets, "effective", json_from_strv(input->capabilities));
        json_object_set_new(sets, "permitted", json_from_strv(input->capabilities));
    } else if (input->added_capabilities != NULL && input->added_capabilities[0] != NULL) {
        static const char *const keys[] = { "effective", "permitted", "inheritable", "ambient" };

        for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
            json_object_set_new(sets, keys[i], json_from_strv(input->added_capabilities));
    }
    return sets;
}

static bool check_ulimit(const SpecUlimit *limit, GError **error)
{
    if (!g_strv_contains(ulimit_names, limit->name))
        return err_set(error, FLOE_ERROR_INVALID, "unknown ulimit '%s'", limit->name);
    if (limit->soft < -1 || limit->hard < -1)
        return err_set(error, FLOE_ERROR_INVALID, "ulimit '%s': a limit is negative", limit->name);
    /* As unsigned numbers, "unlimited" is the largest. */
    if ((uint64_t)limit->soft > (uint64_t)limit->hard)
        return err_set(error, FLOE_ERROR_INVALID,
                       "ulimit '%s': the soft limit is above the hard limit", limit->name);
    return true;
}

static bool add_ulimits(const SpecInput *input, json_t *process, GError **error)
{
    if (input->n_ulimits == 0)
        return true;

    json_t *limits = json_array();

    json_object_set_new(process, "rlimits", limits);
    for (size_t i = 0; i < input->n_ulimits; i++) {
        const SpecUlimit *limit = &input->ulimits[i];

        if (!check_ulimit(limit, error))
            return false;

        g_autofree char *upper = g_ascii_strup(limit->name, -1);
        g_autofree char *type = g_strconcat("RLIMIT_", upper, NULL);

        json_array_append_new(limits,
                              json_pack("{s:s, s:I, s:I}", "type", type, "hard",
                                        (json_int_t)limit->hard, "soft", (json_int_t)limit->soft));
    }
    return true;
}

bool spec_build_process(const SpecInput *input, json_t **ret_process, GError **error)
{
    const char *workdir = input->workdir != NULL ? input->workdir : "/";

    if (input->argv == NULL || input->argv[0] == NULL)
        return err_set(error, FLOE_ERROR_INVALID, "there is no command to run");
    if (!g_path_is_absolute(workdir))
        return err_set(error, FLOE_ERROR_INVALID, "working directory '%s' is not absolute", workdir);

    g_autoptr(JsonValue) process = json_object();

    if (input->tty)
        json_object_set_new(process, "terminal", json_true());
    if (input->tty && input->rows > 0 && input->columns > 0)
        json_object_set_new(process, "consoleSize",
                            json_pack("{s:I, s:I}", "height", (json_int_t)input->rows, "width",
                                      (json_int_t)input->columns));
    json_object_set_new(process, "user", user_to_json(input));
    json_object_set_new(process, "args", json_from_strv(input->argv));
    json_object_set_new(process, "env", json_from_strv(input->env));
    json_object_set_new(process, "cwd", json_from_string(workdir));
    json_object_set_new(process, "capabilities", capabilities_to_json(input));
    if (!add_ulimits(input, process, error))
        return false;
    if (input->no_new_privileges)
        json_object_set_new(process, "noNewPrivileges", json_true());
    if (input->oom_score_adj != 0)
        json_object_set_new(process, "oomScoreAdj", json_integer(input->oom_score_adj));
    *ret_process = g_steal_pointer(&process);
    return true;
}

/* With an init, the command is its argument. */
static bool build_init_process(const SpecInput *input, json_t **ret_process, GError **error)
{
    if (!spec_build_process(input, ret_process, error))
        return false;
    if (input->init_binary != NULL) {
        json_t *args = json_object_get(*ret_process, "args");

        json_array_insert_new(args, 0, json_string(INIT_DESTINATION));
        json_array_insert_new(args, 1, json_string("--"));
    }
    return true;
}

/* --- linux ------------------------------------------------------------------------------------ */

/* "" is the host's: there is no entry then. */
static void add_namespace(json_t *list, const char *type, const char *path)
{
    if (path == NULL)
        json_array_append_new(list, json_pack("{s:s}", "type", type));
    else if (*path != '\0')
        json_array_append_new(list, json_pack("{s:s, s:o}", "type", type, "path",
                                              json_from_string(path)));
}

static json_t *namespaces_to_json(const SpecInput *input)
{
    json_t *list = json_array();

    add_namespace(list, "pid", input->pid_ns);
    add_namespace(list, "network", input->network_ns);
    add_namespace(list, "ipc", input->ipc_ns);
    add_namespace(list, "uts", input->uts_ns);
    add_namespace(list, "mount", NULL);
    if (input->cgroup_ns)
        add_namespace(list, "cgroup", input->cgroup_ns_path);
    return list;
}

static bool is_host(const char *ns)
{
    return ns != NULL && *ns == '\0';
}

/*
 * Only what belongs to a namespace of the container can be set: all else would be set for the whole
 * host.
 */
static bool check_sysctl(const SpecInput *input, const char *name, GError **error)
{
    static const char *const ipc_names[] = {
        "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni",          "kernel.sem", "kernel.shmall",
        "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced", NULL,
    };
    const char *ns, *what;

    if (g_str_has_prefix(name, "net.")) {
        ns = input->network_ns;
        what = "network";
    } else if (g_str_has_prefix(name, "fs.mqueue.") || g_strv_contains(ipc_names, name)) {
        ns = input->ipc_ns;
        what = "IPC";
    } else if (strcmp(name, "kernel.domainname") == 0) {
        ns = input->uts_ns;
        what = "UTS";
    } else {
        return err_set(error, FLOE_ERROR_INVALID,
                       "sysctl '%s' cannot be set for a container: it is the whole host's", name);
    }
    if (is_host(ns))
        return err_set(error, FLOE_ERROR_INVALID,
                       "sysctl '%s' cannot be set: the container uses the host's %s namespace",
                       name, what);
    return true;
}

static bool add_sysctls(const SpecInput *input, json_t *linux_section, GError **error)
{
    json_t *sysctls = json_object();
    const char *name;
    json_t *value;

    json_object_set_new(linux_section, "sysctl", sysctls);
    /* Any user of the container may ping without CAP_NET_RAW; a podman default. */
    if (!is_host(input->network_ns))
        json_object_set_new(sysctls, "net.ipv4.ping_group_range", json_string("0 0"));
    json_object_foreach((json_t *)input->sysctls, name, value) {
        if (!json_is_string(value))
            return err_set(error, FLOE_ERROR_INVALID, "sysctl '%s': must be a string", name);
        if (!check_sysctl(input, name, error))
            return false;
        json_object_set(sysctls, name, value);
    }
    if (json_object_size(sysctls) == 0)
        json_object_del(linux_section, "sysctl");
    return true;
}

/*
 * Of devices the runtimes themselves allow what every container has (null, zero, ptys ...) after
 * this.
 */
static bool add_resources(const SpecInput *input, json_t *linux_section, GError **error)
{
    json_t *resources = json_pack("{s:[{s:b, s:s}]}", "devices", "allow", input->privileged,
                                  "access", "rwm");

    json_object_set_new(linux_section, "resources", resources);
    if (!spec_limits_add(&input->limits, resources, error))
        return false;
    for (size_t i = 0; i < input->n_throttles; i++) {
        if (!spec_add_throttle(&input->throttles[i], resources, error))
            return false;
    }
    return true;
}

static bool add_devices(const SpecInput *input, json_t *linux_section, GError **error)
{
    json_t *rules = json_object_get(json_object_get(linux_section, "resources"), "devices");
    g_autoptr(JsonValue) devices = NULL;

    if (!input->privileged)
        devices = json_array();
    else if (!spec_list_host_devices("/dev", &devices, error))
        return err_prefix(error, "list the host's devices");
    for (size_t i = 0; i < input->n_devices; i++) {
        if (!spec_add_device(&input->devices[i], devices, rules, error))
            return false;
    }
    for (const char *const *text = input->device_rules; text != NULL && *text != NULL; text++) {
        json_t *rule = NULL;

        if (!spec_device_rule(*text, &rule, error))
            return false;
        json_array_append_new(rules, rule);
    }
    if (input->privileged || json_array_size(devices) > 0)
        json_object_set(linux_section, "devices", devices);
    return true;
}

static bool build_linux(const SpecInput *input, json_t **ret_section, GError **error)
{
    g_autoptr(JsonValue) section = json_object();

    if (!add_sysctls(input, section, error) || !add_resources(input, section, error))
        return false;
    if (input->cgroup_path != NULL)
        json_object_set_new(section, "cgroupsPath", json_from_string(input->cgroup_path));
    json_object_set_new(section, "namespaces", namespaces_to_json(input));
    if (input->seccomp != NULL)
        json_object_set(section, "seccomp", (json_t *)input->seccomp);

    const char *propagation = spec_root_propagation(input);

    if (propagation != NULL)
        json_object_set_new(section, "rootfsPropagation", json_string(propagation));
    if (!add_devices(input, section, error))
        return false;
    if (input->no_cgroup)
        json_object_del(section, "resources");
    spec_masks_set(&input->masks, input->privileged, section);
    *ret_section = g_steal_pointer(&section);
    return true;
}

/* --- document --------------------------------------------------------------------------------- */

static json_t *root_to_json(const SpecInput *input)
{
    json_t *root = json_pack("{s:o}", "path", json_from_string(input->rootfs));

    if (input->rootfs_read_only)
        json_object_set_new(root, "readonly", json_true());
    return root;
}

static bool check_annotations(const json_t *annotations, GError **error)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)annotations, name, value) {
        if (*name == '\0' || !json_is_string(value))
            return err_set(error, FLOE_ERROR_INVALID, "annotation '%s': must be a string", name);
    }
    return true;
}

bool spec_build(const SpecInput *input, json_t **ret_spec, GError **error)
{
    g_autoptr(JsonValue) process = NULL;
    g_autoptr(JsonValue) mounts = NULL;
    g_autoptr(JsonValue) linux_section = NULL;

    if (!build_init_process(input, &process, error) || !spec_build_mounts(input, &mounts, error) ||
        !build_linux(input, &linux_section, error) || !check_annotations(input->annotations, error))
        return false;

    json_t *spec = json_pack("{s:s, s:O, s:o}", "ociVersion", OCI_VERSION, "process", process,
                             "root", root_to_json(input));

    /* The runtimes refuse a host name in a UTS namespace that they did not make. */
    if (input->hostname != NULL && input->uts_ns == NULL)
        json_object_set_new(spec, "hostname", json_from_string(input->hostname));
    json_object_set(spec, "mounts", mounts);
    if (input->annotations != NULL)
        json_object_set(spec, "annotations", (json_t *)input->annotations);
    json_object_set(spec, "linux", linux_section);
    *ret_spec = spec;
    return true;
}

/*
 * A quotation mark inside a JSON string is escaped, so `"soft":-1` in the text can only be the key
 * and its number. Nothing else in a document has these keys with a number.
 */
char *spec_to_text(const json_t *document)
{
    g_autofree char *text = json_to_text(document);
    GString *result = g_string_new(text);

    g_string_replace(result, "\"hard\":-1", "\"hard\":" UNLIMITED, 0);
    g_string_replace(result, "\"soft\":-1", "\"soft\":" UNLIMITED, 0);
    return g_string_free(result, FALSE);
}

bool spec_from_text(const char *text, size_t length, const char *what, json_t **ret_document,
                    GError **error)
{
    g_autoptr(GRegex) regex = g_regex_new("(\"(?:soft|hard)\"\\s*:\\s*)" UNLIMITED "\\b",
                                          G_REGEX_RAW, 0, NULL);
    g_autofree char *plain = g_regex_replace(regex, text, (gssize)length, 0, "\\1-1", 0, NULL);

    if (plain == NULL || strlen(text) != length)
        return err_set(error, FLOE_ERROR_INVALID, "%s: it is no JSON", what);
    return json_parse(plain, strlen(plain), what, ret_document, error);
}
