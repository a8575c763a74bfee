/* SPDX-License-Identifier: Apache-2.0 */
#include "network/netavark-tool.h"

#include "base/json.h"
#include "base/program.h"
#include "base/spawn-run.h"
#include "network/netavark.h"

#include <string.h>
#include <sys/wait.h>

#define TIMEOUT_MS (30 * 1000)

/* What it said, in one line: {"error": "..."} on standard output, else what is on standard error. */
static char *words_of(const SpawnResult *result)
{
    g_autoptr(JsonValue) answer = NULL;
    const char *words = NULL;
    char *line = NULL;

    if (json_parse(result->out, result->out_length, "answer", &answer, NULL))
        words = json_string_value(json_object_get(answer, "error"));
    line = g_strdup(words ? words : result->err);
    return g_strstrip(g_strdelimit(line, "\n\r\t", ' '));
}

/* argv[0] is found here. */
static bool run(const char **argv, SpawnResult *ret_result, GError **error)
{
    SpawnOptions options = SPAWN_OPTIONS_INIT;
    g_autofree char *program = NULL;

    if (!netavark_find(&program, error))
        return false;
    argv[0] = program;
    options.argv = argv;
    if (!spawn_run(&options, NULL, 0, part_timeout_ms(TIMEOUT_MS), ret_result, error))
        return false;
    if (WIFEXITED(ret_result->status) && WEXITSTATUS(ret_result->status) == 0)
        return true;

    g_autofree char *status = child_status_text(ret_result->status);
    g_autofree char *words = words_of(ret_result);

    return err_set(error, FLOE_ERROR_NETWORK, "%s: %s", status, words);
}

bool netavark_version(char **ret_version, GError **error)
{
    const char *argv[] = { NULL, "--version", NULL };
    g_auto(SpawnResult) result = { 0 };

    if (!run(argv, &result, error))
        return err_prefix(error, "netavark --version");

    /* "netavark 1.4.0" */
    const char *blank = strchr(result.out, ' ');

    if (!blank)
        return err_set(error, FLOE_ERROR_NETWORK, "netavark --version: '%s' has no version",
                       result.out);
    *ret_version = g_strstrip(g_strdup(blank));
    return true;
}

bool netavark_firewall(char **ret_driver, GError **error)
{
    const char *argv[] = { NULL, "version", NULL };
    const char *driver;
    g_auto(SpawnResult) result = { 0 };
    g_autoptr(JsonValue) answer = NULL;

    if (!run(argv, &result, error) ||
        !json_parse(result.out, result.out_length, "answer", &answer, error))
        return err_prefix(error, "netavark version");
    driver = json_string_value(json_object_get(answer, "default_fw_driver"));
    /* Older ones, as 1.4, have this one and do not say so. */
    *ret_driver = g_strdup(driver != NULL ? driver : "iptables");
    return true;
}

bool netavark_update(const char *config_dir, const char *bridge, const char *const *dns_servers,
                     GError **error)
{
    g_autofree char *list = g_strjoinv(",", dns_servers ? (char **)dns_servers : (char *[]){ NULL });
    g_autofree char *servers = g_strconcat("--network-dns-servers=", list, NULL);
    g_autofree char *aardvark = NULL;
    g_autofree char *binary = NULL;
    g_auto(SpawnResult) result = { 0 };

    if (!aardvark_find(&aardvark, error))
        return false;
    binary = g_strconcat("--aardvark-binary=", aardvark, NULL);

    const char *argv[] = { NULL,    "--config", config_dir, "--rootless=false", binary, "update",
                           servers, bridge,     NULL };

    return run(argv, &result, error) || err_prefix(error, "netavark update");
}

char *aardvark_file(const char *config_dir, const char *bridge)
{
    return g_build_filename(config_dir, "aardvark-dns", bridge, NULL);
}
