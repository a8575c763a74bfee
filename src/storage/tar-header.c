/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/tar-header.h"

#include <string.h>
#include <sys/sysmacros.h>

/* --- records ---------------------------------------------------------------------------------- */

/* One record, "<length> <key>=<value>\n"; the length counts its own digits. */
static void pax_add(GString *pax, const char *key, const void *value, size_t length)
{
    size_t rest = strlen(" ") + strlen(key) + strlen("=") + length + strlen("\n");
    char number[24];
    size_t total = rest;

    for (size_t before = 0; before != total;) {
        before = total;
        total = rest + (size_t)g_snprintf(number, sizeof(number), "%zu", total);
    }
    g_string_append_printf(pax, "%s %s=", number, key);
    g_string_append_len(pax, value, (gssize)length);
    g_string_append_c(pax, '\n');
}

void pax_add_text(GString *pax, const char *key, const char *text)
{
    pax_add(pax, key, text, strlen(text));
}

void pax_add_number(GString *pax, const char *key, int64_t number)
{
    char text[24];

    g_snprintf(text, sizeof(text), "%" G_GINT64_FORMAT, number);
    pax_add_text(pax, key, text);
}

/* --- fields ----------------------------------------------------------------------------------- */

/* Octal digits; 0 and false when there is no room for the number. */
static bool octal_put(char *field, size_t size, int64_t number)
{
    bool fits = number >= 0 && number < ((int64_t)1 << (3 * (size - 1)));

    g_snprintf(field, (gulong)size, "%0*" G_GINT64_MODIFIER "o", (int)size - 1,
               fits ? (guint64)number : 0);
    return fits;
}

static void number_put(char *field, size_t size, int64_t number, const char *key, GString *pax)
{
    if (!octal_put(field, size, number))
        pax_add_number(pax, key, number);
}

/* What is too long, or not ASCII, gets a pax record; the field has the beginning of it. */
static void text_put(char *field, size_t size, const char *text, const char *key, GString *pax)
{
    size_t length = strlen(text);

    memcpy(field, text, MIN(length, size));
    if (length > size || !g_str_is_ascii(text))
        pax_add(pax, key, text, length);
}

/* A fraction is a decimal one: 1.5 s before 1970 are tv_sec -2 with tv_nsec 500000000. */
static void time_put(char *field, size_t size, const struct timespec *time, GString *pax)
{
    gint64 seconds = time->tv_sec;
    long nanoseconds = time->tv_nsec;
    bool is_negative = seconds < 0;
    char text[40];

    if (nanoseconds == 0) {
        number_put(field, size, seconds, "mtime", pax);
        return;
    }
    octal_put(field, size, seconds);
    if (is_negative) {
        seconds = -(seconds + 1);
        nanoseconds = 1000000000 - nanoseconds;
    }
    g_snprintf(text, sizeof(text), "%s%" G_GINT64_FORMAT ".%09ld", is_negative ? "-" : "", seconds,
               nanoseconds);
    pax_add_text(pax, "mtime", text);
}

/*
 * Readers end a key at its first "=". A name that has one goes the way that libarchive has for all:
 * both name and value encoded.
 */
static void xattr_put(const TreeXattr *xattr, GString *pax)
{
    if (strchr(xattr->name, '=') == NULL) {
        g_autofree char *key = g_strconcat("SCHILY.xattr.", xattr->name, NULL);

        pax_add(pax, key, xattr->value, xattr->size);
        return;
    }

    g_autofree char *name = g_uri_escape_string(xattr->name, NULL, FALSE);
    g_autofree char *key = g_strconcat("LIBARCHIVE.xattr.", name, NULL);
    g_autofree char *value = g_base64_encode(xattr->value, xattr->size);

    pax_add_text(pax, key, value);
}

/* --- headers ---------------------------------------------------------------------------------- */

/* The sum of all bytes, its own field counted as spaces. */
static void header_sign(TarHeader *header)
{
    const unsigned char *bytes = (const unsigned char *)header;
    unsigned int sum = 0;

    memset(header->checksum, ' ', sizeof(header->checksum));
    for (size_t i = 0; i < sizeof(*header); i++)
        sum += bytes[i];
    g_snprintf(header->checksum, sizeof(header->checksum) - 1, "%06o", sum);
}

static void header_init(TarHeader *header, TarType type, mode_t mode)
{
    *header = (TarHeader){ .type = (char)type, .version = { '0', '0' } };
    memcpy(header->magic, "ustar", sizeof(header->magic));
    octal_put(header->mode, sizeof(header->mode), mode & 07777);
}

void tar_header_of_pax(TarHeader *ret_header, const char *path, const GString *pax)
{
    g_autofree char *leaf = g_path_get_basename(path);
    g_autofree char *name = g_strconcat("PaxHeaders/", leaf, NULL);

    header_init(ret_header, TAR_PAX, 0644);
    memcpy(ret_header->name, name, MIN(strlen(name), sizeof(ret_header->name)));
    octal_put(ret_header->uid, sizeof(ret_header->uid), 0);
    octal_put(ret_header->gid, sizeof(ret_header->gid), 0);
    octal_put(ret_header->size, sizeof(ret_header->size), (int64_t)pax->len);
    octal_put(ret_header->mtime, sizeof(ret_header->mtime), 0);
    header_sign(ret_header);
}

void tar_header_of_entry(TarHeader *ret_header, const TreeEntry *entry, TarType type,
                         const char *link, int64_t size, GString *pax)
{
    TarHeader header;

    /* Must precede the names: without it they are UTF-8. */
    if (!g_utf8_validate(entry->path, -1, NULL) || !g_utf8_validate(link, -1, NULL))
        pax_add_text(pax, "hdrcharset", "BINARY");

    header_init(&header, type, entry->mode);
    text_put(header.name, sizeof(header.name), entry->path, "path", pax);
    text_put(header.link, sizeof(header.link), link, "linkpath", pax);
    number_put(header.uid, sizeof(header.uid), entry->uid, "uid", pax);
    number_put(header.gid, sizeof(header.gid), entry->gid, "gid", pax);
    number_put(header.size, sizeof(header.size), size, "size", pax);
    time_put(header.mtime, sizeof(header.mtime), &entry->mtime, pax);
    number_put(header.major, sizeof(header.major), major(entry->device), "SCHILY.devmajor", pax);
    number_put(header.minor, sizeof(header.minor), minor(entry->device), "SCHILY.devminor", pax);
    for (size_t i = 0; i < entry->n_xattrs; i++)
        xattr_put(&entry->xattrs[i], pax);
    header_sign(&header);
    *ret_header = header;
}
