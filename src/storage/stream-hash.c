/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A few blocks go round between the writer and the thread: empty ones to the writer, full ones to
 * the thread.
 */
#include "storage/stream-hash.h"

#include "base/digest.h"

#include <string.h>

#define BLOCK_SIZE ((size_t)512 * 1024)
#define N_BLOCKS   4

typedef struct HashBlock {
    size_t length; /* 0: the end */
    char data[];
} HashBlock;

struct StreamHash {
    GThread *thread;
    Hasher *hasher; /* the thread's, while it runs */
    GAsyncQueue *full, *empty;
    HashBlock *current;
};

static gpointer hash_blocks(gpointer data)
{
    StreamHash *hash = data;

    for (;;) {
        HashBlock *block = g_async_queue_pop(hash->full);
        bool is_end = block->length == 0;

        if (!is_end)
            hasher_add(hash->hasher, block->data, block->length);
        block->length = 0;
        g_async_queue_push(hash->empty, block);
        if (is_end)
            return NULL;
    }
}

bool stream_hash_new(StreamHash **ret_hash, GError **error)
{
    g_autoptr(StreamHash) hash = g_new0(StreamHash, 1);
    g_autoptr(GError) why = NULL;

    hash->hasher = hasher_new();
    hash->full = g_async_queue_new_full(g_free);
    hash->empty = g_async_queue_new_full(g_free);
    for (int i = 0; i < N_BLOCKS; i++)
        g_async_queue_push(hash->empty, g_malloc0(sizeof(HashBlock) + BLOCK_SIZE));
    hash->current = g_async_queue_pop(hash->empty);

    hash->thread = g_thread_try_new("sha256", hash_blocks, hash, &why);
    if (hash->thread == NULL)
        return err_set(error, FLOE_ERROR_IO, "start a thread: %s", why->message);
    *ret_hash = g_steal_pointer(&hash);
    return true;
}

static void push_current(StreamHash *hash)
{
    g_async_queue_push(hash->full, hash->current);
    hash->current = g_async_queue_pop(hash->empty);
}

static void thread_end(StreamHash *hash)
{
    if (hash->current->length > 0)
        push_current(hash);
    push_current(hash);
    g_thread_join(g_steal_pointer(&hash->thread));
}

void stream_hash_free(StreamHash *hash)
{
    if (hash == NULL)
        return;
    if (hash->thread != NULL)
        thread_end(hash);
    g_free(hash->current);
    g_async_queue_unref(hash->full);
    g_async_queue_unref(hash->empty);
    hasher_free(hash->hasher);
    g_free(hash);
}

void stream_hash_update(StreamHash *hash, const void *data, size_t length)
{
    const char *rest = data;

    while (length > 0) {
        HashBlock *block = hash->current;
        size_t part = MIN(length, BLOCK_SIZE - block->length);

        memcpy(block->data + block->length, rest, part);
        block->length += part;
        rest += part;
        length -= part;
        if (block->length == BLOCK_SIZE)
            push_current(hash);
    }
}

char *stream_hash_finish(StreamHash *hash)
{
    thread_end(hash);
    return hasher_finish(g_steal_pointer(&hash->hasher));
}
