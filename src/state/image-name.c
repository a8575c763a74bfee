/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of images. The grammar is that of the OCI world's references (distribution/reference,
 * regexp.go); what a name without a host means is podman's: localhost/ for one's own, docker.io/
 * for the others.
 */
#include "state/image-name.h"

#include "base/digest.h"

#include <string.h>

#define NAME_MAX_LENGTH      255 /* host and path; distribution/reference, NameTotalLengthMax */
#define REFERENCE_MAX_LENGTH 1024

#define LABEL     "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
#define HOST      "^(?:" LABEL "(?:\\." LABEL ")*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?\\z"
#define COMPONENT "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*"
#define PATH      "^" COMPONENT "(?:/" COMPONENT ")*\\z"
#define TAG       "^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}\\z"
#define DIGEST    "^[a-zA-Z][a-zA-Z0-9]*(?:[-_+.][a-zA-Z][a-zA-Z0-9]*)*:[a-fA-F0-9]{32,}\\z"

typedef struct Reference {
    char *host; /* NULL: none */
    char *path;
    char *version; /* ":tag" or "@digest" */
} Reference;

#define REFERENCE_NONE ((Reference){ .host = NULL })

static void reference_clear(Reference *reference)
{
    g_free(reference->host);
    g_free(reference->path);
    g_free(reference->version);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reference, reference_clear)

static bool matches(const char *pattern, const char *text)
{
    return g_regex_match_simple(pattern, text, G_REGEX_RAW, 0);
}

static bool invalid(const char *name, const char *reason, GError **error)
{
    err_set(error, FLOE_ERROR_INVALID, "image name '%s': invalid reference format: %s", name,
            reason);
    return false;
}

/* Cut the tag or digest off `rest`. One that has both is found by its digest, as podman has it. */
static bool cut_version(const char *name, char *rest, char **ret_version, GError **error)
{
    char *digest = strchr(rest, '@');
    char *tag = NULL;

    if (digest != NULL)
        *digest++ = '\0';
    tag = strrchr(rest, ':');
    if (tag != NULL && strchr(tag, '/') == NULL)
        *tag++ = '\0';
    else
        tag = NULL;

    if (tag != NULL && !matches(TAG, tag))
        return invalid(name, "the tag is up to 128 letters, digits, '_', '.' and '-'", error);
    if (digest != NULL && !matches(DIGEST, digest))
        return invalid(name, "the digest is not an algorithm, ':' and hex digits", error);
    if (digest != NULL && g_str_has_prefix(digest, "sha256:") &&
        strlen(digest) != strlen("sha256:") + 64)
        return invalid(name, "a sha256 digest has 64 hex digits", error);
    *ret_version = digest != NULL ? g_strconcat("@", digest, NULL)
                                  : g_strconcat(":", tag != NULL ? tag : "latest", NULL);
    return true;
}

/* The first component, if it can only be a host. */
static char *cut_host(char **rest)
{
    char *slash = strchr(*rest, '/');
    g_autofree char *first = NULL;

    if (slash == NULL)
        return NULL;
    first = g_strndup(*rest, (gsize)(slash - *rest));
    if (strpbrk(first, ".:") == NULL && strcmp(first, "localhost") != 0)
        return NULL;
    *rest = slash + 1;
    return g_steal_pointer(&first);
}

static bool check_path(const char *name, const Reference *reference, GError **error)
{
    const char *host = reference->host != NULL ? reference->host : "";

    if (matches(PATH, reference->path)) {
        if (strlen(host) + 1 + strlen(reference->path) > NAME_MAX_LENGTH)
            return invalid(name, "longer than 255 characters", error);
        if (reference->host == NULL && id_is_valid(reference->path))
            return invalid(name, "64 hex digits are an ID, not a name", error);
        return true;
    }

    g_autofree char *lower = g_ascii_strdown(reference->path, -1);

    if (matches(PATH, lower))
        return invalid(name, "repository name must be lowercase", error);
    return invalid(name,
                   "the name is lower-case letters and digits with '.', '_', '-' or '/' between",
                   error);
}

static bool reference_parse(const char *name, Reference *ret_reference, GError **error)
{
    if (strlen(name) > REFERENCE_MAX_LENGTH) {
        err_set(error, FLOE_ERROR_INVALID,
                "image name '%.64s...': invalid reference format: longer than %d characters", name,
                REFERENCE_MAX_LENGTH);
        return false;
    }

    g_auto(Reference) reference = REFERENCE_NONE;
    g_autofree char *copy = g_strdup(name);
    char *rest = copy;

    if (!cut_version(name, rest, &reference.version, error))
        return false;
    reference.host = cut_host(&rest);
    reference.path = g_strdup(rest);
    if (reference.host != NULL && !matches(HOST, reference.host))
        return invalid(name, "the part before the first '/' is not a host name", error);
    if (!check_path(name, &reference, error))
        return false;

    *ret_reference = reference;
    reference = REFERENCE_NONE;
    return true;
}

/* Docker's registry keeps names of one component under library/. */
char *image_name_join(const char *host, const char *path, const char *version)
{
    bool is_library = strcmp(host, "docker.io") == 0 && strchr(path, '/') == NULL;

    return g_strconcat(host, is_library ? "/library/" : "/", path, version, NULL);
}

static char *full_name(const char *host, const Reference *reference)
{
    return image_name_join(host, reference->path, reference->version);
}

char *image_name_repository(const char *full_name)
{
    const char *end = strchr(full_name, '@');

    if (end == NULL)
        end = strrchr(full_name, ':');
    if (end == NULL || strchr(end, '/') != NULL) /* a port's colon */
        return g_strdup(full_name);
    return g_strndup(full_name, (gsize)(end - full_name));
}

bool image_name_split(const char *name, char **ret_host, char **ret_path, char **ret_version,
                      GError **error)
{
    g_auto(Reference) reference = REFERENCE_NONE;

    if (!reference_parse(name, &reference, error))
        return false;
    *ret_host = g_steal_pointer(&reference.host);
    *ret_path = g_steal_pointer(&reference.path);
    *ret_version = g_steal_pointer(&reference.version);
    return true;
}

bool image_name_normalize(const char *name, char **ret_full_name, GError **error)
{
    g_auto(Reference) reference = REFERENCE_NONE;

    if (!reference_parse(name, &reference, error))
        return false;
    *ret_full_name = full_name(reference.host != NULL ? reference.host : "localhost", &reference);
    return true;
}

bool image_name_expand(const char *name, char ***ret_full_names, char **ret_tail, GError **error)
{
    g_auto(Reference) reference = REFERENCE_NONE;
    char **names = NULL;

    if (!reference_parse(name, &reference, error))
        return false;
    names = g_new0(char *, 3);
    if (reference.host != NULL) {
        names[0] = full_name(reference.host, &reference);
    } else {
        names[0] = full_name("localhost", &reference);
        names[1] = full_name("docker.io", &reference);
    }
    *ret_full_names = names;
    *ret_tail = reference.host != NULL ? NULL
                                       : g_strconcat("/", reference.path, reference.version, NULL);
    return true;
}
