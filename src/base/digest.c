/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 by nettle, which has the processor's instructions for it: an image is hashed at eight times
 * the speed of GLib's checksums. Randomness by the kernel. An id and a SHA-256 have the same form.
 */
#include "base/digest.h"

#include <nettle/sha2.h>
#include <string.h>
#include <sys/random.h>

#define ID_BYTES  ((size_t)32)
#define ID_LENGTH (2 * ID_BYTES)

G_STATIC_ASSERT(ID_BYTES == SHA256_DIGEST_SIZE);

struct Hasher {
    struct sha256_ctx context;
};

static char *bytes_to_hex(const unsigned char bytes[ID_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    char text[ID_LENGTH + 1];

    for (size_t i = 0; i < ID_BYTES; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 0xf];
    }
    text[ID_LENGTH] = '\0';
    return g_strdup(text);
}

Hasher *hasher_new(void)
{
    Hasher *hasher = g_new(Hasher, 1);

    sha256_init(&hasher->context);
    return hasher;
}

void hasher_free(Hasher *hasher)
{
    g_free(hasher);
}

void hasher_add(Hasher *hasher, const void *data, size_t length)
{
    sha256_update(&hasher->context, length, data);
}

char *hasher_finish(Hasher *taken_hasher)
{
    g_autoptr(Hasher) hasher = taken_hasher;
    unsigned char bytes[ID_BYTES];

    sha256_digest(&hasher->context, sizeof(bytes), bytes);
    return bytes_to_hex(bytes);
}

char *sha256_hex(const void *data, size_t length)
{
    Hasher *hasher = hasher_new();

    if (length > 0)
        hasher_add(hasher, data, length);
    return hasher_finish(hasher);
}

char *id_random(void)
{
    unsigned char bytes[ID_BYTES];

    /* Up to 256 bytes come whole, and waiting for the kernel's seed is over once init runs. */
    ssize_t got = getrandom(bytes, sizeof(bytes), 0);

    g_assert(got == (ssize_t)sizeof(bytes));
    return bytes_to_hex(bytes);
}

bool id_is_valid(const char *text)
{
    return text != NULL && strlen(text) == ID_LENGTH &&
           strspn(text, "0123456789abcdef") == ID_LENGTH;
}

int64_t id_lock_offset(const char *id)
{
    g_autofree char *digits = g_strndup(id, 15);

    return (int64_t)g_ascii_strtoull(digits, NULL, 16);
}
