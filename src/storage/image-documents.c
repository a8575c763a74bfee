/* SPDX-License-Identifier: Apache-2.0 */
/* What `podman import` writes, key by key, so that the image is the same wherever it goes. */
#include "storage/image-documents.h"

#include "base/clock.h"
#include "storage/image-manifest.h"

#include <sys/utsname.h>

const char *image_host_architecture(void)
{
    static struct utsname host;
    static const struct {
        const char *machine, *architecture;
    } names[] = {
        { "x86_64", "amd64" },
        { "aarch64", "arm64" },
        { "armv7l", "arm" },
        { "armv6l", "arm" },
        { "i686", "386" },
        { "i386", "386" },
        { "ppc64le", "ppc64le" },
        { "s390x", "s390x" },
        { "riscv64", "riscv64" },
        { "mips64", "mips64le" },
        { "loongarch64", "loong64" },
    };

    uname(&host); /* fails for a bad pointer only */
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (g_str_equal(host.machine, names[i].machine))
            return names[i].architecture;
    }
    return host.machine;
}

static json_t *history_new(const char *diff_id_hex, const char *created, const char *comment)
{
    g_autofree char *created_by = g_strdup_printf("/bin/sh -c #(nop) ADD file:%s in /", diff_id_hex);
    json_t *step = json_pack("{s:s, s:s}", "created", created, "created_by", created_by);

    if (comment != NULL)
        json_object_set_new(step, "comment", json_string(comment));
    return json_pack("[o]", step);
}

json_t *image_config_new(json_t *config, const char *diff_id_hex, int64_t created_unix_ns,
                         const char *comment)
{
    g_autofree char *created = time_to_rfc3339(created_unix_ns);
    g_autofree char *diff_id = g_strconcat("sha256:", diff_id_hex, NULL);
    json_t *history = history_new(diff_id_hex, created, comment);

    return json_pack("{s:s, s:s, s:s, s:o, s:{s:s, s:[s]}, s:o}", "created", created,
                     "architecture", image_host_architecture(), "os", "linux", "config", config,
                     "rootfs", "type", "layers", "diff_ids", diff_id, "history", history);
}

json_t *image_descriptor_new(const char *media_type, const char *hex, int64_t size)
{
    g_autofree char *digest = g_strconcat("sha256:", hex, NULL);

    return json_pack("{s:s, s:s, s:I}", "mediaType", media_type, "digest", digest, "size",
                     (json_int_t)size);
}

json_t *image_descriptor_sized(const char *media_type, int64_t size, const char *digest)
{
    return json_pack("{s:s, s:I, s:s}", "mediaType", media_type, "size", (json_int_t)size, "digest",
                     digest);
}

/*
 * Docker's names for the same layers: opencontainers/image-spec, media-types.md, compatibility matrix.
 */
json_t *image_descriptor_oci(const json_t *descriptor)
{
    const char *type = json_string_value(json_object_get(descriptor, "mediaType"));
    json_t *copy = json_deep_copy(descriptor);

    if (type != NULL && g_str_has_prefix(type, MEDIA_TYPE_DOCKER_LAYER))
        json_object_set_new(copy, "mediaType",
                            json_string(g_str_has_suffix(type, ".gzip") ? MEDIA_TYPE_LAYER "+gzip"
                                                                        : MEDIA_TYPE_LAYER));
    return copy;
}

json_t *image_manifest_new(json_t *config_descriptor, json_t *layer_descriptor)
{
    return json_pack("{s:i, s:s, s:o, s:[o]}", "schemaVersion", 2, "mediaType", MEDIA_TYPE_MANIFEST,
                     "config", config_descriptor, "layers", layer_descriptor);
}
