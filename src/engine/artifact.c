/* SPDX-License-Identifier: Apache-2.0 */
/* Small files that users keep with a container; they are in its directory and go with it. */
#include "base/fd.h"
#include "base/path.h"
#include "engine/operation.h"
#include "engine/public-error.h"

#include <floe/files.h>

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#define SIZE_LIMIT ((size_t)64 * 1024 * 1024)
#define MODE       0740 /* podman's */

static bool name_check(const char *name, GError **error)
{
    if (*name == '\0' || strchr(name, '/') != NULL || name[0] == '.' || strlen(name) > NAME_MAX / 2)
        return err_set(error, FLOE_ERROR_INVALID,
                       "an artifact cannot be called '%s': it takes a file's name without '/', and "
                       "without '.' at its front",
                       name);
    return true;
}

/* Enter, and tell where the artifact is; the path is freed by the caller. */
static bool enter(floe_container *ctr, const char *name, Operation *op, char **ret_path,
                  GError **error)
{
    if (!name_check(name, error) || !operation_enter(ctr, OPERATION_ARTIFACT, op, error))
        return false;
    *ret_path = g_build_filename(ctr->paths.artifacts, name, NULL);
    return true;
}

static bool artifact_add(floe_container *ctr, const char *name, const void *data, size_t size,
                         GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;
    g_autofree char *path = NULL;

    if (size > SIZE_LIMIT)
        return err_set(error, FLOE_ERROR_INVALID, "an artifact has at most %zu bytes", SIZE_LIMIT);
    return enter(ctr, name, &op, &path, error) && dir_make(ctr->paths.artifacts, 0700, error) &&
           file_write_durable(path, data, size, MODE, error);
}

static bool no_such_artifact(floe_container *ctr, const char *name, GError **error)
{
    return err_set(error, FLOE_ERROR_NOT_FOUND, "container \"%s\" has no artifact '%s'",
                   ctr->record->name, name);
}

static bool artifact_get(floe_container *ctr, const char *name, void **ret_data, size_t *ret_size,
                         GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;
    g_autofree char *path = NULL;
    g_autoptr(GError) why = NULL;
    char *data = NULL;

    if (!enter(ctr, name, &op, &path, error))
        return false;
    if (file_read(path, SIZE_LIMIT, &data, ret_size, &why)) {
        *ret_data = data;
        return true;
    }
    if (err_is(why, FLOE_ERROR_NOT_FOUND))
        return no_such_artifact(ctr, name, error);
    g_propagate_error(error, g_steal_pointer(&why));
    return false;
}

static bool artifact_remove(floe_container *ctr, const char *name, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;
    g_autofree char *path = NULL;

    if (!enter(ctr, name, &op, &path, error))
        return false;
    if (unlink(path) == 0)
        return true;
    return errno == ENOENT ? no_such_artifact(ctr, name, error)
                           : err_set_errno(error, "remove artifact '%s'", name);
}

bool floe_container_artifact_add(floe_container *container, const char *name, const void *data,
                                 size_t size, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), GIVEN(name), NULL) &&
                             (size == 0 || public_given(&err, GIVEN(data), NULL)) &&
                             artifact_add(container, name, data, size, &err),
                         &err, error);
}

bool floe_container_artifact_get(floe_container *container, const char *name, void **ret_data,
                                 size_t *ret_size, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), GIVEN(name), GIVEN(ret_data),
                                      GIVEN(ret_size), NULL) &&
                             artifact_get(container, name, ret_data, ret_size, &err),
                         &err, error);
}

bool floe_container_artifact_remove(floe_container *container, const char *name, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), GIVEN(name), NULL) &&
                             artifact_remove(container, name, &err),
                         &err, error);
}
