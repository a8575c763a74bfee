/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/host-facts.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/spawn-run.h"
#include "oci/cgroup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#define SMALL_FILE         ((size_t)64 * 1024)
#define VERSION_TIMEOUT_MS 5000

/* A file of the kernel's; NULL where there is none. */
static char *read_text(const char *path)
{
    char *text = NULL;

    return file_read(path, SMALL_FILE, &text, NULL, NULL) ? g_strstrip(text) : NULL;
}

/* --- the host --------------------------------------------------------------------------------- */

char *host_architecture(void)
{
    static const char *const names[][2] = {
        { "x86_64", "amd64" }, { "aarch64", "arm64" },       { "i686", "386" },
        { "armv7l", "arm" },   { "loongarch64", "loong64" },
    };
    struct utsname host;

    if (uname(&host) < 0)
        return g_strdup("");
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (g_str_equal(host.machine, names[i][0]))
            return g_strdup(names[i][1]);
    }
    return g_strdup(host.machine);
}

char *host_kernel(void)
{
    struct utsname host;

    return g_strdup(uname(&host) == 0 ? host.release : "");
}

/* A line "flags : fpu vme ..." for each processor; on arm64 it is "Features". */
char **host_cpu_flags(void)
{
    FILE *file = fopen("/proc/cpuinfo", "re");
    g_autofree char *flags = NULL;
    char *line = NULL;
    size_t size = 0;

    while (file != NULL && flags == NULL && getline(&line, &size, file) > 0) {
        const char *colon = strchr(line, ':');

        if (colon != NULL && (g_str_has_prefix(line, "flags") || g_str_has_prefix(line, "Features")))
            flags = g_strdup(colon + 1);
    }
    free(line);
    if (file != NULL)
        fclose(file);
    return g_strsplit(flags != NULL ? g_strstrip(flags) : "", " ", -1);
}

/* /proc/cgroups: name, hierarchy (0: not on a v1 one), number of groups, enabled. */
static char **v1_controllers(void)
{
    g_autofree char *text = read_text("/proc/cgroups");
    g_auto(GStrv) lines = g_strsplit(text != NULL ? text : "", "\n", -1);
    g_autoptr(GStrvBuilder) controllers = g_strv_builder_new();

    for (char **line = lines; *line != NULL; line++) {
        char name[64];
        int hierarchy = 0;

        if (sscanf(*line, "%63s %d", name, &hierarchy) == 2 && hierarchy > 0)
            g_strv_builder_add(controllers, name);
    }
    return g_strv_builder_end(controllers);
}

char **host_cgroup_controllers(void)
{
    g_autofree char *text = NULL;

    if (cgroup_mode() == CGROUP_V1)
        return v1_controllers();
    text = read_text(CGROUP_ROOT "/cgroup.controllers");
    return text != NULL && text[0] != '\0' ? g_strsplit(text, " ", -1) : g_new0(char *, 1);
}

bool host_has_apparmor(void)
{
    g_autofree char *enabled = read_text("/sys/module/apparmor/parameters/enabled");

    return g_strcmp0(enabled, "Y") == 0;
}

bool host_has_selinux(void)
{
    g_autofree char *enforcing = read_text("/sys/fs/selinux/enforce");

    return g_strcmp0(enforcing, "1") == 0;
}

const char *host_seccomp_profile(void)
{
    static const char *const paths[] = { "/etc/containers/seccomp.json",
                                         "/usr/share/containers/seccomp.json" };

    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        if (path_exists(paths[i]))
            return paths[i];
    }
    return NULL;
}

uint64_t process_capabilities(void)
{
    g_autofree char *status = read_text("/proc/self/status");
    const char *line = status != NULL ? strstr(status, "\nCapEff:") : NULL;

    return line != NULL ? g_ascii_strtoull(line + strlen("\nCapEff:"), NULL, 16) : 0;
}

/* --- programs --------------------------------------------------------------------------------- */

char *program_version(const char *path)
{
    const char *argv[] = { path, "--version", NULL };
    SpawnOptions options = SPAWN_OPTIONS_INIT;
    g_auto(SpawnResult) result = { 0 };

    options.argv = argv;
    if (!spawn_run(&options, NULL, 0, VERSION_TIMEOUT_MS, &result, NULL) ||
        !WIFEXITED(result.status) || WEXITSTATUS(result.status) != 0 ||
        !g_utf8_validate(result.out, -1, NULL))
        return NULL;
    return g_strdup(g_strstrip(result.out));
}

int version_number(const char *text)
{
    unsigned int major = 0, minor = 0, sub = 0;

    for (const char *at = strpbrk(text, "0123456789"); at != NULL;
         at = strpbrk(at + strspn(at, "0123456789"), "0123456789")) {
        if (sscanf(at, "%3u.%2u.%2u", &major, &minor, &sub) >= 2)
            return (int)(major * 10000 + minor * 100 + sub);
    }
    return 0;
}
