/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The programs that floe is made of. Each is run: a file that is there and does not work is the
 * harder fault to find.
 */
#include "engine/doctor.h"

#include "base/program.h"
#include "base/spawn-run.h"
#include "engine/host-facts.h"
#include "engine/network.h"
#include "network/netavark.h"
#include "oci/conmon.h"
#include "oci/criu.h"
#include "oci/runtime-probe.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRY_TIMEOUT_MS     30000 /* CRIU tries all that the kernel has; on a busy host, seconds */
#define OLDEST_CONMON      20100 /* what floe's options were tried with */
#define NETAVARK_NFTABLES  11000 /* from here on it can do without iptables */
#define NEW_SOCKETS_KERNEL 61600 /* CRIU before 4.2 cannot dump its sockets */
#define NEW_SOCKETS_CRIU   40200

/* Up to the first newline. */
static char *first_line(const char *text)
{
    return g_strndup(text, strcspn(text, "\n"));
}

/* --- the OCI runtime -------------------------------------------------------------------------- */

static bool choose_runtime(Doctor *doctor, GError **error)
{
    g_autofree char *state = g_build_filename(doctor->scratch != NULL ? doctor->scratch
                                                                      : doctor->runroot,
                                              "runtime", NULL);

    /* Without a wish runtime_choose() tries them itself. */
    if (!runtime_choose(doctor->wanted_runtime, state, doctor->use_systemd, &doctor->runtime, error))
        return false;
    if (doctor->wanted_runtime == NULL || runtime_probe_create(&doctor->runtime, error))
        return true;
    runtime_clear(&doctor->runtime);
    return false;
}

void doctor_check_runtime(Doctor *doctor)
{
    g_autoptr(GError) err = NULL;
    g_autofree char *version = NULL;
    const char *name;

    if (doctor->scratch == NULL) {
        doctor_tell(doctor, "OCI runtime", CHECK_FAILED, "see above",
                    "could not be tried without a writable root directory");
        return;
    }
    if (!choose_runtime(doctor, &err)) {
        doctor_tell(doctor, "OCI runtime", CHECK_FAILED, "make deps, or: apt install crun runc",
                    "%s", err->message);
        return;
    }
    name = doctor->runtime.path;
    if (!runtime_version(&doctor->runtime, &version, NULL))
        version = g_strdup("unknown version");
    doctor_tell(doctor, "OCI runtime", CHECK_OK, NULL, "%s (%s) makes containers here", name,
                version);
    if (runtime_probe_checkpoint(&doctor->runtime))
        doctor_tell(doctor, "checkpoints by the runtime", CHECK_OK, NULL, "%s has them", name);
    else
        doctor_tell(doctor, "checkpoints by the runtime", CHECK_FAILED,
                    "make deps installs a runtime that has them; or: apt install runc",
                    "%s was built without checkpoint and restore", name);
}

/* --- conmon ----------------------------------------------------------------------------------- */

void doctor_check_conmon(Doctor *doctor)
{
    g_autofree char *path = NULL;
    g_autofree char *version = NULL;
    g_autofree char *line = NULL;

    if (!conmon_find(&path, NULL)) {
        doctor_tell(doctor, "conmon", CHECK_FAILED, "make deps, or: apt install conmon",
                    "not installed");
        return;
    }
    version = program_version(path);
    line = first_line(version != NULL ? version : "does not run");
    if (version == NULL || version_number(version) < OLDEST_CONMON)
        doctor_tell(doctor, "conmon", version == NULL ? CHECK_FAILED : CHECK_WARNING,
                    "install conmon 2.1 or newer: apt install conmon", "%s: %s", path, line);
    else
        doctor_tell(doctor, "conmon", CHECK_OK, NULL, "%s (%s)", path, line);
}

/* --- CRIU ------------------------------------------------------------------------------------- */

/* The first line of CRIU's that tells of an error, or else the first one. */
static char *criu_words(const SpawnResult *result)
{
    g_autofree char *both = g_strconcat(result->err, "\n", result->out, NULL);
    const char *text = strstr(both, "Error (");
    const char *colon = text != NULL ? strstr(text, "): ") : NULL;
    char *valid;

    if (colon != NULL)
        text = colon + strlen("): ");
    else
        text = g_strstrip(both);
    valid = g_utf8_make_valid(text, -1);
    valid[strcspn(valid, "\n")] = '\0';
    return valid;
}

/* `criu check`, of one feature or (NULL) of the whole. *ret_words: what it said. */
static bool criu_check(const Doctor *doctor, const char *path, const char *feature, char **ret_words)
{
    const char *argv[] = { path, "check", feature != NULL ? "--feature" : NULL, feature, NULL };
    g_auto(GStrv) env = runtime_environment(&doctor->runtime, NULL);
    SpawnOptions options = SPAWN_OPTIONS_INIT;
    g_auto(SpawnResult) result = { 0 };
    g_autoptr(GError) err = NULL;

    options.argv = argv;
    options.env = (const char *const *)env;
    if (!spawn_run(&options, NULL, 0, TRY_TIMEOUT_MS, &result, &err)) {
        *ret_words = g_strdup(err->message);
        return false;
    }
    *ret_words = criu_words(&result);
    return WIFEXITED(result.status) && WEXITSTATUS(result.status) == 0;
}

static void check_criu_feature(Doctor *doctor, const char *path, const char *feature,
                               const char *name, CheckStatus without, const char *advice)
{
    g_autofree char *words = NULL;

    if (criu_check(doctor, path, feature, &words))
        doctor_tell(doctor, name, CHECK_OK, NULL, "works here");
    else
        doctor_tell(doctor, name, without, advice, "%s", words);
}

/* CRIU's own check passes before 4.2 on kernels whose sockets it cannot dump. */
static void check_criu_sockets(Doctor *doctor, int version)
{
    g_autofree char *kernel = host_kernel();

    if (version_number(kernel) >= NEW_SOCKETS_KERNEL && version < NEW_SOCKETS_CRIU)
        doctor_tell(doctor, "CRIU: TCP sockets", CHECK_FAILED,
                    "make deps installs a CRIU that works here",
                    "CRIU before 4.2 cannot dump the sockets of Linux %s", kernel);
    else
        doctor_tell(doctor, "CRIU: TCP sockets", CHECK_OK, NULL, "this version can on Linux %s",
                    kernel);
}

static void check_criu_features(Doctor *doctor, const char *path)
{
    g_autofree char *words = NULL;
    bool works;

    if (geteuid() != 0) {
        doctor_tell(doctor, "CRIU: this kernel", CHECK_FAILED, "see above",
                    "could not be tried without being root");
        return;
    }
    works = criu_check(doctor, path, NULL, &words);
    doctor_tell(doctor, "CRIU: this kernel", works ? CHECK_OK : CHECK_FAILED,
                works ? NULL : "make deps installs a CRIU that works here", "criu check: %s", words);
    check_criu_feature(doctor, path, "network_lock_nftables", "CRIU: network lock", CHECK_FAILED,
                       "modprobe nf_tables, or install a CRIU built with libnftables: make deps");
    check_criu_feature(doctor, path, "mem_dirty_track", "CRIU: memory tracking", CHECK_WARNING,
                       "use a kernel with CONFIG_MEM_SOFT_DIRTY: without it a checkpoint always "
                       "has all memory (no pre-copy)");
    check_criu_feature(doctor, path, "uffd-noncoop", "CRIU: lazy pages", CHECK_WARNING,
                       "use a kernel with CONFIG_USERFAULTFD: without it memory cannot be fetched "
                       "after a restore (no post-copy)");
}

void doctor_check_criu(Doctor *doctor)
{
    g_autoptr(GError) err = NULL;
    g_autofree char *path = NULL;
    int version = 0;

    /* Where no runtime works there is still the CRIU that one would find. */
    if (doctor->runtime.path == NULL)
        runtime_from_path("runc", doctor->runroot, false, &doctor->runtime);
    if (!criu_find(&doctor->runtime, &path, &version, &err)) {
        doctor_tell(doctor, "CRIU", CHECK_FAILED, "make deps, or: apt install criu", "%s",
                    err->message);
        return;
    }
    doctor_tell(doctor, "CRIU", CHECK_OK, NULL, "%s (version %d.%d.%d)", path, version / 10000,
                version / 100 % 100, version % 100);
    check_criu_features(doctor, path);
    check_criu_sockets(doctor, version);
}

/* --- network ---------------------------------------------------------------------------------- */

/* Run a firewall program in a network namespace that is thrown away. */
static bool firewall_works(const Doctor *doctor, const char *const *argv, char **ret_words)
{
    g_autofree char *path = program_find(argv[0], PROGRAM_SYSTEM_PATH);
    SpawnOptions options = SPAWN_OPTIONS_INIT;
    g_auto(SpawnResult) result = { 0 };
    g_autoptr(GError) err = NULL;

    if (path == NULL) {
        *ret_words = g_strdup_printf("%s is not installed", argv[0]);
        return false;
    }
    options.argv = argv;
    options.netns_fd = doctor->netns_fd;
    if (!spawn_run(&options, NULL, 0, TRY_TIMEOUT_MS, &result, &err)) {
        *ret_words = g_strdup(err->message);
        return false;
    }
    if (WIFEXITED(result.status) && WEXITSTATUS(result.status) == 0)
        return true;
    *ret_words = first_line(g_strstrip(result.err));
    return false;
}

/* With the one that netavark will use. */
static void check_firewall(Doctor *doctor, int netavark, const char *driver)
{
    static const char *const iptables[] = { "iptables", "-w", "-t", "nat", "-S", NULL };
    static const char *const nft[] = { "nft", "add", "table", "inet", "floe-doctor", NULL };
    g_autofree char *iptables_words = NULL;
    g_autofree char *nft_words = NULL;
    bool has_iptables, has_nft, uses_nft;

    if (doctor->netns_fd < 0) {
        doctor_tell(doctor, "firewall", CHECK_FAILED, "see above",
                    "could not be tried without a network namespace");
        return;
    }
    has_iptables = firewall_works(doctor, iptables, &iptables_words);
    has_nft = firewall_works(doctor, nft, &nft_words);
    uses_nft = g_str_equal(driver, "nftables");
    if (uses_nft ? has_nft : has_iptables)
        doctor_tell(doctor, "firewall", CHECK_OK, NULL, "netavark uses %s, which works", driver);
    else if (uses_nft ? has_iptables : has_nft && netavark >= NETAVARK_NFTABLES)
        doctor_tell(doctor, "firewall", CHECK_FAILED,
                    uses_nft
                        ? "apt install nftables, or firewall_driver = iptables in floe.conf(5)"
                        : "firewall_driver = nftables in floe.conf(5), or: apt install iptables",
                    "netavark uses %s, which does not work: %s", driver,
                    uses_nft ? nft_words : iptables_words);
    else
        doctor_tell(doctor, "firewall", CHECK_FAILED,
                    "make deps, or: apt install iptables (and modprobe iptable_nat)",
                    "iptables: %s", iptables_words);
}

void doctor_check_network(Doctor *doctor)
{
    g_autofree char *netavark = NULL;
    g_autofree char *aardvark = NULL;
    g_autofree char *version = NULL;
    g_autofree char *dns_version = NULL;
    g_autofree char *driver = NULL;
    g_autoptr(GError) err = NULL;

    if (netavark_find(&netavark, NULL))
        version = program_version(netavark);
    if (version == NULL)
        doctor_tell(doctor, "netavark", CHECK_FAILED, "make deps, or: apt install netavark", "%s",
                    netavark != NULL ? "does not run" : "not installed");
    else
        doctor_tell(doctor, "netavark", CHECK_OK, NULL, "%s (%s)", netavark, version);

    if (aardvark_find(&aardvark, NULL))
        dns_version = program_version(aardvark);
    if (dns_version == NULL)
        doctor_tell(doctor, "aardvark-dns", CHECK_WARNING,
                    "apt install aardvark-dns: without it containers do not find each other by "
                    "name",
                    "%s", aardvark != NULL ? "does not run" : "not installed");
    else
        doctor_tell(doctor, "aardvark-dns", CHECK_OK, NULL, "%s (%s)", aardvark, dns_version);
    if (network_firewall(&driver, &err))
        check_firewall(doctor, version != NULL ? version_number(version) : 0, driver);
    else if (version != NULL)
        doctor_tell(doctor, "firewall", CHECK_FAILED, "see floe.conf(5)", "%s", err->message);
}

/* --- what some options need ------------------------------------------------------------------- */

static void check_helper(Doctor *doctor, const char *name, const char *path, const char *advice)
{
    g_autofree char *version = path != NULL ? program_version(path) : NULL;
    g_autofree char *line = first_line(version != NULL ? version : "");

    if (version == NULL)
        doctor_tell(doctor, name, CHECK_WARNING, advice, "%s",
                    path != NULL ? "does not run" : "not installed");
    else
        doctor_tell(doctor, name, CHECK_OK, NULL, "%s (%s)", path, line);
}

void doctor_check_helpers(Doctor *doctor)
{
    g_autofree char *skopeo = program_find("skopeo", PROGRAM_SYSTEM_PATH);
    g_autofree char *catatonit = program_find(
        "catatonit", "/usr/libexec/podman:/usr/lib/podman:/usr/libexec/catatonit:"
                     "/usr/local/libexec/podman:" PROGRAM_SYSTEM_PATH);

    check_helper(doctor, "skopeo", skopeo,
                 "apt install skopeo: without it images cannot be copied from and to registries");
    check_helper(doctor, "catatonit", catatonit,
                 "apt install catatonit: without it --init does not work");
}
