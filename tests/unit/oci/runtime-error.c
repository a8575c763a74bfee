/* SPDX-License-Identifier: Apache-2.0 */
/* What runc 1.1.5, crun 1.8.1 and crun 1.28 really said. */
#include "oci/runtime-error.h"

#include <string.h>

#define NOT_FOUND    FLOE_ERROR_CMD_NOT_FOUND
#define NOT_RUNNABLE FLOE_ERROR_CMD_NOT_RUNNABLE
#define RUNTIME      FLOE_ERROR_RUNTIME
#define RUNC_CREATE  "runc create failed: unable to start container process: "

static const struct {
    const char *said;
    floe_error_code code;
    const char *message;
} CASES[] = {
    /* The command */
    { RUNC_CREATE "exec: \"nope\": executable file not found in $PATH\n", NOT_FOUND,
      "command 'nope' was not found in the container" },
    { RUNC_CREATE "exec: \"/nope\": stat /nope: no such file or directory", NOT_FOUND,
      "command '/nope' was not found in the container" },
    { RUNC_CREATE "exec: \"/etc\": permission denied", NOT_RUNNABLE,
      "command '/etc' cannot be run in the container: permission denied" },
    { RUNC_CREATE "exec: \"/etc/passwd/x\": stat /etc/passwd/x: not a directory", NOT_RUNNABLE,
      "command '/etc/passwd/x' cannot be run in the container: stat /etc/passwd/x: not a "
      "directory" },
    { RUNC_CREATE "exec: \"\": executable file not found in $PATH", NOT_FOUND,
      "the command was not found in the container" },
    { "exec failed: unable to start container process: exec: \"nope\": executable file not found "
      "in $PATH",
      NOT_FOUND, "command 'nope' was not found in the container" },
    { "executable file `nope` not found in $PATH: No such file or directory", NOT_FOUND,
      "command 'nope' was not found in the container" },
    { "executable file `/nope` not found: No such file or directory", NOT_FOUND,
      "command '/nope' was not found in the container" },
    { "cannot find `` in $PATH: No such file or directory", NOT_FOUND,
      "the command was not found in the container" },
    { "the path `/etc` is not a regular file: Operation not permitted", NOT_RUNNABLE,
      "command '/etc' cannot be run in the container: is not a regular file" },
    { "the path `/etc/passwd` exists but it is not executable: Operation not permitted",
      NOT_RUNNABLE, "command '/etc/passwd' cannot be run in the container: is not executable" },
    { "open executable: Permission denied", NOT_RUNNABLE,
      "the command cannot be run in the container: Permission denied" },
    { "exec /bin/bad: exec format error", NOT_RUNNABLE,
      "command '/bin/bad' cannot be run in the container: exec format error" },
    { "exec container process `/bin/bad`: Exec format error", NOT_RUNNABLE,
      "command '/bin/bad' cannot be run in the container: Exec format error" },
    { "exec container process (missing dynamic library?) `/bin/x`: No such file or directory",
      NOT_FOUND,
      "command '/bin/x' cannot be run in the container: its interpreter or a library is missing" },
    { "exec: No such file or directory", NOT_FOUND,
      "the command cannot be run in the container: its interpreter or a library is missing" },
    /* Not the command, though a file is missing */
    { "runc create failed: unable to create new parent process: namespace path: lstat "
      "/run/netns/nonexist: no such file or directory",
      RUNTIME,
      "rt: unable to create new parent process: namespace path: lstat /run/netns/nonexist: no such "
      "file or directory" },
    { "open `/run/netns/nonexist`: No such file or directory", RUNTIME,
      "rt: open `/run/netns/nonexist`: No such file or directory" },
    { RUNC_CREATE "error during container init: error mounting \"/nonexist\" to rootfs at \"/x\": "
                  "stat /nonexist: no such file or directory",
      RUNTIME,
      "rt: error mounting \"/nonexist\" to rootfs at \"/x\": stat /nonexist: no such file or "
      "directory" },
    { "chdir to `/etc/passwd`: Not a directory", RUNTIME,
      "rt: chdir to `/etc/passwd`: Not a directory" },
    /* Logs */
    { "{\"level\":\"warning\",\"msg\":\"deprecated\"}\n"
      "{\"level\":\"error\",\"msg\":\"Failed to remove cgroup\"}\n"
      "{\"level\":\"error\",\"msg\":\"container does not exist\",\"time\":\"2026\"}\n",
      RUNTIME, "rt: container does not exist" },
    { "{\n  \"msg\": \"container `zz` does not exist: open `\\/x\\/status`: No such file\",\n"
      "  \"level\": \"error\",\n  \"time\": \"2026\"\n}\n",
      RUNTIME, "rt: container `zz` does not exist: open `/x/status`: No such file" },
    { "unknown command checkpoint\n", RUNTIME, "rt: unknown command checkpoint" },
    { "some noise\n{\"level\":\"error\",\"msg\":\"the reason\"}\nmore noise\n", RUNTIME,
      "rt: the reason" },
    { "{\"level\":\"error\",\"msg\":\"criu failed: type NOTIFY errno 0\\nlog file: /x/dump.log\"}",
      RUNTIME, "rt: criu failed: type NOTIFY errno 0" },
    { "{\"level\":\"warning\",\"msg\":\"only that\"}\n", RUNTIME, "rt failed and did not say why" },
    { "{\"level\":\"error\",\"msg\":17}{\"level\":\"error\"}[]", RUNTIME, "rt: []" },
    { "{\"level\":\"error\",\"msg\":\"cut o", RUNTIME, "rt: {\"level\":\"error\",\"msg\":\"cut o" },
    { "a\x01"
      "b\xff",
      RUNTIME, "rt: a b\xef\xbf\xbd" },
    { "", RUNTIME, "rt failed and did not say why" },
    { " \n\n", RUNTIME, "rt failed and did not say why" },
};

static void test_what_runtimes_say_is_understood(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_false(runtime_error(&error, "rt", CASES[i].said));
        g_assert_cmpstr(error->message, ==, CASES[i].message);
        g_assert_cmpint(error->code, ==, CASES[i].code);
    }
}

static void test_a_refused_limit_is_told_by_its_name(void)
{
    static const char *const said[] = {
        RUNC_CREATE "error during container init: error setting rlimits for ready process: error "
                    "setting rlimit type 7: operation not permitted",
        "setrlimit `RLIMIT_NOFILE`: Operation not permitted",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(said); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_false(runtime_error(&error, "rt", said[i]));
        g_assert_true(g_str_has_prefix(error->message, "the kernel refuses the limit 'nofile'"));
        g_assert_cmpint(error->code, ==, RUNTIME);
    }
}

static void test_a_flood_is_cut(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *flood = g_strnfill(1000 * 1000, '{');
    g_autofree char *lines = g_strnfill(1000 * 1000, '\n');

    g_assert_false(runtime_error(&error, "rt", flood));
    g_assert_cmpuint(strlen(error->message), <, 2100);
    g_clear_error(&error);
    g_assert_false(runtime_error(&error, "rt", lines));
    g_assert_cmpstr(error->message, ==, "rt failed and did not say why");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/oci/runtime-error/what-runtimes-say-is-understood",
                    test_what_runtimes_say_is_understood);
    g_test_add_func("/oci/runtime-error/a-refused-limit-is-told-by-its-name",
                    test_a_refused_limit_is_told_by_its_name);
    g_test_add_func("/oci/runtime-error/a-flood-is-cut", test_a_flood_is_cut);
    return g_test_run();
}
