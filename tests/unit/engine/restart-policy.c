/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/restart-policy.h"

#include "base/error.h"

#include <string.h>

#define SECOND G_GINT64_CONSTANT(1000000000)

static void parses(const char *text, const char *wanted_name, int wanted_retries)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *name = NULL;
    int retries = -1;

    restart_policy_parse(text, &name, &retries, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(name, ==, wanted_name);
    g_assert_cmpint(retries, ==, wanted_retries);
}

static void refuses(const char *text, const char *why)
{
    g_autoptr(GError) error = NULL;
    char *name = NULL;
    int retries = 0;

    g_assert_false(restart_policy_parse(text, &name, &retries, &error));
    g_assert_true(err_is(error, FLOE_ERROR_INVALID));
    g_assert_nonnull(strstr(error->message, why));
    g_assert_null(name);
}

static void test_names_are_read(void)
{
    parses(NULL, "no", 0);
    parses("", "no", 0);
    parses("no", "no", 0);
    parses("always", "always", 0);
    parses("unless-stopped", "unless-stopped", 0);
    parses("on-failure", "on-failure", 0);
    parses("on-failure:0", "on-failure", 0);
    parses("on-failure:4", "on-failure", 4);
}

static void test_what_is_none_is_refused(void)
{
    refuses("sometimes", "\"sometimes\" is not a valid restart policy");
    refuses("Always", "\"Always\"");
    refuses(":3", "\":3\"");
    refuses("always:3", "only be specified with on-failure");
    refuses("no:0", "only be specified with on-failure");
    refuses("on-failure:", "not a number");
    refuses("on-failure:-1", "not a number");
    refuses("on-failure:3x", "not a number");
    refuses("on-failure:99999999999", "not a number");
}

static bool wants(const char *policy, int retries, ContainerStatus status)
{
    ContainerConfig config = { .restart_policy = (char *)policy, .restart_retries = retries };

    return restart_policy_wants(&config, &status);
}

static void test_who_runs_again(void)
{
    ContainerStatus good = { .exit_code = 0 };
    ContainerStatus bad = { .exit_code = 3 };
    ContainerStatus unknown = { .exit_code = -1 };
    ContainerStatus tried = { .exit_code = 3, .restart_count = 2 };
    ContainerStatus stopped = { .exit_code = 143, .stopped_by_user = true };

    g_assert_false(wants(NULL, 0, bad));
    g_assert_false(wants("no", 0, bad));
    g_assert_true(wants("always", 0, good));
    g_assert_true(wants("unless-stopped", 0, good));
    g_assert_false(wants("on-failure", 0, good));
    g_assert_true(wants("on-failure", 0, bad));
    g_assert_true(wants("on-failure", 0, unknown));
    g_assert_true(wants("on-failure", 0, tried));
    g_assert_true(wants("on-failure", 3, tried));
    g_assert_false(wants("on-failure", 2, tried));
    g_assert_false(wants("always", 0, stopped));
    g_assert_false(wants("unless-stopped", 0, stopped));
    g_assert_false(wants("on-failure", 0, stopped));
}

/* A run of so many seconds: how long after its end the next one begins, in ms. */
static int pause_after(ContainerStatus *status, int ran_s)
{
    status->started_unix_ns = 1000 * SECOND;
    status->finished_unix_ns = status->started_unix_ns + ran_s * SECOND;
    restart_policy_schedule(status);
    return (int)((status->restart_due_unix_ns - status->finished_unix_ns) / (SECOND / 1000));
}

static void test_the_pause_grows_with_quick_ends(void)
{
    static const int wanted[] = { 100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 51200 };
    ContainerStatus status = { 0 };

    for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++)
        g_assert_cmpint(pause_after(&status, 0), ==, wanted[i]);
    for (int i = 0; i < 100; i++)
        g_assert_cmpint(pause_after(&status, 9), ==, 60000);
    g_assert_cmpint(pause_after(&status, 10), ==, 100);
    g_assert_cmpint(pause_after(&status, 0), ==, 200);
}

static bool boots(const char *policy, bool stopped_by_user, bool checkpointed)
{
    ContainerConfig config = { .restart_policy = (char *)policy };
    ContainerStatus status = { .stopped_by_user = stopped_by_user, .checkpointed = checkpointed };

    return restart_policy_starts_on_boot(&config, &status);
}

static void test_who_starts_with_the_host(void)
{
    g_assert_true(boots("always", false, false));
    g_assert_true(boots("always", true, false));
    g_assert_true(boots("unless-stopped", false, false));
    g_assert_false(boots("unless-stopped", true, false));
    g_assert_false(boots("on-failure", false, false));
    g_assert_false(boots("no", false, false));
    g_assert_false(boots(NULL, false, false));
    g_assert_false(boots("always", false, true));
}

#define CASE(name, function) g_test_add_func("/engine/restart-policy/" name, function)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    CASE("names-are-read", test_names_are_read);
    CASE("what-is-none-is-refused", test_what_is_none_is_refused);
    CASE("who-runs-again", test_who_runs_again);
    CASE("the-pause-grows-with-quick-ends", test_the_pause_grows_with_quick_ends);
    CASE("who-starts-with-the-host", test_who_starts_with_the_host);
    return g_test_run();
}
