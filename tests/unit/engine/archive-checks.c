/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/archive-checks.h"

#include "base/digest.h"
#include "place.h"

#include <string.h>

/* An archive of a container "web" with nothing special, and what the user says of it. */
typedef struct Case {
    Place *place;
    ArchiveConfig archive;
    floe_archive_restore_options options;
    ArchiveCheck check;
} Case;

static void case_init(Case *each)
{
    ContainerConfig *config;

    *each = (Case){ .place = place_new(), .options = FLOE_ARCHIVE_RESTORE_OPTIONS_INIT };
    each->archive.record = container_record_new();
    each->archive.record->id = id_random();
    each->archive.record->name = g_strdup("web");
    each->archive.dependencies = g_new0(char *, 1);
    config = &each->archive.record->config;
    config->image_id = g_strdup(each->place->image_id);
    config->image_name = g_strdup("localhost/redis:latest");
    config->network_mode = g_strdup("none");
    config->pid_mode = g_strdup("private");
    config->ipc_mode = g_strdup("private");
    config->uts_mode = g_strdup("private");
    config->mounts = g_ptr_array_new();
    each->check = (ArchiveCheck){ each->place->engine, &each->options, &each->archive, NULL };
}

static void case_clear(Case *each)
{
    g_free(each->check.archive_id);
    archive_config_clear(&each->archive);
    place_free(each->place);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Case, case_clear)

typedef bool (*Check)(ArchiveCheck *check, GError **error);

static void refuses(Case *each, Check check, floe_error_code code, const char *part)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(check(&each->check, &error));
    g_assert_cmpint(error->code, ==, code);
    if (strstr(error->message, part) == NULL)
        g_error("wanted '%s': %s", part, error->message);
}

static void passes(Case *each, Check check)
{
    g_autoptr(GError) error = NULL;

    check(&each->check, &error);
    g_assert_no_error(error);
}

static void add_mount(Case *each, const char *type, const char *source)
{
    MountConfig *mount = g_new0(MountConfig, 1);

    mount->type = g_strdup(type);
    mount->source = g_strdup(source);
    mount->destination = g_strdup("/mnt");
    g_ptr_array_add(each->archive.record->config.mounts, mount);
}

static void test_a_pod_and_its_flag_go_together(void)
{
    g_auto(Case) each = { 0 };

    case_init(&each);
    passes(&each, archive_check_pod);
    each.options.pod = "lonely";
    refuses(&each, archive_check_pod, FLOE_ERROR_INVALID, "was not in a pod");
    each.archive.pod = id_random();
    refuses(&each, archive_check_pod, FLOE_ERROR_NOT_FOUND, "lonely");
    each.options.pod = NULL;
    refuses(&each, archive_check_pod, FLOE_ERROR_INVALID, "--pod");
    g_clear_pointer(&each.archive.pod, g_free);
    each.archive.record->config.ipc_container = id_random();
    refuses(&each, archive_check_pod, FLOE_ERROR_INVALID, "alone");
}

static void test_others_that_it_needs_are_refused(void)
{
    const char *const ids[] = { "abc", NULL };
    g_auto(Case) each = { 0 };

    case_init(&each);
    passes(&each, archive_check_dependencies);
    g_strfreev(each.archive.dependencies);
    each.archive.dependencies = g_strdupv((char **)ids);
    refuses(&each, archive_check_dependencies, FLOE_ERROR_INVALID, "abc");
}

static void test_a_name_or_id_that_is_taken_is_told(void)
{
    ContainerRecord *other = container_record_new();
    g_autofree char *id = id_random();
    g_auto(Case) each = { 0 };

    case_init(&each);
    passes(&each, archive_check_name);
    other->id = g_strdup(id);
    other->name = g_strdup("web");
    other->config.image_id = g_strdup(each.place->image_id);
    other->config.network_mode = g_strdup("none");
    other->config.pid_mode = g_strdup("private");
    other->config.ipc_mode = g_strdup("private");
    other->config.uts_mode = g_strdup("private");
    floe_container_free(place_insert(each.place, other));
    refuses(&each, archive_check_name, FLOE_ERROR_EXISTS, "name \"web\"");

    /* A new name means a new id, so that the one in the archive may be taken. */
    g_free(each.archive.record->id);
    each.archive.record->id = g_strdup(id);
    each.options.name = "other";
    passes(&each, archive_check_name);
    g_assert_cmpstr(each.archive.record->name, ==, "other");
    g_assert_cmpstr(each.archive.record->id, !=, id);
    g_assert_cmpstr(each.check.archive_id, ==, id);
}

static void test_what_the_host_lacks_is_told(void)
{
    g_auto(Case) each = { 0 };

    case_init(&each);
    add_mount(&each, "bind", "/nowhere/at/all");
    refuses(&each, archive_check_mounts, FLOE_ERROR_NOT_FOUND, "/nowhere/at/all");
    add_mount(&each, "volume", "../x");
    refuses(&each, archive_check_volumes, FLOE_ERROR_INVALID, "../x");
    g_free(each.archive.record->config.pid_mode);
    each.archive.record->config.pid_mode = g_strdup("host");
    refuses(&each, archive_check_namespaces, FLOE_ERROR_UNSUPPORTED, "PID");
}

static void test_a_host_that_may_not_do_needs_a_word(void)
{
    const char *const flags[] = { "nosuchflag", NULL };
    const char *const allow[] = { "host", NULL };
    g_auto(Case) each = { 0 };

    case_init(&each);
    passes(&each, archive_check_host);
    each.archive.host.cpu_flags = g_strdupv((char **)flags);
    refuses(&each, archive_check_host, FLOE_ERROR_UNSUPPORTED, "nosuchflag");
    each.archive.host.arch = g_strdup("vax");
    refuses(&each, archive_check_host, FLOE_ERROR_UNSUPPORTED, "vax");
    each.options.allow = allow;
    passes(&each, archive_check_host);
}

static void test_the_image_has_to_be_the_one(void)
{
    const char *const allow[] = { "image", NULL };
    g_auto(Case) each = { 0 };
    ContainerConfig *config;

    case_init(&each);
    config = &each.archive.record->config;
    passes(&each, archive_check_image);
    g_free(config->image_id);
    config->image_id = id_random();
    refuses(&each, archive_check_image, FLOE_ERROR_INVALID, "another one");
    each.options.allow = allow;
    passes(&each, archive_check_image);
    g_assert_cmpstr(config->image_id, ==, each.place->image_id);
    g_free(config->image_id);
    config->image_id = id_random();
    g_free(config->image_name);
    config->image_name = g_strdup("localhost/nothing:latest");
    refuses(&each, archive_check_image, FLOE_ERROR_NOT_FOUND, "not here");
}

static void test_options_that_exclude_each_other(void)
{
    const floe_archive_restore_options bad[] = {
        { .archive = NULL },
        { .archive = "x", .image = "y" },
        { .archive = "x", .tcp_established = true, .name = "n" },
        { .archive = "x", .tcp_established = true, .tcp_close = true },
        { .archive = "x", .tcp_established = true, .ignore_static_ip = true },
        { .archive = "x", .name = "a/b" },
    };
    const floe_archive_restore_options good = { .archive = "x", .name = "n", .tcp_close = true };

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_false(archive_check_options(&bad[i], &error));
        g_assert_cmpint(error->code, ==, FLOE_ERROR_INVALID);
    }
    g_assert_true(archive_check_options(&good, NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/archive-checks/a-pod-and-its-flag-go-together",
                    test_a_pod_and_its_flag_go_together);
    g_test_add_func("/engine/archive-checks/others-that-it-needs-are-refused",
                    test_others_that_it_needs_are_refused);
    g_test_add_func("/engine/archive-checks/a-name-or-id-that-is-taken-is-told",
                    test_a_name_or_id_that_is_taken_is_told);
    g_test_add_func("/engine/archive-checks/what-the-host-lacks-is-told",
                    test_what_the_host_lacks_is_told);
    g_test_add_func("/engine/archive-checks/a-host-that-may-not-do-needs-a-word",
                    test_a_host_that_may_not_do_needs_a_word);
    g_test_add_func("/engine/archive-checks/the-image-has-to-be-the-one",
                    test_the_image_has_to_be_the_one);
    g_test_add_func("/engine/archive-checks/options-that-exclude-each-other",
                    test_options_that_exclude_each_other);
    return g_test_run();
}
