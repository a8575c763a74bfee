/* SPDX-License-Identifier: Apache-2.0 */
/* Checksums by GLib, randomness by the kernel. An id and a SHA-256 have the same form. */
#include "base/digest.h"

#include <string.h>
#include <sys/random.h>

#define ID_BYTES  ((size_t)32)
#define ID_LENGTH (2 * ID_BYTES)

char *sha256_hex(const void *data, size_t length)
{
    /* GLib takes a NULL pointer for a mistake, even with nothing to read. */
    return g_compute_checksum_for_data(G_CHECKSUM_SHA256, length > 0 ? data : (const void *)"",
                                       length);
}

char *id_random(void)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[ID_BYTES];
    char text[ID_LENGTH + 1];

    /* Up to 256 bytes come whole, and waiting for the kernel's seed is over once init runs. */
    ssize_t got = getrandom(bytes, sizeof(bytes), 0);

    g_assert(got == (ssize_t)sizeof(bytes));
    for (size_t i = 0; i < ID_BYTES; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 0xf];
    }
    text[ID_LENGTH] = '\0';
    return g_strdup(text);
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
