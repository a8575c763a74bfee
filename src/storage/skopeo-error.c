/* SPDX-License-Identifier: Apache-2.0 */
/*
 * skopeo ends with a line of logrus's: time="..." level=fatal msg="what: why: deeper". The causes are
 * texts of containers/image, of the registry (distribution's error codes) and of Go's net and crypto.
 */
#include "storage/skopeo-error.h"

#include <string.h>

#define MESSAGE_MAX 2000

static const struct {
    const char *part; /* of the message */
    floe_error_code code;
    const char *words;
} causes[] = {
    { "no such host", FLOE_ERROR_NETWORK, "there is no such registry" },
    { "server misbehaving", FLOE_ERROR_NETWORK, "the registry's name cannot be looked up" },
    { "Temporary failure in name resolution", FLOE_ERROR_NETWORK,
      "the registry's name cannot be looked up" },
    { "connection refused", FLOE_ERROR_NETWORK, "no registry answers there" },
    { "server gave HTTP response to HTTPS client", FLOE_ERROR_NETWORK,
      "the registry does not speak TLS; --tls-verify=false goes without" },
    { "x509:", FLOE_ERROR_NETWORK,
      "the registry's certificate is not trusted; --cert-dir names a directory with its CA" },
    { "tls:", FLOE_ERROR_NETWORK, "TLS with the registry failed" },
    { "toomanyrequests", FLOE_ERROR_NETWORK, "the registry has had too many requests" },
    { "invalid username/password", FLOE_ERROR_NETWORK,
      "the registry does not accept this user and password; see 'floe login'" },
    { "authentication required", FLOE_ERROR_NETWORK,
      "the registry wants a login, or there is no such image; see 'floe login'" },
    { "unauthorized", FLOE_ERROR_NETWORK,
      "the registry wants a login, or there is no such image; see 'floe login'" },
    { "access to the resource is denied", FLOE_ERROR_NETWORK,
      "the registry wants a login, or there is no such image; see 'floe login'" },
    { "manifest unknown", FLOE_ERROR_NOT_FOUND, "the registry has no such image or tag" },
    { "name unknown", FLOE_ERROR_NOT_FOUND, "the registry has no such image" },
    { "StatusCode: 404", FLOE_ERROR_NOT_FOUND, "the registry has no such image or tag" },
    { "no image found in manifest list for", FLOE_ERROR_NOT_FOUND,
      "the image is not there for this platform" },
    { "no image found in image index for", FLOE_ERROR_NOT_FOUND,
      "the image is not there for this platform" },
    { "no such file or directory", FLOE_ERROR_NOT_FOUND, "a file is missing" },
    { "identifier is not an image", FLOE_ERROR_NOT_FOUND, "there is no such image" },
    { "does not resolve to an image ID", FLOE_ERROR_NOT_FOUND, "there is no such image" },
    { "no space left on device", FLOE_ERROR_IO, "the disk is full" },
    { "i/o timeout", FLOE_ERROR_NETWORK, "the registry does not answer in time" },
    { "TLS handshake timeout", FLOE_ERROR_NETWORK, "the registry does not answer in time" },
    { "network is unreachable", FLOE_ERROR_NETWORK, "the registry cannot be reached" },
    { "no route to host", FLOE_ERROR_NETWORK, "the registry cannot be reached" },
    { "Digest did not match", FLOE_ERROR_INVALID, "a blob is not what its digest says" },
    { "digest mismatch", FLOE_ERROR_INVALID, "a blob is not what its digest says" },
    { "does not match expected sha256:", FLOE_ERROR_INVALID, "a blob is not what its digest says" },
    { "does not match provided manifest digest", FLOE_ERROR_INVALID,
      "the manifest is not what its digest says" },
    { "unexpected EOF", FLOE_ERROR_INVALID, "the data ends too early" },
    { "exceeded maximum allowed size", FLOE_ERROR_INVALID, "a document is too long" },
    { "rejected by policy", FLOE_ERROR_INVALID,
      "the signature policy (containers-policy.json(5)) does not allow it" },
};

/* Undo Go's strconv.Quote, as far as messages need it: \" \\ \n \t. */
static char *unquote(const char *text)
{
    g_autoptr(GString) plain = g_string_new(NULL);

    for (const char *at = text; *at != '\0' && *at != '"'; at++) {
        if (*at == '\\' && at[1] != '\0')
            at++, g_string_append_c(plain, *at == 'n' || *at == 't' ? ' ' : *at);
        else
            g_string_append_c(plain, *at);
    }
    return g_string_free(g_steal_pointer(&plain), FALSE);
}

/* Of the line "... level=fatal msg=...", without its quotes; else the last line. */
static char *error_message(const char *text)
{
    const char *fatal = g_strrstr(text, "level=fatal msg=");
    g_autofree char *line = NULL;
    g_auto(GStrv) lines = NULL;

    if (fatal != NULL) {
        fatal += strlen("level=fatal msg=");
        if (*fatal == '"')
            return unquote(fatal + 1);
        return g_strndup(fatal, strcspn(fatal, "\n"));
    }
    line = g_strstrip(g_strdup(text));
    return g_strdup(strrchr(line, '\n') != NULL ? strrchr(line, '\n') + 1 : line);
}

/* `Error parsing image name "docker://x": reading ...` has the name once more, which we say. */
static const char *skip_preamble(const char *message)
{
    const char *end = g_str_has_prefix(message, "Error parsing image name \"") ||
                              g_str_has_prefix(message, "initializing source ")
                          ? strstr(message, ": ")
                          : NULL;

    return end != NULL ? end + strlen(": ") : message;
}

bool skopeo_fail(const char *text, const char *status_text, GError **error)
{
    g_autofree char *message = error_message(text);
    const char *reason = skip_preamble(message);

    if (*reason == '\0')
        return err_set(error, FLOE_ERROR_IO, "skopeo: %s", status_text);
    for (size_t i = 0; i < G_N_ELEMENTS(causes); i++) {
        if (strstr(reason, causes[i].part) != NULL)
            return err_set(error, causes[i].code, "%s: %.*s", causes[i].words, MESSAGE_MAX, reason);
    }
    return err_set(error, FLOE_ERROR_IO, "skopeo: %.*s", MESSAGE_MAX, reason);
}
