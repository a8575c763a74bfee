/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/archive-policy.h"

#include <string.h>

static const char *const nothing[] = { NULL };

static void add_bind(ContainerConfig *config, const char *source, bool read_only)
{
    const char *const options[] = { "rbind", read_only ? "ro" : "rw", NULL };
    MountConfig *mount = g_new0(MountConfig, 1);

    mount->type = g_strdup("bind");
    mount->source = g_strdup(source);
    mount->destination = g_strdup("/mnt");
    mount->options = g_strdupv((char **)options);
    if (config->mounts == NULL)
        config->mounts = g_ptr_array_new();
    g_ptr_array_add(config->mounts, mount);
}

/* One that has nothing but what every container has. */
static ContainerRecord *harmless(void)
{
    static const char *const usual[] = { "CAP_CHOWN", "CAP_MKNOD", "CAP_NET_RAW", NULL };
    ContainerRecord *record = container_record_new();

    record->config.network_mode = g_strdup("bridge");
    record->config.pid_mode = g_strdup("private");
    record->config.ipc_mode = g_strdup("private");
    record->config.uts_mode = g_strdup("private");
    record->config.capabilities = g_strdupv((char **)usual);
    record->config.annotations = json_object();
    json_object_set_new(record->config.annotations, "my.own", json_string("x"));
    return record;
}

static void want_mount(ContainerConfig *config)
{
    add_bind(config, "/srv", false);
}
static void want_privileged(ContainerConfig *config)
{
    config->privileged = true;
}

static void want_capability(ContainerConfig *config)
{
    static const char *const more[] = { "CAP_CHOWN", "CAP_SYS_ADMIN", NULL };

    g_strfreev(config->capabilities);
    config->capabilities = g_strdupv((char **)more);
}

static void want_network(ContainerConfig *config)
{
    g_free(config->network_mode);
    config->network_mode = g_strdup("host");
}

static void want_uts(ContainerConfig *config)
{
    g_free(config->uts_mode);
    config->uts_mode = g_strdup("host");
}

static void want_no_seccomp(ContainerConfig *config)
{
    config->seccomp_profile = g_strdup("unconfined");
}

static void want_unmasked(ContainerConfig *config)
{
    static const char *const paths[] = { "/proc/sys", NULL };

    config->unmask = g_strdupv((char **)paths);
}

static void want_secret(ContainerConfig *config)
{
    SecretConfig *secret = g_new0(SecretConfig, 1);

    secret->name = g_strdup("password");
    secret->variable = g_strdup("PASSWORD");
    config->secrets = g_ptr_array_new();
    g_ptr_array_add(config->secrets, secret);
}

static void want_criu_config(ContainerConfig *config)
{
    json_object_set_new(config->annotations, "org.criu.config", json_string("/x"));
}

static void want_handler(ContainerConfig *config)
{
    json_object_set_new(config->annotations, "run.oci.handler", json_string("krun"));
}

static const struct {
    void (*want)(ContainerConfig *config);
    const char *word;
    const char *text;
} powers[] = {
    { want_mount, "mounts", "'/srv' at '/mnt'" },
    { want_privileged, "privileged", "privileged" },
    { want_capability, "capabilities", "CAP_SYS_ADMIN" },
    { want_network, "namespaces", "network" },
    { want_uts, "namespaces", "UTS" },
    { want_no_seccomp, "seccomp", "seccomp" },
    { want_unmasked, "privileged", "'/proc/sys' of the kernel" },
    { want_secret, "secrets", "the secret 'password'" },
    { want_criu_config, "annotations", "org.criu.config" },
    { want_handler, "annotations", "run.oci.handler" },
};

static void test_every_power_needs_its_word(void)
{
    g_autoptr(ContainerRecord) plain = harmless();

    g_assert_true(archive_policy_check(plain, NULL, nothing, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(powers); i++) {
        const char *const word[] = { powers[i].word, NULL };
        const char *const all[] = { "all", NULL };
        const char *const others[] = { "image", "host", NULL };
        g_autoptr(ContainerRecord) record = harmless();
        g_autoptr(GError) error = NULL;

        powers[i].want(&record->config);
        g_assert_false(archive_policy_check(record, NULL, others, &error));
        g_assert_cmpint(error->code, ==, FLOE_ERROR_INVALID);
        if (strstr(error->message, powers[i].text) == NULL ||
            strstr(error->message, powers[i].word) == NULL)
            g_error("power %zu: %s", i, error->message);
        g_assert_true(archive_policy_check(record, NULL, word, NULL));
        g_assert_true(archive_policy_check(record, NULL, all, NULL));
        /* Who has it here may have it; who has not may not. */
        g_assert_true(archive_policy_check(record, &record->config, nothing, NULL));
        g_assert_false(archive_policy_check(record, &plain->config, nothing, NULL));
    }
}

static void test_lists_all_of_them_at_once(void)
{
    g_autoptr(ContainerRecord) record = harmless();
    g_autoptr(GError) error = NULL;

    want_mount(&record->config);
    add_bind(&record->config, "/home", true);
    want_no_seccomp(&record->config);
    g_assert_false(archive_policy_check(record, NULL, nothing, &error));
    g_assert_nonnull(strstr(error->message, "'/srv' at"));
    g_assert_nonnull(strstr(error->message, "'/home' at '/mnt' (read-only)"));
    g_assert_nonnull(strstr(error->message, "--allow mounts,seccomp"));
}

/* A read-only mount here is no word for a writable one. */
static void test_a_mount_here_gives_no_more_than_it_is(void)
{
    g_autoptr(ContainerRecord) record = harmless();
    g_autoptr(ContainerRecord) local = harmless();

    add_bind(&local->config, "/srv", true);
    add_bind(&record->config, "/srv", false);
    g_assert_false(archive_policy_check(record, &local->config, nothing, NULL));
    g_assert_true(archive_policy_check(local, &record->config, nothing, NULL));

    /* Nor for one that says both, of which the last counts. */
    static const char *const both[] = { "rbind", "ro", "rw", NULL };
    MountConfig *mount = g_ptr_array_index(record->config.mounts, 0);
    g_strfreev(mount->options);
    mount->options = g_strdupv((char **)both);
    g_assert_false(archive_policy_check(record, &local->config, nothing, NULL));
}

/* Nor is a private one the word for one whose mounts come back to the host. */
static void test_a_mount_here_gives_its_own_options_only(void)
{
    g_autoptr(ContainerRecord) record = harmless();
    g_autoptr(ContainerRecord) local = harmless();
    MountConfig *mount;

    add_bind(&local->config, "/srv", false);
    add_bind(&record->config, "/srv", false);
    mount = g_ptr_array_index(record->config.mounts, 0);
    g_free(mount->options[0]);
    mount->options[0] = g_strdup("rshared");
    g_assert_false(archive_policy_check(record, &local->config, nothing, NULL));
    g_strfreev(mount->options);
    mount->options = g_new0(char *, 1);
    g_assert_false(archive_policy_check(record, &local->config, nothing, NULL));
}

static void test_knows_its_words(void)
{
    const char *const good[] = { "mounts", "host", NULL };
    const char *const bad[] = { "mounts", "everything", NULL };
    g_autoptr(GError) error = NULL;

    g_assert_true(allow_check(NULL, NULL));
    g_assert_true(allow_check(good, NULL));
    g_assert_false(allow_check(bad, &error));
    g_assert_nonnull(strstr(error->message, "everything"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/archive-policy/every-power-needs-its-word",
                    test_every_power_needs_its_word);
    g_test_add_func("/engine/archive-policy/lists-all-of-them-at-once",
                    test_lists_all_of_them_at_once);
    g_test_add_func("/engine/archive-policy/a-mount-here-gives-no-more-than-it-is",
                    test_a_mount_here_gives_no_more_than_it_is);
    g_test_add_func("/engine/archive-policy/a-mount-here-gives-its-own-options-only",
                    test_a_mount_here_gives_its_own_options_only);
    g_test_add_func("/engine/archive-policy/knows-its-words", test_knows_its_words);
    return g_test_run();
}
