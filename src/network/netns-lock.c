/* SPDX-License-Identifier: Apache-2.0 */
#include "network/netns-lock.h"

#include "base/program.h"
#include "base/spawn-run.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define NFT_PATHS      "/usr/sbin:/sbin:/usr/bin:/bin:/usr/local/sbin"
#define NFT_TIMEOUT_MS 20000

/*
 * 0xC114 is CRIU's SOCCR_MARK (soccr/soccr.h). The table is made anew in one transaction, whatever is
 * there.
 */
#define TABLE "inet floe-lock"
static const char lock_rules[] =
    "add table " TABLE "\n"
    "delete table " TABLE "\n"
    "table " TABLE " {\n"
    "    chain input { type filter hook input priority -400; policy drop; meta mark 0xc114 accept; }\n"
    "    chain output { type filter hook output priority -400; policy drop; meta mark 0xc114 accept; }\n"
    "}\n";
static const char unlock_rules[] = "add table " TABLE "\n"
                                   "delete table " TABLE "\n";

/* ret_output: what it says; NULL: of no interest. */
static bool run_nft(int netns_fd, const char *rules, char **ret_output, GError **error)
{
    g_autofree char *program = program_find("nft", NFT_PATHS);
    const char *argv[] = { program, "-f", "-", NULL };
    SpawnOptions options = SPAWN_OPTIONS_INIT;
    g_auto(SpawnResult) result = { 0 };
    g_autofree char *status = NULL;

    if (program == NULL)
        return err_set(error, FLOE_ERROR_MISSING_PART,
                       "nft, which holds up a container's traffic meanwhile, is not installed (package "
                       "nftables)");
    options.argv = argv;
    options.netns_fd = netns_fd;
    if (!spawn_run(&options, rules, strlen(rules), part_timeout_ms(NFT_TIMEOUT_MS), &result, error))
        return false;
    if (result.status == 0) {
        if (ret_output != NULL)
            *ret_output = g_steal_pointer(&result.out);
        return true;
    }
    status = child_status_text(result.status);
    return err_set(error, FLOE_ERROR_NETWORK, "nft: %s: %s", status, g_strstrip(result.err));
}

bool netns_lock(const char *path, GError **error)
{
    autofd int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return err_set_errno(error, "open '%s'", path);
    return run_nft(fd, lock_rules, NULL, error) ||
           err_prefix(error, "lock network namespace '%s'", path);
}

bool netns_unlock(const char *path, GError **error)
{
    autofd int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return errno == ENOENT || err_set_errno(error, "open '%s'", path);
    return run_nft(fd, unlock_rules, NULL, error) ||
           err_prefix(error, "unlock network namespace '%s'", path);
}

/*
 * Lines of "table inet CRIU-9d45d9f1-00e7-49a2-9e"; CRIU 3 has "CRIU" alone (criu/netfilter.c,
 * nftables_get_table()).
 */
static char *removal_of_criu_tables(const char *tables)
{
    g_auto(GStrv) lines = g_strsplit(tables, "\n", -1);
    GString *rules = g_string_new(NULL);

    for (char **line = lines; *line != NULL; line++) {
        if (g_str_equal(*line, "table inet CRIU") || g_str_has_prefix(*line, "table inet CRIU-"))
            g_string_append_printf(rules, "delete %s\n", *line);
    }
    return g_string_free(rules, FALSE);
}

bool netns_remove_criu_lock(const char *path, GError **error)
{
    autofd int fd = open(path, O_RDONLY | O_CLOEXEC);
    g_autofree char *tables = NULL;
    g_autofree char *rules = NULL;

    if (fd < 0)
        return err_set_errno(error, "open '%s'", path);
    if (run_nft(fd, "list tables inet\n", &tables, error)) {
        rules = removal_of_criu_tables(tables);
        if (*rules == '\0' || run_nft(fd, rules, NULL, error))
            return true;
    }
    return err_prefix(error, "remove CRIU's lock of network namespace '%s'", path);
}
