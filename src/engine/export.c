/* SPDX-License-Identifier: Apache-2.0 */
/* A container's root file system as a tar. */
#include "base/new-file.h"
#include "base/sigpipe.h"
#include "engine/container-mount.h"
#include "engine/event.h"
#include "engine/public-error.h"
#include "storage/pack.h"

#include <floe/files.h>

#include <unistd.h>

/* Who reads the tar may take any time, so the container is not locked meanwhile. */
static bool container_export(floe_container *ctr, int fd, GError **error)
{
    static const PackOptions options = { .name = "", .mode = TREE_LIVE };
    g_auto(SigpipeBlock) block = sigpipe_block();
    g_auto(RootHold) hold = ROOT_HOLD_NONE;

    if (!root_hold_acquire(ctr, OPERATION_EXPORT, &hold, error))
        return false;
    if (!pack_tree(hold.fd, &options, fd, NULL, error))
        return err_prefix(error, "export container \"%s\"", ctr->record->name);
    event_note(ctr, FLOE_EVENT_EXPORT);
    return true;
}

static bool export_to_file(floe_container *ctr, const char *path, GError **error)
{
    g_autofree char *mark = g_strdup_printf("%d", getpid());
    g_auto(NewFile) file = NEW_FILE_NONE;

    return new_file_open(path, 0666, mark, &file, error) && container_export(ctr, file.fd, error) &&
           new_file_keep(&file, false, error);
}

bool floe_container_export(floe_container *container, int fd, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), NULL) &&
                             container_export(container, fd, &err),
                         &err, error);
}

bool floe_container_export_to_file(floe_container *container, const char *path, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), GIVEN(path), NULL) &&
                             export_to_file(container, path, &err),
                         &err, error);
}
