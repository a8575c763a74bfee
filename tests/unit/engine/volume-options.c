/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/volume-options.h"

#include <string.h>

static json_t *options_of(const char *text)
{
    json_t *options = json_loads(text, 0, NULL);

    g_assert_nonnull(options);
    return options;
}

static void check_refused(const char *text, const char *expected)
{
    g_autoptr(JsonValue) options = options_of(text);
    g_autoptr(GError) error = NULL;

    g_assert_false(volume_options_check(options, &error));
    if (strstr(error->message, expected) == NULL)
        g_error("'%s' is not in '%s'", expected, error->message);
}

static void test_what_cannot_be_right_is_refused(void)
{
    check_refused("{\"foo\":\"bar\"}", "invalid mount option foo for driver 'local'");
    check_refused("{\"type\":1}", "type is not a text");
    check_refused("{\"type\":\"tmpfs\"}", "needs a device");
    check_refused("{\"type\":\"bind\",\"device\":\"x\"}", "'x' is not an absolute path");
    check_refused("{\"o\":\"bind\",\"device\":\"/nosuch/dir\"}", "'/nosuch/dir' is not a directory");
    check_refused("{\"o\":\"uid=x\"}", "'uid=x' is not a number");
    check_refused("{\"o\":\"uid=4294967295\"}", "is not a number");
    check_refused("{\"o\":\"gid=-1\"}", "'gid=-1' is not a number");
    check_refused("{\"o\":\"size=1m\"}", "'size=1m' needs project quotas");
    check_refused("{\"o\":\"mode=7\"}", "'mode=7' needs type and device");
}

static void check_owner(const char *text, bool expected, uid_t uid, gid_t gid)
{
    g_autoptr(JsonValue) options = options_of(text);
    g_autoptr(GError) error = NULL;
    TreeOwner owner;
    bool given;

    g_assert_true(volume_options_check(options, &error));
    g_assert_true(volume_options_owner(options, &owner, &given, &error));
    g_assert_cmpint(given, ==, expected);
    g_assert_cmpuint(owner.uid, ==, uid);
    g_assert_cmpuint(owner.gid, ==, gid);
}

static void test_a_plain_one_may_have_an_owner(void)
{
    check_owner("{}", false, 0, 0);
    check_owner("{\"o\":\"uid=12\"}", true, 12, 0);
    check_owner("{\"o\":\"gid=3,uid=4\"}", true, 4, 3);
    /* The file system's own. */
    check_owner("{\"type\":\"tmpfs\",\"device\":\"tmpfs\",\"o\":\"uid=12,size=1m\"}", false, 0, 0);
}

static void check_command(const char *text, const char *expected)
{
    g_autoptr(JsonValue) options = options_of(text);
    g_auto(GStrv) command = NULL;
    g_autofree char *line = NULL;

    g_assert_cmpint(volume_options_mount(options), ==, expected != NULL);
    if (expected == NULL)
        return;
    command = volume_options_mount_command(options, "/target");
    line = g_strjoinv(" ", command);
    g_assert_cmpstr(line, ==, expected);
}

static void test_the_rest_is_mount_s(void)
{
    check_command("{}", NULL);
    check_command("{\"o\":\"uid=12\"}", NULL);
    check_command("{\"type\":\"tmpfs\",\"device\":\"tmpfs\",\"o\":\"size=1m\"}",
                  "mount -t tmpfs -o size=1m -- tmpfs /target");
    check_command("{\"type\":\"nfs\",\"device\":\":/export\",\"o\":\"addr=10.0.0.1,rw\"}",
                  "mount -t nfs -o addr=10.0.0.1,rw -- :/export /target");
    check_command("{\"type\":\"none\",\"device\":\"/usr\",\"o\":\"bind,ro\"}",
                  "mount --bind -o bind,ro -- /usr /target");
    check_command("{\"type\":\"bind\",\"device\":\"/usr\"}", "mount --bind -- /usr /target");
    check_command("{\"device\":\"/dev/sdx1\"}", "mount -- /dev/sdx1 /target");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/volume-options/what-cannot-be-right-is-refused",
                    test_what_cannot_be_right_is_refused);
    g_test_add_func("/engine/volume-options/a-plain-one-may-have-an-owner",
                    test_a_plain_one_may_have_an_owner);
    g_test_add_func("/engine/volume-options/the-rest-is-mount-s", test_the_rest_is_mount_s);
    return g_test_run();
}
