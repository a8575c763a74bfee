/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reducing a seccomp profile to what the OCI runtime reads. The profile may be a user's, so every
 * key is checked here: the runtimes' own errors come late and do not name the file. Format: moby
 * profiles/seccomp/seccomp.go, containers/common pkg/seccomp/types.go; result: runtime-spec config-
 * linux.md, "Seccomp".
 *
 * There is no cache of reduced profiles: reading and reducing the 16 KB of the default one takes a
 * third of a millisecond.
 */
#include "oci/seccomp.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROFILE_LIMIT (1024 * 1024)
#define X32_BIT       0x40000000L /* of a system call's number; asm/unistd.h, __X32_SYSCALL_BIT */

static const char *const default_profiles[] = {
    "/etc/containers/seccomp.json",
    "/usr/share/containers/seccomp.json",
};

/*
 * One architecture under its three names: the kernel's, Go's (includes and excludes), libseccomp's.
 */
typedef struct Architecture {
    const char *machine;
    const char *go;
    const char *scmp;
} Architecture;

static const Architecture architectures[] = {
    { "x86_64", "amd64", "SCMP_ARCH_X86_64" },
    { "aarch64", "arm64", "SCMP_ARCH_AARCH64" },
    { "s390x", "s390x", "SCMP_ARCH_S390X" },
    { "ppc64le", "ppc64le", "SCMP_ARCH_PPC64LE" },
    { "riscv64", "riscv64", "SCMP_ARCH_RISCV64" },
    { "loongarch64", "loong64", "SCMP_ARCH_LOONGARCH64" },
    { "i686", "386", "SCMP_ARCH_X86" },
    { "armv7l", "arm", "SCMP_ARCH_ARM" },
};

static const char *const actions[] = {
    "SCMP_ACT_KILL",  "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD",
    "SCMP_ACT_TRAP",  "SCMP_ACT_ERRNO",        "SCMP_ACT_TRACE",
    "SCMP_ACT_ALLOW", "SCMP_ACT_LOG",          NULL,
};

static const char *const operators[] = {
    "SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE",        "SCMP_CMP_EQ",
    "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ", NULL,
};

static const Architecture *architecture_find(const char *machine)
{
    for (size_t i = 0; i < G_N_ELEMENTS(architectures); i++) {
        if (strcmp(machine, architectures[i].machine) == 0)
            return &architectures[i];
    }
    return NULL;
}

/* --- single values ---------------------------------------------------------------------------- */

/* A required string that is one of a list. */
static bool get_choice(const json_t *object, const char *key, const char *const *choices,
                       const char **ret_choice, GError **error)
{
    if (!json_get_string(object, key, ret_choice, error))
        return false;
    if (*ret_choice == NULL)
        return err_set(error, FLOE_ERROR_INVALID, "key '%s' is missing", key);
    if (!g_strv_contains(choices, *ret_choice))
        return err_set(error, FLOE_ERROR_INVALID, "key '%s': unknown value '%s'", key, *ret_choice);
    return true;
}

/* An optional number, not negative, into an object of the same key. */
static bool copy_number(const json_t *from, const char *key, json_t *to, GError **error)
{
    int64_t number = -1;

    if (json_is_null(json_object_get(from, key)) || json_object_get(from, key) == NULL)
        return true;
    if (!json_get_int64(from, key, &number, error))
        return false;
    if (number < 0)
        return err_set(error, FLOE_ERROR_INVALID, "key '%s': %" G_GINT64_FORMAT " is negative", key,
                       number);
    json_object_set_new(to, key, json_integer(number));
    return true;
}

/* The number of an errno's name ("EPERM"), or -1. */
static int errno_from_name(const char *name)
{
    for (int number = 1; number < 4096; number++) {
        const char *known = strerrorname_np(number);

        if (known != NULL && strcmp(known, name) == 0)
            return number;
    }
    return -1;
}

/* What a refused call returns: a number under `number_key`, or else a name under `name_key`. */
static bool copy_errno(const json_t *from, const char *number_key, const char *name_key, json_t *to,
                       GError **error)
{
    const char *name = NULL;

    if (!copy_number(from, number_key, to, error) || !json_get_string(from, name_key, &name, error))
        return false;
    if (name == NULL || *name == '\0' || json_object_get(to, number_key) != NULL)
        return true;

    int number = errno_from_name(name);

    if (number < 0)
        return err_set(error, FLOE_ERROR_INVALID, "key '%s': unknown errno '%s'", name_key, name);
    json_object_set_new(to, number_key, json_integer(number));
    return true;
}

/* --- conditions ------------------------------------------------------------------------------- */

/* The first two numbers of a kernel release: "6.1.0-18-amd64" and "4.8" alike. */
static bool parse_release(const char *text, guint64 *ret_major, guint64 *ret_minor)
{
    char *end = NULL;

    *ret_major = g_ascii_strtoull(text, &end, 10);
    if (end == text || *end != '.')
        return false;
    text = end + 1;
    *ret_minor = g_ascii_strtoull(text, &end, 10);
    return end != text;
}

static bool kernel_is_at_least(const SeccompTarget *target, const char *wanted, bool *ret_is,
                               GError **error)
{
    guint64 major, minor, wanted_major, wanted_minor;

    if (!parse_release(wanted, &wanted_major, &wanted_minor))
        return err_set(error, FLOE_ERROR_INVALID, "key 'minKernel': '%s' is no version", wanted);
    if (!parse_release(target->kernel_release, &major, &minor))
        return err_set(error, FLOE_ERROR_UNSUPPORTED, "the kernel's release '%s' is no version",
                       target->kernel_release);
    *ret_is = major > wanted_major || (major == wanted_major && minor >= wanted_minor);
    return true;
}

/*
 * What a rule's "includes" or "excludes" says about the target. A list that is absent or empty says
 * nothing.
 */
typedef struct Condition {
    bool has_caps, all_caps, any_cap;
    bool has_arches, arch_matches;
    bool has_kernel, kernel_matches;
} Condition;

static bool condition_read(const json_t *rule, const char *key, const SeccompTarget *target,
                           Condition *ret_condition, GError **error)
{
    json_t *object = NULL;
    g_auto(GStrv) caps = NULL;
    g_auto(GStrv) arches = NULL;
    const char *min_kernel = NULL;
    Condition condition = { .all_caps = true };

    if (!json_get_object(rule, key, &object, error))
        return false;
    if (object == NULL) {
        *ret_condition = condition;
        return true;
    }
    if (!json_get_strv(object, "caps", &caps, error) ||
        !json_get_strv(object, "arches", &arches, error) ||
        !json_get_string(object, "minKernel", &min_kernel, error))
        return err_prefix(error, "%s", key);

    for (char **cap = caps; cap != NULL && *cap != NULL; cap++) {
        bool has = g_strv_contains(target->capabilities, *cap);

        condition.has_caps = true;
        condition.any_cap |= has;
        condition.all_caps &= has;
    }

    const Architecture *arch = architecture_find(target->machine);

    condition.has_arches = arches != NULL && *arches != NULL;
    condition.arch_matches = condition.has_arches && arch != NULL &&
                             g_strv_contains((const char *const *)arches, arch->go);
    condition.has_kernel = min_kernel != NULL && *min_kernel != '\0';
    if (condition.has_kernel &&
        !kernel_is_at_least(target, min_kernel, &condition.kernel_matches, error))
        return err_prefix(error, "%s", key);
    *ret_condition = condition;
    return true;
}

/* Is the rule for this target? Everything in "includes" must hold, nothing in "excludes" may. */
static bool rule_applies(const json_t *rule, const SeccompTarget *target, bool *ret_applies,
                         GError **error)
{
    Condition in, ex;

    if (!condition_read(rule, "includes", target, &in, error) ||
        !condition_read(rule, "excludes", target, &ex, error))
        return false;
    *ret_applies = (!in.has_caps || in.all_caps) && (!in.has_arches || in.arch_matches) &&
                   (!in.has_kernel || in.kernel_matches) && !ex.any_cap && !ex.arch_matches &&
                   !ex.kernel_matches;
    return true;
}

/* --- rules ------------------------------------------------------------------------------------ */

static bool arg_reduce(const json_t *arg, json_t *to, GError **error)
{
    const char *op = NULL;

    if (!get_choice(arg, "op", operators, &op, error) || !copy_number(arg, "index", to, error) ||
        !copy_number(arg, "value", to, error) || !copy_number(arg, "valueTwo", to, error))
        return false;
    if (json_object_get(to, "index") == NULL)
        return err_set(error, FLOE_ERROR_INVALID, "key 'index' is missing");
    if (json_integer_value(json_object_get(to, "index")) > 5)
        return err_set(error, FLOE_ERROR_INVALID, "key 'index': a system call has arguments 0 to 5");
    if (json_object_get(to, "value") == NULL)
        json_object_set_new(to, "value", json_integer(0));
    json_object_set_new(to, "op", json_string(op));
    return true;
}

static bool copy_args(const json_t *rule, json_t *to, GError **error)
{
    json_t *args = NULL;
    size_t index;
    json_t *arg;

    if (!json_get_array(rule, "args", &args, error))
        return false;
    if (json_array_size(args) == 0)
        return true;

    json_t *reduced = json_array();

    json_object_set_new(to, "args", reduced);
    json_array_foreach(args, index, arg) {
        json_t *one = json_object();

        json_array_append_new(reduced, one);
        if (!arg_reduce(arg, one, error))
            return err_prefix(error, "args: item %zu", index);
    }
    return true;
}

/* "names", or the older "name" for a single one. */
static bool copy_names(const json_t *rule, json_t *to, GError **error)
{
    g_auto(GStrv) names = NULL;
    const char *name = NULL;

    if (!json_get_strv(rule, "names", &names, error) || !json_get_string(rule, "name", &name, error))
        return false;

    bool has_names = names != NULL && *names != NULL;
    bool has_name = name != NULL && *name != '\0';

    if (has_names == has_name)
        return err_set(error, FLOE_ERROR_INVALID,
                       has_names ? "both 'names' and 'name' are given"
                                 : "key 'names' is missing or empty");

    const char *const single[] = { name, NULL };

    json_object_set_new(to, "names",
                        json_from_strv(has_names ? (const char *const *)names : single));
    return true;
}

/* `*ret_reduced` is NULL when the rule is not for this target. */
static bool rule_reduce(const json_t *rule, const SeccompTarget *target, json_t **ret_reduced,
                        GError **error)
{
    g_autoptr(JsonValue) reduced = json_object();
    const char *action = NULL;
    bool applies = false;

    if (!copy_names(rule, reduced, error) || !get_choice(rule, "action", actions, &action, error))
        return false;
    json_object_set_new(reduced, "action", json_string(action));
    if (!copy_errno(rule, "errnoRet", "errno", reduced, error) ||
        !copy_args(rule, reduced, error) || !rule_applies(rule, target, &applies, error))
        return false;
    *ret_reduced = applies ? g_steal_pointer(&reduced) : NULL;
    return true;
}

static bool reduce_rules(const json_t *profile, const SeccompTarget *target, json_t *to,
                         GError **error)
{
    json_t *rules = NULL;
    json_t *reduced = json_array();
    size_t index;
    json_t *rule;

    json_object_set_new(to, "syscalls", reduced);
    if (!json_get_array(profile, "syscalls", &rules, error))
        return false;
    json_array_foreach(rules, index, rule) {
        json_t *one = NULL;

        if (!rule_reduce(rule, target, &one, error))
            return err_prefix(error, "syscalls: item %zu", index);
        if (one != NULL)
            json_array_append_new(reduced, one);
    }
    return true;
}

/* --- architectures ---------------------------------------------------------------------------- */

/*
 * The architectures of this machine's entry in "archMap": itself, and those whose programs it also
 * runs. libseccomp works out the whole filter for each, 7 ms with the default profile, and runc has
 * it done at every create and exec: so x32, which hardly a kernel has, is left out where it is not.
 */
static bool map_architectures(const json_t *map, const SeccompTarget *target, json_t *to,
                              GError **error)
{
    const Architecture *own = architecture_find(target->machine);
    size_t index;
    json_t *entry;

    json_array_foreach(map, index, entry) {
        const char *name = NULL;
        g_auto(GStrv) subs = NULL;

        if (!json_get_string(entry, "architecture", &name, error) ||
            !json_get_strv(entry, "subArchitectures", &subs, error))
            return err_prefix(error, "archMap: item %zu", index);
        if (own == NULL || g_strcmp0(name, own->scmp) != 0)
            continue;
        json_array_append_new(to, json_string(name));
        for (char **sub = subs; sub != NULL && *sub != NULL; sub++) {
            if (!target->lacks_x32 || !g_str_equal(*sub, "SCMP_ARCH_X32"))
                json_array_append_new(to, json_from_string(*sub));
        }
    }
    return true;
}

static bool copy_architectures(const json_t *profile, const SeccompTarget *target, json_t *to,
                               GError **error)
{
    json_t *map = NULL;
    g_auto(GStrv) listed = NULL;

    if (!json_get_array(profile, "archMap", &map, error) ||
        !json_get_strv(profile, "architectures", &listed, error))
        return false;
    if (json_array_size(map) > 0 && listed != NULL && *listed != NULL)
        return err_set(error, FLOE_ERROR_INVALID, "both 'archMap' and 'architectures' are given");

    json_t *list = json_from_strv((const char *const *)listed);

    json_object_set_new(to, "architectures", list);
    if (!map_architectures(map, target, list, error))
        return false;
    /* Left out, the runtime takes the native one. */
    if (json_array_size(list) == 0)
        json_object_del(to, "architectures");
    return true;
}

static bool copy_flags(const json_t *profile, json_t *to, GError **error)
{
    g_auto(GStrv) flags = NULL;

    if (!json_get_strv(profile, "flags", &flags, error))
        return false;
    if (flags != NULL && *flags != NULL)
        json_object_set_new(to, "flags", json_from_strv((const char *const *)flags));
    return true;
}

bool seccomp_reduce(const json_t *profile, const SeccompTarget *target, json_t **ret_seccomp,
                    GError **error)
{
    g_autoptr(JsonValue) reduced = json_object();
    const char *action = NULL;

    if (!json_is_object(profile))
        return err_set(error, FLOE_ERROR_INVALID, "it must be a JSON object");
    if (!get_choice(profile, "defaultAction", actions, &action, error))
        return false;
    json_object_set_new(reduced, "defaultAction", json_string(action));
    if (!copy_errno(profile, "defaultErrnoRet", "defaultErrno", reduced, error) ||
        !copy_architectures(profile, target, reduced, error) ||
        !copy_flags(profile, reduced, error) || !reduce_rules(profile, target, reduced, error))
        return false;
    *ret_seccomp = g_steal_pointer(&reduced);
    return true;
}

/* --- files ------------------------------------------------------------------------------------ */

/* Read the profile, or the first default one that is there; `*ret_path` says which it was. */
static bool read_profile(const char *profile, const char **ret_path, json_t **ret_document,
                         GError **error)
{
    if (profile != NULL) {
        *ret_path = profile;
        return json_read_file(profile, PROFILE_LIMIT, ret_document, error) ||
               err_prefix(error, "seccomp profile");
    }
    for (size_t i = 0; i < G_N_ELEMENTS(default_profiles); i++) {
        g_autoptr(GError) missing = NULL;

        *ret_path = default_profiles[i];
        if (json_read_file(default_profiles[i], PROFILE_LIMIT, ret_document, &missing))
            return true;
        if (!err_is(missing, FLOE_ERROR_NOT_FOUND)) {
            g_propagate_error(error, g_steal_pointer(&missing));
            return false;
        }
    }
    return err_set(error, FLOE_ERROR_MISSING_PART,
                   "no default seccomp profile: '%s' is not there; install the package "
                   "containers-common (Debian: golang-github-containers-common)",
                   default_profiles[G_N_ELEMENTS(default_profiles) - 1]);
}

/*
 * Asked in a child: where floe runs in a container itself, the filter around it may kill who asks.
 * Any doubt counts as yes.
 */
static bool kernel_has_x32(void)
{
#ifdef __x86_64__
    static const struct rlimit no_core = { 0, 0 };
    pid_t child = fork();
    int status = 0;

    if (child == 0) {
        setrlimit(RLIMIT_CORE, &no_core);
        _exit(syscall(X32_BIT | SYS_getpid) < 0 && errno == ENOSYS ? 0 : 1);
    }
    if (child < 0 || TEMP_FAILURE_RETRY(waitpid(child, &status, 0)) < 0)
        return true;
    return WIFEXITED(status) && WEXITSTATUS(status) != 0;
#else
    return false;
#endif
}

bool seccomp_load(const char *profile, const char *const *capabilities, json_t **ret_seccomp,
                  GError **error)
{
    g_autoptr(JsonValue) document = NULL;
    const char *path = NULL;
    struct utsname host;

    if (uname(&host) < 0)
        return err_set_errno(error, "uname");
    if (!read_profile(profile, &path, &document, error))
        return false;

    const SeccompTarget target = {
        .machine = host.machine,
        .kernel_release = host.release,
        .capabilities = capabilities,
        .lacks_x32 = !kernel_has_x32(),
    };

    if (!seccomp_reduce(document, &target, ret_seccomp, error))
        return err_prefix(error, "seccomp profile '%s'", path);
    return true;
}
