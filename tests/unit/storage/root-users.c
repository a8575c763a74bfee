/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/root-users.h"

#include "base/scratch.h"

#include <string.h>
#include <unistd.h>

static const char passwd[] = "root:x:0:0:root:/root:/bin/sh\n"
                             "broken line\n"
                             "nobody:x:minus:1::/:\n"
                             "redis:x:101:102:Redis:/var/lib/redis:/bin/false\n"
                             "redis:x:7:7:a second one:/:\n"
                             "homeless:x:103:104:::\n"
                             "nobody:x:65534:65534::/nonexistent";
static const char group[] = "root:x:0:\n"
                            "redis:x:102:\n"
                            "broken\n"
                            "video:x:44:other,redis\n"
                            "bad:x:zz:redis\n"
                            "audio:x:29:redis,more\n"
                            "wheel:x:10:root\n";

typedef struct Root {
    char *directory;
    int fd;
} Root;

static void root_make(Root *root, const char *passwd_text, const char *group_text)
{
    root->directory = scratch_make();
    IN(root->directory, etc, "etc");
    IN(root->directory, passwd_path, "etc/passwd");
    IN(root->directory, group_path, "etc/group");

    g_assert_true(dir_make(etc, 0755, NULL));
    if (passwd_text != NULL)
        g_assert_true(file_write_atomic(passwd_path, passwd_text, strlen(passwd_text), 0644, NULL));
    if (group_text != NULL)
        g_assert_true(file_write_atomic(group_path, group_text, strlen(group_text), 0644, NULL));
    g_assert_true(root_open(root->directory, &root->fd, NULL));
}

static void root_clear(Root *root)
{
    fd_cleanup(&root->fd);
    scratch_remove(&root->directory);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Root, root_clear)

/* "uid:gid name home gid,gid", or the error's text. */
static char *lookup(const Root *root, const char *spec)
{
    g_auto(RootUser) user = { 0 };
    g_autoptr(GError) error = NULL;
    GString *text = g_string_new(NULL);

    if (!root_user_lookup(root->fd, spec, &user, &error)) {
        g_assert_true(err_is(error, FLOE_ERROR_NOT_FOUND));
        g_string_assign(text, error->message);
        return g_string_free(text, FALSE);
    }
    g_string_printf(text, "%u:%u %s %s", user.uid, user.gid, user.name != NULL ? user.name : "-",
                    user.home);
    for (size_t i = 0; i < user.n_extra_gids; i++)
        g_string_append_printf(text, "%s%u", i > 0 ? "," : " ", user.extra_gids[i]);
    return g_string_free(text, FALSE);
}

#define ASSERT_LOOKUP(spec, expected) \
    G_STMT_START \
    { \
        g_autofree char *found = lookup(&root, spec); \
        g_assert_cmpstr(found, ==, expected); \
    } \
    G_STMT_END

static void test_names_and_numbers_are_found(void)
{
    g_auto(Root) root = { .fd = -1 };

    root_make(&root, passwd, group);
    ASSERT_LOOKUP(NULL, "0:0 root /root 10");
    ASSERT_LOOKUP("", "0:0 root /root 10");
    ASSERT_LOOKUP("redis", "101:102 redis /var/lib/redis 44,29,102");
    ASSERT_LOOKUP("101", "101:102 redis /var/lib/redis 44,29,102");
    ASSERT_LOOKUP("homeless", "103:104 homeless / 104");
    ASSERT_LOOKUP("nobody", "65534:65534 nobody /nonexistent 65534");
    ASSERT_LOOKUP("4000000000", "4000000000:0 - / 0");
}

static void test_a_group_that_is_given_is_the_only_one(void)
{
    g_auto(Root) root = { .fd = -1 };

    root_make(&root, passwd, group);
    ASSERT_LOOKUP("redis:video", "101:44 redis /var/lib/redis 44");
    ASSERT_LOOKUP("redis:7", "101:7 redis /var/lib/redis 7");
    ASSERT_LOOKUP("5:6", "5:6 - / 6");
    ASSERT_LOOKUP(":video", "0:44 root /root 44");
}

static void test_unknown_names_are_not_found(void)
{
    g_auto(Root) root = { .fd = -1 };

    root_make(&root, passwd, group);
    ASSERT_LOOKUP("mallory", "no user 'mallory' in the container's /etc/passwd");
    ASSERT_LOOKUP("broken line", "no user 'broken line' in the container's /etc/passwd");
    ASSERT_LOOKUP("-1", "no user '-1' in the container's /etc/passwd");
    ASSERT_LOOKUP("4294967295", "no user '4294967295' in the container's /etc/passwd");
    ASSERT_LOOKUP("redis:bad", "no group 'bad' in the container's /etc/group");
}

static void test_numbers_need_no_files(void)
{
    g_auto(Root) root = { .fd = -1 };

    root_make(&root, NULL, NULL);
    ASSERT_LOOKUP(NULL, "0:0 - /");
    ASSERT_LOOKUP("1000:1000", "1000:1000 - / 1000");
    ASSERT_LOOKUP("redis", "no user 'redis' in the container's /etc/passwd");
}

static void test_the_files_of_the_host_are_not_read(void)
{
    g_auto(Root) root = { .fd = -1 };
    g_autoptr(GError) error = NULL;
    g_auto(RootUser) user = { 0 };

    root_make(&root, NULL, NULL);

    IN(root.directory, passwd_path, "etc/passwd");

    /* It leads to itself inside the root. */
    g_assert_cmpint(symlink("/etc/passwd", passwd_path), ==, 0);
    g_assert_false(root_user_lookup(root.fd, "root", &user, &error));
}

static void test_a_passwd_of_absurd_size_is_refused(void)
{
    g_auto(Root) root = { .fd = -1 };
    g_autoptr(GError) error = NULL;
    g_auto(RootUser) user = { 0 };

    root_make(&root, "", NULL);

    IN(root.directory, passwd_path, "etc/passwd");

    g_assert_cmpint(truncate(passwd_path, 1L << 33), ==, 0);
    g_assert_false(root_user_lookup(root.fd, "root", &user, &error));
    g_assert_true(err_is(error, FLOE_ERROR_INVALID));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/storage/root-users/names-and-numbers-are-found",
                    test_names_and_numbers_are_found);
    g_test_add_func("/storage/root-users/a-group-that-is-given-is-the-only-one",
                    test_a_group_that_is_given_is_the_only_one);
    g_test_add_func("/storage/root-users/unknown-names-are-not-found",
                    test_unknown_names_are_not_found);
    g_test_add_func("/storage/root-users/numbers-need-no-files", test_numbers_need_no_files);
    g_test_add_func("/storage/root-users/the-files-of-the-host-are-not-read",
                    test_the_files_of_the_host_are_not_read);
    g_test_add_func("/storage/root-users/a-passwd-of-absurd-size-is-refused",
                    test_a_passwd_of_absurd_size_is_refused);
    return g_test_run();
}
