/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/skopeo.h"

#include "base/json.h"
#include "base/spawn-run.h"
#include "storage/skopeo-error.h"

#include <sys/wait.h>

/* The number that the child has the file under. */
#define AUTH_FD 3

static void add(GPtrArray *argv, const char *word)
{
    g_ptr_array_add(argv, g_strdup(word));
}

/* prefix: "--src-", "--dest-", "--". */
static void add_option(GPtrArray *argv, const char *prefix, const char *name, const char *value)
{
    if (value != NULL)
        g_ptr_array_add(argv, g_strconcat(prefix, name, "=", value, NULL));
}

/* skopeo itself does not look at the variable. */
static GPtrArray *command_new(void)
{
    GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);

    add(argv, "skopeo");
    add_option(argv, "--", "registries-conf", g_getenv("CONTAINERS_REGISTRIES_CONF"));
    return argv;
}

static void add_access(GPtrArray *argv, const char *prefix, const SkopeoAccess *access)
{
    const char *authfile = access->auth_fd >= 0 ? "/proc/self/fd/" G_STRINGIFY(AUTH_FD)
                                                : access->authfile;

    add_option(argv, prefix, "authfile", authfile);
    add_option(argv, prefix, "cert-dir", access->cert_dir);
    if (access->tls_verify >= 0)
        add_option(argv, prefix, "tls-verify", access->tls_verify != 0 ? "true" : "false");
}

/* It may take as long as it takes: how fast a registry is, is not ours to judge. */
static bool run(GPtrArray *argv, const SkopeoAccess *access, int progress_fd,
                SpawnResult *ret_result, GError **error)
{
    g_auto(SpawnResult) result = { 0 };
    SpawnOptions options = SPAWN_OPTIONS_INIT;
    const SpawnFd auth = { access->auth_fd, AUTH_FD };

    g_ptr_array_add(argv, NULL);
    options.argv = (const char *const *)argv->pdata;
    options.stdout_fd = progress_fd;
    options.keeps_stdout = progress_fd >= 0;
    options.fds = &auth;
    options.n_fds = access->auth_fd >= 0 ? 1 : 0;
    options.dies_with_us = true;
    options.own_mounts = true; /* another engine's store is mounted to be read, and stays so else */
    if (!spawn_run(&options, NULL, 0, -1, &result, error))
        return false;
    if (!WIFEXITED(result.status) || WEXITSTATUS(result.status) != 0) {
        g_autofree char *status = child_status_text(result.status);

        return skopeo_fail(result.err, status, error);
    }
    *ret_result = result;
    result = (SpawnResult){ 0 };
    return true;
}

static bool inspect(const char *source, const char *what, const SkopeoAccess *access,
                    char **ret_text, size_t *ret_length, GError **error)
{
    g_autoptr(GPtrArray) argv = command_new();
    g_auto(SpawnResult) result = { 0 };

    add(argv, "inspect");
    add(argv, "--raw");
    if (what != NULL)
        add(argv, what);
    add_access(argv, "--", access);
    add(argv, source);
    if (!run(argv, access, -1, &result, error))
        return false;
    *ret_length = result.out_length;
    *ret_text = g_steal_pointer(&result.out);
    return true;
}

bool skopeo_manifest(const char *source, const SkopeoAccess *access, char **ret_text,
                     size_t *ret_length, GError **error)
{
    return inspect(source, NULL, access, ret_text, ret_length, error);
}

bool skopeo_config(const char *source, const SkopeoAccess *access, char **ret_text,
                   size_t *ret_length, GError **error)
{
    return inspect(source, "--config", access, ret_text, ret_length, error);
}

bool skopeo_list_tags(const char *repository, const SkopeoAccess *access, char ***ret_tags,
                      GError **error)
{
    g_autoptr(GPtrArray) argv = command_new();
    g_auto(SpawnResult) result = { 0 };
    g_autoptr(JsonValue) answer = NULL;
    g_auto(GStrv) tags = NULL;

    add(argv, "list-tags");
    add_access(argv, "--", access);
    add(argv, repository);
    if (!run(argv, access, -1, &result, error) ||
        !json_parse(result.out, result.out_length, "the list of tags", &answer, error) ||
        !json_get_strv(answer, "Tags", &tags, error))
        return false;
    *ret_tags = tags != NULL ? g_steal_pointer(&tags) : g_new0(char *, 1);
    return true;
}

bool skopeo_copy(const SkopeoCopy *copy, GError **error)
{
    g_autoptr(GPtrArray) argv = command_new();
    g_auto(SpawnResult) result = { 0 };
    bool is_push = g_str_has_prefix(copy->destination, "docker://");

    add_option(argv, "--", "override-os", copy->os);
    add_option(argv, "--", "override-arch", copy->architecture);
    add_option(argv, "--", "override-variant", copy->variant);
    add(argv, "copy");
    if (copy->progress_fd < 0)
        add(argv, "--quiet");
    add_access(argv, is_push ? "--dest-" : "--src-", &copy->access);
    add_option(argv, "--", "format", copy->format);
    for (const char *const *name = copy->more_names; name != NULL && *name != NULL; name++)
        add_option(argv, "--", "additional-tag", *name);
    add_option(argv, "--", "multi-arch", copy->multi_arch);
    if (copy->keep_digests)
        add(argv, "--preserve-digests");
    if (g_str_has_prefix(copy->destination, "oci:") && !copy->compress)
        add(argv, "--dest-oci-accept-uncompressed-layers");
    if (g_str_has_prefix(copy->destination, "dir:") && copy->compress)
        add(argv, "--dest-compress");
    add(argv, copy->source);
    add(argv, copy->destination);
    return run(argv, &copy->access, copy->progress_fd, &result, error);
}
