/* SPDX-License-Identifier: Apache-2.0 */
/* Connecting to a container's streams: to one that runs, or just before it is started. */
#include "engine/attachment.h"
#include "engine/container-start.h"
#include "engine/event.h"
#include "engine/operation.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "oci/console.h"

#include <sys/pidfd.h>

/* conmon without a pipe or a terminal for its input would drop it; and none is read for nobody. */
static bool connect_streams(floe_container *ctr, floe_attachment *attachment, GError **error)
{
    const ContainerConfig *config = &ctr->record->config;

    attachment->conmon_fd = pidfd_open(ctr->record->status.conmon_pid, 0);
    return attachment_connect(attachment, ctr->paths.bundle, config->open_stdin || config->tty,
                              error);
}

static bool container_attach(floe_container *ctr, const floe_attach_streams *streams,
                             floe_attachment **ret_attachment, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;
    g_autoptr(floe_attachment) attachment = NULL;

    if (!attachment_new(ctr, streams, ctr->record->config.tty, &attachment, error) ||
        !operation_enter(ctr, OPERATION_ATTACH, &op, error))
        return false;
    if (!connect_streams(ctr, attachment, error))
        return operation_blame_end(ctr, OPERATION_ATTACH, error);
    attachment_set_size(attachment, true);
    if (attachment->proxy != NULL && !signal_proxy_begin(attachment->proxy, ctr, error))
        return false;
    event_note(ctr, FLOE_EVENT_ATTACH);
    *ret_attachment = g_steal_pointer(&attachment);
    return true;
}

/* Between the runtime's create and start: nothing that the process writes is missed. */
static bool connect_before_start(floe_container *ctr, void *data, GError **error)
{
    floe_attachment *attachment = data;

    if (!connect_streams(ctr, attachment, error))
        return false;
    attach_wait_taken(ctr->record->status.conmon_pid);
    attachment_set_size(attachment, false);
    return true;
}

static bool container_start_and_attach(floe_container *ctr, const floe_attach_streams *streams,
                                       floe_attachment **ret_attachment, GError **error)
{
    g_autoptr(floe_attachment) attachment = NULL;

    if (!attachment_new(ctr, streams, ctr->record->config.tty, &attachment, error))
        return false;
    ctr->rows = attachment->rows;
    ctr->columns = attachment->columns;
    if (!container_start_as_service(ctr, connect_before_start, attachment, error) ||
        (attachment->proxy != NULL && !signal_proxy_begin(attachment->proxy, ctr, error)))
        return false;
    event_note(ctr, FLOE_EVENT_ATTACH);
    *ret_attachment = g_steal_pointer(&attachment);
    return true;
}

static bool container_resize(floe_container *ctr, unsigned rows, unsigned columns, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;

    if (!ctr->record->config.tty)
        return err_set(error, FLOE_ERROR_UNSUPPORTED, "container \"%s\" has no terminal",
                       ctr->record->name);
    if (!operation_enter(ctr, OPERATION_RESIZE, &op, error))
        return false;
    return console_resize(ctr->paths.bundle, rows, columns, error) ||
           operation_blame_end(ctr, OPERATION_RESIZE, error);
}

/* --- the border ----------------------------------------------------------------------------- */

bool floe_container_attach(floe_container *container, const floe_attach_streams *streams,
                           floe_attachment **ret_attachment, floe_error **error)
{
    floe_attach_streams known = FLOE_ATTACH_STREAMS_INIT;
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), GIVEN(ret_attachment), NULL) &&
                             public_options(streams, &known, sizeof(known), &err) &&
                             container_attach(container, &known, ret_attachment, &err),
                         &err, error);
}

bool floe_container_start_and_attach(floe_container *container, const floe_attach_streams *streams,
                                     floe_attachment **ret_attachment, floe_error **error)
{
    floe_attach_streams known = FLOE_ATTACH_STREAMS_INIT;
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), GIVEN(ret_attachment), NULL) &&
                             public_options(streams, &known, sizeof(known), &err) &&
                             container_start_and_attach(container, &known, ret_attachment, &err),
                         &err, error);
}

bool floe_container_resize(floe_container *container, unsigned rows, unsigned columns,
                           floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), NULL) &&
                             container_resize(container, rows, columns, &err),
                         &err, error);
}

bool floe_container_has_tty(const floe_container *container)
{
    return container != NULL && container->record->config.tty;
}
