/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/mount-options.h"

#include "base/digest.h"
#include "state/fixture.h"

#include <glib/gstdio.h>

typedef bool (*Parser)(const char *text, MountConfig **ret_mount, GError **error);

static void check(Parser parse, const char *text, const char *type, const char *source,
                  const char *destination, const char *options)
{
    g_autoptr(MountConfig) mount = NULL;
    g_autofree char *joined = NULL;

    WORKS(parse(text, &mount, &error));
    joined = g_strjoinv(",", mount->options);
    g_assert_cmpstr(mount->type, ==, type);
    g_assert_cmpstr(mount->source, ==, source);
    g_assert_cmpstr(mount->destination, ==, destination);
    g_assert_cmpstr(joined, ==, options);
}

static void refuse(Parser parse, const char *text, floe_error_code code, const char *why)
{
    g_autoptr(MountConfig) mount = NULL;

    FAILS(parse(text, &mount, &error), code, why);
    g_assert_null(mount);
}

static void test_volumes(void)
{
    check(mount_parse_volume, "/usr:/mnt", "bind", "/usr", "/mnt", "rbind,rprivate");
    check(mount_parse_volume, "/usr:/mnt:ro", "bind", "/usr", "/mnt", "ro,rbind,rprivate");
    check(mount_parse_volume, "/usr:/mnt:ro,Z", "bind", "/usr", "/mnt", "ro,rbind,rprivate");
    check(mount_parse_volume, "/usr:/mnt:bind,rslave", "bind", "/usr", "/mnt", "bind,rslave");
    check(mount_parse_volume, "/usr/../usr/:/a/..//mnt/:", "bind", "/usr", "/mnt", "rbind,rprivate");
}

static void test_a_dot_means_the_working_directory(void)
{
    g_autofree char *before = g_get_current_dir();

    g_assert_no_errno(g_chdir("/usr"));
    check(mount_parse_volume, ".:/mnt", "bind", "/usr", "/mnt", "rbind,rprivate");
    check(mount_parse_volume, "./bin:/mnt", "bind", "/usr/bin", "/mnt", "rbind,rprivate");
    check(mount_parse_volume, "../usr:/mnt", "bind", "/usr", "/mnt", "rbind,rprivate");
    check(mount_parse_mount, "type=bind,src=./bin,dst=/mnt", "bind", "/usr/bin", "/mnt",
          "rbind,rprivate");
    g_assert_no_errno(g_chdir(before));
}

static void test_bad_volumes(void)
{
    refuse(mount_parse_volume, "", FLOE_ERROR_INVALID, "''");
    refuse(mount_parse_volume, "/a:/b:ro:x", FLOE_ERROR_INVALID, "/a:/b:ro:x");
    refuse(mount_parse_volume, ":/data", FLOE_ERROR_INVALID, "on the host is missing");
    refuse(mount_parse_volume, "/usr:data", FLOE_ERROR_INVALID, "absolute");
    refuse(mount_parse_volume, "/usr:", FLOE_ERROR_INVALID, "absolute");
    refuse(mount_parse_volume, "/usr:/", FLOE_ERROR_INVALID, "root");
    refuse(mount_parse_volume, "/usr://", FLOE_ERROR_INVALID, "root");
    refuse(mount_parse_volume, "/usr:/..", FLOE_ERROR_INVALID, "root");
    refuse(mount_parse_volume, "/usr:/mnt/../.", FLOE_ERROR_INVALID, "root");
    refuse(mount_parse_volume, "/usr:/mnt:read", FLOE_ERROR_INVALID, "'read'");
    refuse(mount_parse_volume, "/usr:/mnt:ro,rw", FLOE_ERROR_INVALID, "exclude each other");
    refuse(mount_parse_volume, "/no/such/path:/mnt", FLOE_ERROR_NOT_FOUND, "/no/such/path");
}

#define VOLUME_DEFAULTS "rprivate,nosuid,nodev,rbind"

static void test_named_volumes(void)
{
    check(mount_parse_volume, "data:/mnt", "volume", "data", "/mnt", "rw," VOLUME_DEFAULTS);
    check(mount_parse_volume, "data:/a/../mnt:ro,z", "volume", "data", "/mnt",
          "ro," VOLUME_DEFAULTS);
    check(mount_parse_volume, "data:/mnt:nocopy,exec,suid,U", "volume", "data", "/mnt",
          "nocopy,exec,suid,U,rw,rprivate,nodev,rbind");
    check(mount_parse_volume, "a_B.c-1:/mnt:shared", "volume", "a_B.c-1", "/mnt",
          "shared,rw,nosuid,nodev,rbind");
    check(mount_parse_mount, "type=volume,src=data,dst=/mnt,ro", "volume", "data", "/mnt",
          "ro," VOLUME_DEFAULTS);
    check(mount_parse_mount, "source=data,target=/mnt", "volume", "data", "/mnt",
          "rw," VOLUME_DEFAULTS);
    check(mount_parse_mount, "U,source=data,target=/mnt", "volume", "data", "/mnt",
          "U,rw," VOLUME_DEFAULTS);
    check(mount_parse_mount, "type=volume,src=data,dst=/mnt,nocopy", "volume", "data", "/mnt",
          "nocopy,rw," VOLUME_DEFAULTS);
}

static void check_anonymous(Parser parse, const char *text)
{
    g_autoptr(MountConfig) mount = NULL;

    WORKS(parse(text, &mount, &error));
    g_assert_true(mount->is_anonymous);
    g_assert_true(id_is_valid(mount->source));
    g_assert_cmpstr(mount->type, ==, "volume");
    g_assert_cmpstr(mount->destination, ==, "/mnt");
}

static void test_volumes_without_a_name(void)
{
    check_anonymous(mount_parse_volume, "/mnt");
    check_anonymous(mount_parse_volume, "//mnt/");
    check_anonymous(mount_parse_mount, "type=volume,dst=/mnt");
    check_anonymous(mount_make_anonymous, "/mnt");
    refuse(mount_make_anonymous, "/", FLOE_ERROR_INVALID, "root");
    refuse(mount_make_anonymous, "mnt", FLOE_ERROR_INVALID, "absolute");
}

static void test_bad_named_volumes(void)
{
    refuse(mount_parse_volume, "data:mnt", FLOE_ERROR_INVALID, "absolute");
    refuse(mount_parse_volume, "data:/", FLOE_ERROR_INVALID, "root");
    refuse(mount_parse_volume, "da/ta:/mnt", FLOE_ERROR_INVALID, "da/ta");
    refuse(mount_parse_volume, "-data:/mnt", FLOE_ERROR_INVALID, "-data");
    refuse(mount_parse_volume, "data:/mnt:ro,rw", FLOE_ERROR_INVALID, "exclude each other");
    refuse(mount_parse_volume, "data:/mnt:copy,nocopy", FLOE_ERROR_INVALID, "exclude each other");
    refuse(mount_parse_volume, "data:/mnt:dev,nodev", FLOE_ERROR_INVALID, "exclude each other");
    refuse(mount_parse_volume, "/usr:/mnt:nocopy", FLOE_ERROR_INVALID, "'nocopy'");
    refuse(mount_parse_volume, "data", FLOE_ERROR_INVALID, "absolute");
    refuse(mount_parse_mount, "type=volume,src=../x,dst=/mnt", FLOE_ERROR_INVALID, "../x");
    refuse(mount_parse_mount, "type=volume,src=data", FLOE_ERROR_INVALID, "absolute");
    refuse(mount_parse_mount, "type=bind,src=/usr,dst=/mnt,nocopy", FLOE_ERROR_INVALID, "'nocopy'");
}

static void test_mounts(void)
{
    check(mount_parse_mount, "type=bind,source=/usr,target=/mnt", "bind", "/usr", "/mnt",
          "rbind,rprivate");
    check(mount_parse_mount, "type=bind,src=/usr,dst=/mnt,readonly", "bind", "/usr", "/mnt",
          "ro,rbind,rprivate");
    check(mount_parse_mount, "type=bind,src=/usr,destination=/mnt,ro=true,bind-propagation=shared",
          "bind", "/usr", "/mnt", "ro,shared,rbind");
    check(mount_parse_mount, "type=bind,src=/usr,dst=/mnt,ro=false", "bind", "/usr", "/mnt",
          "rw,rbind,rprivate");
    check(mount_parse_mount, "type=tmpfs,target=/t,tmpfs-size=1m,tmpfs-mode=700", "tmpfs", NULL,
          "/t", "size=1m,mode=700,nosuid,nodev,noexec,rprivate,tmpcopyup");
}

static void test_bad_mounts(void)
{
    refuse(mount_parse_mount, "", FLOE_ERROR_INVALID, "''");
    refuse(mount_parse_mount, "type=other,source=x,target=/mnt", FLOE_ERROR_INVALID, "type");
    refuse(mount_parse_mount, "type=bind,target=/mnt", FLOE_ERROR_INVALID, "on the host is missing");
    refuse(mount_parse_mount, "type=tmpfs,source=/usr,target=/t", FLOE_ERROR_INVALID, "no source");
    refuse(mount_parse_mount, "type=bind,source=/usr", FLOE_ERROR_INVALID, "absolute");
    refuse(mount_parse_mount, "type=bind,source=/usr,target=/mnt,x=1", FLOE_ERROR_INVALID, "'x'");
    refuse(mount_parse_mount, "type=bind,source=/usr,target=/mnt,bind-propagation=no",
           FLOE_ERROR_INVALID, "bind-propagation");
    refuse(mount_parse_mount, "type=bind,source=/no/such,target=/mnt", FLOE_ERROR_NOT_FOUND,
           "/no/such");
    refuse(mount_parse_mount, "type=tmpfs", FLOE_ERROR_INVALID, "absolute");
    refuse(mount_parse_mount, "type=tmpfs,target=/", FLOE_ERROR_INVALID, "root");
}

static void test_tmpfs(void)
{
    check(mount_parse_tmpfs, "/t", "tmpfs", NULL, "/t", "nosuid,nodev,noexec,rprivate,tmpcopyup");
    check(mount_parse_tmpfs, "/t:", "tmpfs", NULL, "/t", "nosuid,nodev,noexec,rprivate,tmpcopyup");
    check(mount_parse_tmpfs, "/t:size=64m,mode=1777", "tmpfs", NULL, "/t",
          "size=64m,mode=1777,nosuid,nodev,noexec,rprivate,tmpcopyup");
    check(mount_parse_tmpfs, "/t:exec,suid,dev,ro", "tmpfs", NULL, "/t",
          "exec,suid,dev,ro,rprivate,tmpcopyup");
    check(mount_parse_tmpfs, "/t:notmpcopyup", "tmpfs", NULL, "/t", "nosuid,nodev,noexec,rprivate");
    check(mount_parse_mount, "type=tmpfs,dst=/t,notmpcopyup", "tmpfs", NULL, "/t",
          "nosuid,nodev,noexec,rprivate");
    refuse(mount_parse_mount, "type=bind,src=/usr,dst=/t,tmpcopyup", FLOE_ERROR_INVALID,
           "'tmpcopyup'");
    refuse(mount_parse_tmpfs, "", FLOE_ERROR_INVALID, "absolute");
    refuse(mount_parse_tmpfs, "t", FLOE_ERROR_INVALID, "absolute");
    refuse(mount_parse_tmpfs, "/", FLOE_ERROR_INVALID, "root");
    refuse(mount_parse_tmpfs, "/t:weight=3", FLOE_ERROR_INVALID, "'weight=3'");
    refuse(mount_parse_tmpfs, "/t:size", FLOE_ERROR_INVALID, "'size'");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/mount-options/volumes", test_volumes);
    g_test_add_func("/engine/mount-options/a-dot-means-the-working-directory",
                    test_a_dot_means_the_working_directory);
    g_test_add_func("/engine/mount-options/bad-volumes", test_bad_volumes);
    g_test_add_func("/engine/mount-options/named-volumes", test_named_volumes);
    g_test_add_func("/engine/mount-options/volumes-without-a-name", test_volumes_without_a_name);
    g_test_add_func("/engine/mount-options/bad-named-volumes", test_bad_named_volumes);
    g_test_add_func("/engine/mount-options/mounts", test_mounts);
    g_test_add_func("/engine/mount-options/bad-mounts", test_bad_mounts);
    g_test_add_func("/engine/mount-options/tmpfs", test_tmpfs);
    return g_test_run();
}
