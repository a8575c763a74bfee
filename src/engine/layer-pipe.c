/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/layer-pipe.h"

#include "base/fd.h"
#include "base/sigpipe.h"

#include <fcntl.h>
#include <unistd.h>

/* The reading end of the writer's pipe, in a thread of its own. */
typedef struct LayerReader {
    const Staging *staging;
    int fd;
    gint is_written; /* the writer has ended; atomic */
    bool is_cause;   /* reading failed first, and writing because of it */
    LayerPipe layer;
    GError *error;
} LayerReader;

void layer_pipe_clear(LayerPipe *layer)
{
    g_clear_pointer(&layer->descriptor, json_decref);
    g_clear_pointer(&layer->diff_hex, g_free);
}

static void layer_reader_clear(LayerReader *reader)
{
    fd_cleanup(&reader->fd);
    layer_pipe_clear(&reader->layer);
    g_clear_error(&reader->error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LayerReader, layer_reader_clear)

static gpointer read_layer(gpointer data)
{
    LayerReader *reader = data;

    if (!staging_add_layer(reader->staging, reader->fd, &reader->layer.descriptor,
                           &reader->layer.diff_hex, &reader->error))
        reader->is_cause = !g_atomic_int_get(&reader->is_written);
    fd_cleanup(&reader->fd); /* a writer does not wait for a reader that has failed */
    return NULL;
}

bool layer_pipe(const Staging *staging, LayerWrite write, void *data, LayerPipe *ret_layer,
                GError **error)
{
    g_auto(LayerReader) reader = { .staging = staging, .fd = -1 };
    g_auto(SigpipeBlock) block = sigpipe_block();
    g_autoptr(GError) wrong = NULL;
    int ends[2];
    bool ok;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_set_errno(error, "make a pipe");
    fcntl(ends[1], F_SETPIPE_SZ, 1024 * 1024); /* more is faster, and as it is will do */
    reader.fd = ends[0];

    GThread *thread = g_thread_try_new("layer", read_layer, &reader, &wrong);

    if (thread == NULL) {
        close(ends[1]);
        return err_set(error, FLOE_ERROR_IO, "start a thread: %s", wrong->message);
    }
    ok = write(ends[1], data, error);
    g_atomic_int_set(&reader.is_written, 1);
    close(ends[1]);
    g_thread_join(thread);
    if (reader.error != NULL && (ok || reader.is_cause)) {
        g_clear_error(error);
        g_propagate_error(error, g_steal_pointer(&reader.error));
        return false;
    }
    if (ok) {
        *ret_layer = reader.layer;
        reader.layer = (LayerPipe){ 0 };
    }
    return ok;
}
