/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/doctor.h"

#include "base/path.h"
#include "engine/host-facts.h"
#include "oci/cgroup-hierarchy.h"
#include "oci/cgroup.h"
#include "oci/systemd.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#define MIB             ((uint64_t)1024 * 1024)
#define ROOT_LOW        (1024 * MIB)
#define ROOT_TOO_LOW    (64 * MIB)
#define RUNROOT_LOW     (64 * MIB)
#define RUNROOT_TOO_LOW (4 * MIB)

static void append_word(GString *list, const char *word)
{
    g_string_append_printf(list, "%s%s", list->len > 0 ? ", " : "", word);
}

/* --- privileges ------------------------------------------------------------------------------- */

typedef struct Capability {
    int bit;
    const char *name;
} Capability;

static char *missing_capabilities(const Capability *wanted, size_t n)
{
    uint64_t has = process_capabilities();
    GString *missing = g_string_new(NULL);

    for (size_t i = 0; i < n; i++) {
        if ((has & (UINT64_C(1) << wanted[i].bit)) == 0)
            append_word(missing, wanted[i].name);
    }
    return g_string_free(missing, FALSE);
}

void doctor_check_privileges(Doctor *doctor)
{
    static const Capability needed[] = {
        { CAP_SYS_ADMIN, "SYS_ADMIN" },
        { CAP_NET_ADMIN, "NET_ADMIN" },
        { CAP_CHOWN, "CHOWN" },
        { CAP_DAC_OVERRIDE, "DAC_OVERRIDE" },
        { CAP_FOWNER, "FOWNER" },
        { CAP_MKNOD, "MKNOD" },
        { CAP_SETUID, "SETUID" },
        { CAP_SETGID, "SETGID" },
        { CAP_SETPCAP, "SETPCAP" },
        { CAP_SETFCAP, "SETFCAP" },
        { CAP_SYS_CHROOT, "SYS_CHROOT" },
        { CAP_SYS_PTRACE, "SYS_PTRACE" },
        { CAP_KILL, "KILL" },
    };
    static const Capability useful[] = {
        { CAP_SYS_RESOURCE, "SYS_RESOURCE" },
        { CAP_NET_RAW, "NET_RAW" },
    };
    g_autofree char *missing = missing_capabilities(needed, G_N_ELEMENTS(needed));
    g_autofree char *lost = missing_capabilities(useful, G_N_ELEMENTS(useful));

    if (geteuid() != 0)
        doctor_tell(doctor, "privileges", CHECK_FAILED, "run floe as root (sudo floe ...)",
                    "this is user %d", (int)geteuid());
    else if (missing[0] != '\0')
        doctor_tell(doctor, "privileges", CHECK_FAILED,
                    "give floe these capabilities, or run it outside of the sandbox that takes them",
                    "root without %s", missing);
    else if (lost[0] != '\0')
        doctor_tell(doctor, "privileges", CHECK_WARNING,
                    "without SYS_RESOURCE, limits (--ulimit) above floe's own cannot be given",
                    "root without %s", lost);
    else
        doctor_tell(doctor, "privileges", CHECK_OK, NULL, "root with all capabilities needed");
}

/* --- control groups --------------------------------------------------------------------------- */

static const char *cgroup_mode_text(void)
{
    if (cgroup_mode() == CGROUP_V2)
        return "v2";
    return path_exists(CGROUP_ROOT "/unified") ? "v1 with a v2 tree beside it" : "v1";
}

static char *missing_controllers(char **has, const char *const *wanted)
{
    GString *missing = g_string_new(NULL);

    for (size_t i = 0; wanted[i] != NULL; i++) {
        if (!g_strv_contains((const char *const *)has, wanted[i]))
            append_word(missing, wanted[i]);
    }
    return g_string_free(missing, FALSE);
}

void doctor_check_cgroups(Doctor *doctor)
{
    /* What no container can do without: v2 freezes and filters devices without controllers. */
    static const char *const needed_v1[] = { "freezer", "devices", "pids", NULL };
    static const char *const needed_v2[] = { "pids", NULL };
    static const char *const useful[] = { "memory", "cpu", NULL };
    g_autoptr(GPtrArray) hierarchies = NULL;
    g_autoptr(GError) err = NULL;
    g_auto(GStrv) controllers = host_cgroup_controllers();
    g_autofree char *missing = missing_controllers(controllers, cgroup_mode() == CGROUP_V2
                                                                    ? needed_v2
                                                                    : needed_v1);
    g_autofree char *lost = missing_controllers(controllers, useful);
    g_autofree char *all = g_strjoinv(" ", controllers);

    if (!cgroup_hierarchies_load(&hierarchies, &err))
        doctor_tell(doctor, "control groups", CHECK_FAILED,
                    "mount them: mount -t cgroup2 none /sys/fs/cgroup", "%s", err->message);
    else if (missing[0] != '\0')
        doctor_tell(doctor, "control groups", CHECK_FAILED,
                    "mount these hierarchies, or boot with cgroup v2", "%s, without %s",
                    cgroup_mode_text(), missing);
    else if (lost[0] != '\0')
        doctor_tell(doctor, "control groups", CHECK_WARNING,
                    "without them -m and --cpus do not work (memory: boot with "
                    "cgroup_enable=memory)",
                    "%s, without %s", cgroup_mode_text(), lost);
    else
        doctor_tell(doctor, "control groups", CHECK_OK, NULL, "%s%s: %s", cgroup_mode_text(),
                    doctor->use_systemd ? ", made by systemd" : "", all);
}

/* It is asked for the scopes of containers, and for the timers of their health checks. */
void doctor_check_systemd(Doctor *doctor)
{
    g_autoptr(GError) err = NULL;

    if (!systemd_is_booted())
        doctor_tell(doctor, "systemd", CHECK_OK, NULL,
                    "is not the first process: health checks are run by a process each");
    else if (systemd_answers(&err))
        doctor_tell(doctor, "systemd", CHECK_OK, NULL,
                    "answers: health checks are run by its timers");
    else
        doctor_tell(doctor, "systemd", doctor->use_systemd ? CHECK_FAILED : CHECK_WARNING,
                    "apt install libsystemd0", "%s", err->message);
}

/* --- directories ------------------------------------------------------------------------------ */

/* The nearest directory at or above a path that is there. */
static char *existing_directory(const char *path)
{
    char *at = g_strdup(path);

    while (!path_exists(at)) {
        char *parent = g_path_get_dirname(at);

        g_free(at);
        at = parent;
    }
    return at;
}

typedef struct SpaceNeed {
    const char *name;
    const char *option;
    uint64_t low, too_low;
} SpaceNeed;

static void tell_space(Doctor *doctor, const SpaceNeed *need, const char *path)
{
    g_autofree char *existing = existing_directory(path);
    g_autofree char *advice = g_strdup_printf("make room, or choose another place with %s",
                                              need->option);
    g_autofree char *text = NULL;
    struct statvfs space;
    CheckStatus status;
    uint64_t free_bytes;

    if (statvfs(existing, &space) < 0) {
        doctor_tell(doctor, need->name, CHECK_FAILED, advice, "%s: %s", path, g_strerror(errno));
        return;
    }
    free_bytes = (uint64_t)space.f_bavail * space.f_frsize;
    status = free_bytes < need->too_low ? CHECK_FAILED
             : free_bytes < need->low   ? CHECK_WARNING
                                        : CHECK_OK;
    text = g_format_size_full(free_bytes, G_FORMAT_SIZE_IEC_UNITS);
    doctor_tell(doctor, need->name, status, status == CHECK_OK ? NULL : advice, "%s, %s free", path,
                text);
}

static bool make_scratch(Doctor *doctor, GError **error)
{
    g_autofree char *existing = existing_directory(doctor->root);
    g_autofree char *scratch = g_build_filename(existing, ".floe-doctor-XXXXXX", NULL);

    if (mkdtemp(scratch) == NULL)
        return err_set_errno(error, "make a directory in '%s'", existing);
    doctor->scratch = g_steal_pointer(&scratch);
    return true;
}

static void check_tmpfs(Doctor *doctor)
{
    g_autofree char *existing = existing_directory(doctor->runroot);
    struct statfs fs;

    if (statfs(existing, &fs) == 0 && (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC))
        doctor_tell(doctor, "run directory in memory", CHECK_OK, NULL, "%s is a tmpfs", existing);
    else
        doctor_tell(doctor, "run directory in memory", CHECK_WARNING,
                    "mount a tmpfs on /run (as systemd does): files of the last boot are then gone "
                    "by themselves, and CRIU keeps what it learned of the kernel, some 20 ms less "
                    "for each checkpoint and restore",
                    "%s is on a disk", existing);
}

void doctor_check_directories(Doctor *doctor)
{
    static const SpaceNeed root = { "root directory", "--root", ROOT_LOW, ROOT_TOO_LOW };
    static const SpaceNeed runroot = { "run directory", "--runroot", RUNROOT_LOW, RUNROOT_TOO_LOW };
    g_autoptr(GError) err = NULL;

    if (!make_scratch(doctor, &err))
        doctor_tell(doctor, root.name, CHECK_FAILED,
                    "make it writable, or choose another place with --root", "%s", err->message);
    else
        tell_space(doctor, &root, doctor->root);
    tell_space(doctor, &runroot, doctor->runroot);
    check_tmpfs(doctor);
}

/* --- security modules ------------------------------------------------------------------------- */

void doctor_check_security_modules(Doctor *doctor)
{
    if (host_has_selinux())
        doctor_tell(doctor, "security modules", CHECK_WARNING,
                    "floe sets no labels: set SELinux to permissive, or label what you mount",
                    "SELinux is enforcing");
    else if (host_has_apparmor())
        doctor_tell(doctor, "security modules", CHECK_OK, NULL,
                    "AppArmor is on; containers run without a profile of it");
    else
        doctor_tell(doctor, "security modules", CHECK_OK, NULL, "neither AppArmor nor SELinux");
}
