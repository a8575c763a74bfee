/* SPDX-License-Identifier: Apache-2.0 */
#include "network/netns-lock.h"

#include "base/spawn.h"

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

static bool run_nft(int netns_fd, const char *rules, GError **error)
{
    g_autofree char *program = program_find("nft", NFT_PATHS);
    const char *argv[] = { program, "-f", "-", NULL };
    SpawnOptions options = SPAWN_OPTIONS_INIT;
    g_auto(SpawnResult) result = { 0 };
    g_autofree char *status = NULL;

    if (program == NULL)
        return err_set(error, FLOE_ERROR_MISSING_PART,
                       "nft, which holds up a pod's traffic meanwhile, is not installed (package "
                       "nftables)");
    options.argv = argv;
    options.netns_fd = netns_fd;
    if (!spawn_run(&options, rules, strlen(rules), part_timeout_ms(NFT_TIMEOUT_MS), &result, error))
        return false;
    if (result.status == 0)
        return true;
    status = child_status_text(result.status);
    return err_set(error, FLOE_ERROR_NETWORK, "nft: %s: %s", status, g_strstrip(result.err));
}

bool netns_lock(const char *path, GError **error)
{
    autofd int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return err_set_errno(error, "open '%s'", path);
    return run_nft(fd, lock_rules, error) || err_prefix(error, "lock network namespace '%s'", path);
}

bool netns_unlock(const char *path, GError **error)
{
    autofd int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return errno == ENOENT || err_set_errno(error, "open '%s'", path);
    return run_nft(fd, unlock_rules, error) ||
           err_prefix(error, "unlock network namespace '%s'", path);
}
