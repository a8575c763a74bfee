/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capabilities as sets of bits in a 64-bit word: parsing of names, the set that can be had here,
 * and the sums and differences of --cap-add and --cap-drop. The numbers are the kernel's
 * (include/uapi/linux/capability.h).
 */
#include "oci/capabilities.h"

#include "base/text-order.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

/* By number, without "CAP_". */
static const char *const names[] = {
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_PACCT",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_NICE",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "MKNOD",
    "LEASE",
    "AUDIT_WRITE",
    "AUDIT_CONTROL",
    "SETFCAP",
    "MAC_OVERRIDE",
    "MAC_ADMIN",
    "SYSLOG",
    "WAKE_ALARM",
    "BLOCK_SUSPEND",
    "AUDIT_READ",
    "PERFMON",
    "BPF",
    "CHECKPOINT_RESTORE",
};

/* What podman and the others give a container that asks for nothing. */
static const char *const default_names[] = {
    "CHOWN",   "DAC_OVERRIDE", "FOWNER",  "FSETID", "KILL",       "NET_BIND_SERVICE",
    "SETFCAP", "SETGID",       "SETPCAP", "SETUID", "SYS_CHROOT",
};

typedef uint64_t CapSet;

#define BIT(number) (G_GUINT64_CONSTANT(1) << (number))

/* The number of a capability, or -1. */
static int number_of(const char *name)
{
    if (g_ascii_strncasecmp(name, "CAP_", strlen("CAP_")) == 0)
        name += strlen("CAP_");
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (g_ascii_strcasecmp(name, names[i]) == 0)
            return (int)i;
    }
    return -1;
}

static CapSet default_set(void)
{
    CapSet set = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(default_names); i++)
        set |= BIT(number_of(default_names[i]));
    return set;
}

/*
 * What this process may pass on, or all that the kernel has: it answers EINVAL for a number above its
 * cap_last_cap.
 */
static CapSet bounding_set(bool all_of_kernel)
{
    CapSet set = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= (all_of_kernel ? 0 : 1))
            set |= BIT(i);
    }
    return set;
}

/* The set that a list of names stands for; `*ret_all` tells that "ALL" is among them. */
static bool parse_set(const char *const *list, CapSet *ret_set, bool *ret_all, GError **error)
{
    CapSet set = 0;
    bool all = false;

    for (size_t i = 0; list != NULL && list[i] != NULL; i++) {
        if (g_ascii_strcasecmp(list[i], "ALL") == 0) {
            all = true;
            continue;
        }

        int number = number_of(list[i]);

        if (number < 0)
            return err_set(error, FLOE_ERROR_INVALID, "unknown capability '%s'", list[i]);
        set |= BIT(number);
    }
    *ret_set = set;
    *ret_all = all;
    return true;
}

/* The names of a set in alphabetical order, as podman lists them. */
static char **set_to_strv(CapSet set)
{
    char **list = g_new0(char *, G_N_ELEMENTS(names) + 1);
    size_t n = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (set & BIT(i))
            list[n++] = g_strconcat("CAP_", names[i], NULL);
    }
    qsort(list, n, sizeof(*list), text_order);
    return list;
}

/* An error that names the first capability of a set that is not empty. */
static bool refuse(CapSet set, floe_error_code code, const char *why, GError **error)
{
    return err_set(error, code, "capability CAP_%s %s", names[__builtin_ctzll(set)], why);
}

bool capabilities_resolve(const char *const *add, const char *const *drop, bool privileged,
                          char ***ret_capabilities, char ***ret_added, GError **error)
{
    CapSet added = 0, dropped = 0;
    bool add_all = false, drop_all = false;

    if (!parse_set(add, &added, &add_all, error) || !parse_set(drop, &dropped, &drop_all, error))
        return false;
    if (add_all && drop_all)
        return err_set(error, FLOE_ERROR_INVALID, "all capabilities are both added and dropped");
    if (added & dropped)
        return refuse(added & dropped, FLOE_ERROR_INVALID, "is both added and dropped", error);

    const CapSet available = bounding_set(false);

    if (added & ~available)
        return refuse(added & ~available, FLOE_ERROR_UNSUPPORTED,
                      "cannot be given: the kernel or floe itself does not have it", error);
    if (add_all)
        added = available;

    const CapSet base = drop_all ? 0 : privileged ? available : default_set() & available;

    *ret_capabilities = set_to_strv((base | added) & ~dropped);
    if (ret_added != NULL)
        *ret_added = set_to_strv(added & ~dropped);
    return true;
}

char *capabilities_text(uint64_t set)
{
    g_autofree const char **list = g_new0(const char *, G_N_ELEMENTS(names) + 1);
    size_t n = 0;

    if (set == 0 || set == bounding_set(true))
        return g_strdup(set == 0 ? "none" : "full");
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (set & BIT(i))
            list[n++] = names[i];
    }
    qsort(list, n, sizeof(*list), text_order);
    return g_strjoinv(",", (char **)list);
}

char *capabilities_beyond(uint64_t set, const char *const *capabilities)
{
    uint64_t known = BIT(G_N_ELEMENTS(names)) - 1;

    for (; capabilities != NULL && *capabilities != NULL; capabilities++) {
        int number = number_of(*capabilities);

        if (number >= 0)
            set &= ~BIT(number);
    }
    return (set & known) != 0 ? capabilities_text(set & known) : NULL;
}
