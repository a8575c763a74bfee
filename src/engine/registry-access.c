/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/registry-access.h"

#include "base/fd.h"
#include "base/json.h"
#include "engine/public-struct.h"

#include <string.h>
#include <sys/mman.h>

bool registry_options_read(const floe_registry_options *given, floe_registry_options *known,
                           GError **error)
{
    *known = (floe_registry_options)FLOE_REGISTRY_OPTIONS_INIT;
    return public_options(given, known, sizeof(*known), error);
}

/* {"auths": {HOST: {"auth": base64("user:password")}}}: containers-auth.json(5). */
static bool write_credentials(const char *credentials, const char *full_name, int *ret_fd,
                              GError **error)
{
    g_autofree char *host = g_strndup(full_name, strcspn(full_name, "/"));
    g_autofree char *coded = g_base64_encode((const guchar *)credentials, strlen(credentials));
    g_autoptr(JsonValue) document = json_pack("{s:{s:{s:s}}}", "auths", host, "auth", coded);
    g_autofree char *text = json_to_text(document);
    autofd int fd = memfd_create("floe-credentials", MFD_CLOEXEC);

    if (fd < 0)
        return err_set_errno(error, "make a file for credentials");
    if (!fd_write_all(fd, text, strlen(text), error))
        return false;
    *ret_fd = g_steal_fd(&fd);
    return true;
}

bool registry_access(const floe_registry_options *options, const char *full_name,
                     SkopeoAccess *ret_access, GError **error)
{
    SkopeoAccess access = SKOPEO_ACCESS_INIT;

    if (options->credentials != NULL && strchr(options->credentials, ':') == NULL)
        return err_set(error, FLOE_ERROR_INVALID, "credentials have the form user:password");
    access.authfile = options->authfile;
    access.cert_dir = options->cert_dir;
    access.tls_verify = options->tls_verify;
    if (options->credentials != NULL &&
        !write_credentials(options->credentials, full_name, &access.auth_fd, error))
        return false;
    *ret_access = access;
    return true;
}

void registry_access_clear(SkopeoAccess *access)
{
    fd_cleanup(&access->auth_fd);
}
