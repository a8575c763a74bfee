/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copying into and out of containers. While a container has a process, its paths are looked up from
 * that process's root, with all that is mounted there; else in its root file system, mounted for as
 * long as it takes, or in the source of a volume.
 */
#include "base/path.h"
#include "base/sigpipe.h"
#include "engine/container-mount.h"
#include "engine/container-volumes.h"
#include "engine/mount-options.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "storage/pack.h"
#include "storage/root-users.h"
#include "storage/tree-copy.h"
#include "storage/unpack.h"

#include <floe/files.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One end at work. */
typedef struct End {
    const floe_copy_end *asked;
    RootHold hold;
    int root_fd; /* of the container, or of a volume of one that is not up; -1: the host */
    bool has_process;
    bool is_read_only;
    char *path;  /* from root_fd on; NULL for a tar */
    char *named; /* the path that tells what is meant, and what it is called */
} End;

#define END_NONE \
    { \
        .hold = ROOT_HOLD_NONE, .root_fd = -1 \
    }

static void end_close(End *end)
{
    fd_cleanup(&end->root_fd);
    root_hold_release(&end->hold);
    g_free(end->path);
    g_free(end->named);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(End, end_close)

/* --- an end ----------------------------------------------------------------------------------- */

/* The root as the container's process sees it; -1 when there is no process. */
static int process_root(floe_container *ctr)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/root", ctr->record->status.pid);
    autofd int fd = -1;

    if (!state_has_process((floe_container_state)ctr->record->status.state) ||
        !root_open(path, &fd, NULL))
        return -1;
    /* It was the container's if it is so now that it is open. */
    return container_signal(ctr, 0, NULL) ? g_steal_fd(&fd) : -1;
}

/* What is there of a mount while the container is not up. */
static bool is_kept(const MountConfig *mount)
{
    return !mount_is_overlay(mount) &&
           (g_str_equal(mount->type, "bind") || g_str_equal(mount->type, "volume"));
}

/* The volume that a clean path of the container leads into; NULL: none. */
static const MountConfig *volume_at(const ContainerConfig *config, const char *path)
{
    const MountConfig *found = NULL;
    size_t longest = 0;

    for (guint i = 0; config->mounts != NULL && i < config->mounts->len; i++) {
        const MountConfig *mount = g_ptr_array_index(config->mounts, i);
        size_t length = strlen(mount->destination);
        bool is_inside = strncmp(path, mount->destination, length) == 0 &&
                         (path[length] == '/' || path[length] == '\0');

        if (is_inside && length > longest) {
            longest = length;
            found = mount;
        }
    }
    return found != NULL && is_kept(found) ? found : NULL;
}

/* Where the volume is on the host. What has to be mounted there is so only while a container is up. */
static bool volume_source(floe_container *ctr, const MountConfig *volume, char **ret_path,
                          GError **error)
{
    bool is_ready = false;

    if (g_str_equal(volume->type, "bind")) {
        *ret_path = g_strdup(volume->source);
        return true;
    }
    if (!container_prepare_plain_volume(ctr, volume, &is_ready, error))
        return false;
    if (!is_ready)
        return err_set(error, FLOE_ERROR_BAD_STATE,
                       "volume '%s' is not mounted while container \"%s\" is not up: mount it first "
                       "with `volume mount`",
                       volume->source, ctr->record->name);
    *ret_path = volume_path(ctr->engine, volume->source);
    return true;
}

/* Of a container that is not up no volume is mounted: the path goes on in the volume's source. */
static bool enter_volume(End *end, const char *path, GError **error)
{
    g_autofree char *clean = g_canonicalize_filename(path, "/");
    const MountConfig *volume = volume_at(&end->asked->container->record->config, clean);
    const char *end_of_path = g_str_has_suffix(path, "/.")  ? "/."
                              : g_str_has_suffix(path, "/") ? "/"
                                                            : "";
    g_autofree char *source = NULL;
    g_autofree char *directory = NULL;
    g_autofree char *name = NULL;

    if (volume == NULL) {
        end->path = g_strdup(path);
        return root_open(end->asked->container->paths.merged, &end->root_fd, error);
    }
    if (!volume_source(end->asked->container, volume, &source, error))
        return false;
    if (g_file_test(source, G_FILE_TEST_IS_DIR)) {
        directory = g_strdup(source);
        name = g_strdup(clean + strlen(volume->destination));
    } else {
        directory = g_path_get_dirname(source);
        name = g_path_get_basename(source);
    }
    end->is_read_only = volume->options != NULL &&
                        g_strv_contains((const char *const *)volume->options, "ro");
    end->path = g_strconcat("/", name, end_of_path, NULL);
    return root_open(directory, &end->root_fd, error);
}

static bool container_end_open(End *end, GError **error)
{
    floe_container *ctr = end->asked->container;
    const char *workdir = ctr->record->config.workdir;
    const char *path = end->asked->path;

    if (!root_hold_acquire(ctr, OPERATION_COPY, &end->hold, error))
        return false;
    end->named = *path == '/' ? g_strdup(path)
                              : g_strconcat(workdir != NULL ? workdir : "/", "/", path, NULL);
    end->root_fd = process_root(ctr);
    end->has_process = end->root_fd >= 0;
    if (!end->has_process)
        return enter_volume(end, end->named, error);
    end->path = g_strdup(end->named);
    return true;
}

static bool end_open(End *end, const floe_copy_end *asked, GError **error)
{
    end->asked = asked;
    if (asked->path != NULL && *asked->path == '\0')
        return err_set(error, FLOE_ERROR_INVALID, "a path to copy from or to is empty");
    if (asked->container != NULL)
        return asked->path != NULL ? container_end_open(end, error)
                                   : err_set(error, FLOE_ERROR_INVALID, "a path is missing");
    end->path = g_strdup(asked->path);
    end->named = g_strdup(asked->path);
    return true;
}

/* --- places ----------------------------------------------------------------------------------- */

/* Open with O_PATH what is at a path of this end, which may be longer than the one asked for. */
static bool place_open(const End *end, const char *path, int flags, int *ret_fd, GError **error)
{
    g_autoptr(GError) why = NULL;
    int fd = -1;

    if (end->root_fd >= 0) {
        if (root_open_file(end->root_fd, path, O_PATH | flags, 0, ret_fd, &why))
            return true;
    } else {
        fd = open(path, O_PATH | O_CLOEXEC | flags);
        if (fd < 0)
            err_set_errno(&why, "open '%s'", path);
        *ret_fd = fd;
        if (fd >= 0)
            return true;
    }
    if (!err_is(why, FLOE_ERROR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&why));
        return false;
    }
    if (end->root_fd < 0)
        return err_set(error, FLOE_ERROR_NOT_FOUND,
                       "\"%s\" could not be found on the host: no such file or directory",
                       end->asked->path);
    return err_set(error, FLOE_ERROR_NOT_FOUND,
                   "\"%s\" could not be found on container %s: no such file or directory",
                   end->asked->path, end->asked->container->record->name);
}

/* Does the path mean what is in a directory: "dir/.", "/", "."? */
static bool means_content(const char *path)
{
    return path[strspn(path, "/")] == '\0' || g_str_equal(path, ".") ||
           g_str_has_suffix(path, "/.") || g_str_equal(path, "..") || g_str_has_suffix(path, "/..");
}

static bool stat_of(int place, struct stat *ret_stat, GError **error)
{
    return fstat(place, ret_stat) == 0 || err_set_errno(error, "look at what is to be copied");
}

/* --- the target ------------------------------------------------------------------------------- */

typedef struct Target {
    int dir;    /* where to write; -1: none */
    char *name; /* under which name; "": into the directory */
} Target;

static void target_clear(Target *target)
{
    fd_cleanup(&target->dir);
    g_free(target->name);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Target, target_clear)

/* The path is to be made, or replaced, in the directory above it, which must be there. */
static bool target_beside(const End *to, Target *target, GError **error)
{
    g_autofree char *trimmed = g_strdup(to->path);
    g_autofree char *above = NULL;

    for (size_t length = strlen(trimmed); length > 1 && trimmed[length - 1] == '/'; length--)
        trimmed[length - 1] = '\0';
    above = g_path_get_dirname(trimmed);
    target->name = g_path_get_basename(trimmed);
    return place_open(to, above, O_DIRECTORY, &target->dir, error);
}

/* Where a source goes, by what is at the path now. */
static bool target_find(const End *to, const char *source_path, bool is_directory, Target *target,
                        GError **error)
{
    g_autoptr(GError) why = NULL;
    autofd int place = -1;
    struct stat st;

    if (!place_open(to, to->path, 0, &place, &why)) {
        bool may_make = err_is(why, FLOE_ERROR_NOT_FOUND) &&
                        (is_directory || !g_str_has_suffix(to->path, "/"));

        if (may_make)
            return target_beside(to, target, error);
        g_propagate_error(error, g_steal_pointer(&why));
        return false;
    }
    if (!stat_of(place, &st, error))
        return false;
    if (S_ISDIR(st.st_mode)) {
        target->dir = g_steal_fd(&place);
        target->name = means_content(source_path) && is_directory
                           ? g_strdup("")
                           : g_path_get_basename(source_path);
        return true;
    }
    if (is_directory)
        return err_set(error, FLOE_ERROR_INVALID,
                       "destination must be a directory when copying a directory");
    return target_beside(to, target, error);
}

/* --- files that keep their place -------------------------------------------------------------- */

/*
 * Is there something at the target that a new file cannot replace: a link, which is followed; what is
 * mounted there; on the host a device or pipe?
 */
static bool target_stays(const End *to, const Target *target)
{
    struct statx st;

    if (*target->name == '\0' ||
        statx(target->dir, target->name, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &st) < 0)
        return false;
    return S_ISLNK(st.stx_mode) || (st.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0 ||
           (to->root_fd < 0 && !S_ISREG(st.stx_mode) && !S_ISDIR(st.stx_mode));
}

static bool host_reopen(const char *path, int *ret_fd, GError **error)
{
    *ret_fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0600);
    return *ret_fd >= 0 || err_set_errno(error, "open '%s'", path);
}

/* A device or FIFO of the container's making is not opened. */
static bool container_reopen(const End *to, int *ret_fd, GError **error)
{
    autofd int place = -1;
    struct stat st;

    if (!root_make_file(to->root_fd, to->path, error) ||
        !root_open_file(to->root_fd, to->path, O_PATH, 0, &place, error) ||
        !stat_of(place, &st, error))
        return false;
    if (!S_ISREG(st.st_mode))
        return err_set(error, FLOE_ERROR_INVALID, "\"%s\" is not a regular file", to->asked->path);

    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", place);

    *ret_fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    return *ret_fd >= 0 || err_set_errno(error, "open \"%s\"", to->asked->path);
}

static bool copy_in_place(const End *to, int from, const TreeOwner *owner, GError **error)
{
    TreeNode node = { .path = to->asked->path, .place = from };
    autofd int fd = -1;

    if (!stat_of(from, &node.stat, error))
        return false;
    if (!S_ISREG(node.stat.st_mode))
        return err_set(error, FLOE_ERROR_INVALID, "only a regular file can be copied to \"%s\"",
                       to->asked->path);
    if (to->root_fd >= 0 ? !container_reopen(to, &fd, error) : !host_reopen(to->path, &fd, error))
        return false;
    return tree_copy_into(&node, owner, &fd, error);
}

/* --- the four ways ---------------------------------------------------------------------------- */

/* Who is to own what is made at this end; *ret_owner NULL: as it was. */
static bool owner_choose(const End *to, const floe_copy_options *options, TreeOwner *space,
                         const TreeOwner **ret_owner, GError **error)
{
    g_auto(RootUser) user = { 0 };

    *ret_owner = space;
    *space = (TreeOwner){ geteuid(), getegid() };
    if (to->root_fd < 0)
        return true;
    if (options->keep_owners) {
        *ret_owner = NULL;
        return true;
    }
    if (!root_user_lookup(to->has_process ? to->root_fd : to->hold.fd,
                          to->asked->container->record->config.user, &user, error))
        return false;
    *space = (TreeOwner){ user.uid, user.gid };
    return true;
}

static bool copy_files(const End *from, const End *to, const floe_copy_options *options,
                       GError **error)
{
    g_auto(Target) target = { .dir = -1 };
    autofd int place = -1;
    const TreeOwner *owner;
    TreeOwner space;
    struct stat st;

    if (!place_open(from, from->path, 0, &place, error) || !stat_of(place, &st, error))
        return false;
    if (S_ISSOCK(st.st_mode))
        return err_set(error, FLOE_ERROR_INVALID, "\"%s\" is a socket: it cannot be copied",
                       from->asked->path);
    if (!target_find(to, from->named, S_ISDIR(st.st_mode), &target, error) ||
        !owner_choose(to, options, &space, &owner, error))
        return false;
    if (!S_ISDIR(st.st_mode) && target_stays(to, &target))
        return copy_in_place(to, place, owner, error);

    const TreeCopy copy = {
        .from = place,
        .to_dir = target.dir,
        .name = target.name,
        .owner = owner,
        .overwrite = options->overwrite,
    };

    return tree_copy(&copy, error) || err_prefix(error, "copy \"%s\"", from->asked->path);
}

static bool copy_to_tar(const End *from, int fd, GError **error)
{
    g_auto(SigpipeBlock) block = sigpipe_block();
    g_autofree char *name = g_path_get_basename(from->named);
    autofd int place = -1;
    PackOptions options = {
        .name = means_content(from->named) ? "" : name,
        .mode = TREE_LIVE,
    };

    return place_open(from, from->path, 0, &place, error) &&
           (pack_tree(place, &options, fd, NULL, error) ||
            err_prefix(error, "copy \"%s\"", from->asked->path));
}

static bool copy_from_tar(int fd, const End *to, const floe_copy_options *options, GError **error)
{
    autofd int dir = -1;
    UnpackOptions unpack = { 0 };
    UnpackResult result;
    TreeOwner space;
    struct stat st;

    if (!place_open(to, to->path, 0, &dir, error) || !stat_of(dir, &st, error))
        return false;
    if (!S_ISDIR(st.st_mode))
        return err_set(error, FLOE_ERROR_INVALID,
                       "destination must be a directory when copying a tar");
    return owner_choose(to, options, &space, &unpack.owner, error) &&
           unpack_tar(fd, dir, &unpack, &result, error);
}

static bool copy(const floe_copy_end *from_asked, const floe_copy_end *to_asked,
                 const floe_copy_options *options, GError **error)
{
    g_auto(End) from = END_NONE;
    g_auto(End) to = END_NONE;

    if (from_asked->container == NULL && to_asked->container == NULL)
        return err_set(error, FLOE_ERROR_INVALID, "neither end of the copy is in a container");
    if (!end_open(&from, from_asked, error) || !end_open(&to, to_asked, error))
        return false;
    if (to.is_read_only)
        return err_set(error, FLOE_ERROR_IO, "\"%s\" is in a volume that is read-only",
                       to_asked->path);
    if (to.path == NULL)
        return copy_to_tar(&from, to_asked->tar_fd, error);
    if (from.path == NULL)
        return copy_from_tar(from_asked->tar_fd, &to, options, error);
    return copy_files(&from, &to, options, error);
}

bool floe_copy(const floe_copy_end *from, const floe_copy_end *to, const floe_copy_options *options,
               floe_error **error)
{
    floe_copy_options known = FLOE_COPY_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(from), GIVEN(to), NULL) &&
                             public_options(options, &known, sizeof(known), &err) &&
                             copy(from, to, &known, &err),
                         &err, error);
}
