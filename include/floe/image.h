/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <floe/container.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct floe_import_options {
    size_t size;
    const char *reference; /* name[:tag] for the image; NULL: none. Short names get localhost/ */
    const char *const *changes; /* Dockerfile instructions: CMD ENTRYPOINT ENV WORKDIR USER EXPOSE
                                   ONBUILD STOPSIGNAL LABEL VOLUME; NULL-terminated, or NULL */
    const char *message;        /* comment in the image's history; NULL: none */
    const char *url;            /* http, https: what curl(1) fetches there, not fd; NULL: none */
    const char *os, *architecture, *variant; /* what the image says it is for, as Go calls it; NULL:
                                                this host's */
} floe_import_options;

#define FLOE_IMPORT_OPTIONS_INIT \
    { \
        sizeof(floe_import_options), 0, 0, 0, 0, 0, 0, 0 \
    }

/**
 * Make an image of one layer from a root file system's tar (plain, gzip or zstd, told by its
 * content).
 *
 * The tar is untrusted: names that leave the root and hard links to outside are refused; symbolic
 * links are kept as they are and resolved inside the root.
 * @fd       read to its end; stays the caller's.
 * @ret_id   64 hex digits, the digest of the image's configuration; freed with floe_free(); may be
 * NULL.
 * Errors: INVALID (not a tar, truncated, a bad entry or change: the text names it), IO; NETWORK,
 * MISSING_PART (curl) of a URL.
 * Formats: OCI image layout and image config 1.0 (opencontainers/image-spec).
 */
FLOE_API bool floe_image_import(floe_engine *engine, int fd, const floe_import_options *options,
                                char **ret_id, floe_error **error);

typedef struct floe_commit_options {
    size_t size;
    const char *reference; /* name[:tag] for the image; NULL: none. Short names get localhost/ */
    const char *author;    /* NULL: none */
    const char *message;   /* comment in the image's history; NULL: none */
    const char *const *changes; /* Dockerfile instructions: those of floe_import_options */
    const char *format;         /* "oci", "docker"; NULL: the first */
    bool pause;                 /* hold a running container still meanwhile */
    bool include_volumes;       /* what the user mounted becomes a volume of the image */
    bool squash;                /* one layer of all that is in the root */
} floe_commit_options;

#define FLOE_COMMIT_OPTIONS_INIT \
    { \
        sizeof(floe_commit_options), 0, 0, 0, 0, 0, false, false, false \
    }

/**
 * Make an image of a container: its image's layers and one more of what it has changed, with the
 * configuration that it runs by.
 *
 * What is mounted in it (volumes, tmpfs, /etc/hosts ...) is not part of it. The container goes on;
 * with options->pause its processes stand still while its files are read. Blocks.
 * States: any but removing; the state stays.
 * @options  NULL: FLOE_COMMIT_OPTIONS_INIT.
 * @ret_id   64 hex digits, the digest of the image's configuration; freed with floe_free(); may be
 *           NULL.
 * Errors: BAD_STATE, REMOVED (it went meanwhile), INVALID (a name, a change; a file whose name begins
 * with ".wh.", which a layer cannot have), IO, RUNTIME (the pause failed).
 * Formats: OCI image config and layers 1.0 (opencontainers/image-spec), docker's manifest v2 schema 2.
 */
FLOE_API bool floe_container_commit(floe_container *container, const floe_commit_options *options,
                                    char **ret_id, floe_error **error);

/**
 * Build an image with buildah, which sees the images that are here, and whose result is one of them
 * then; so is what it had to pull. Its cache is kept below the engine's root. Blocks.
 *
 * buildah has this process's standard input, output and error. If this process is killed it goes on to
 * its end, of use for the next build only.
 * @arguments   of `buildah build` (buildah-build(1)), NULL-terminated; among the ones that come before
 *              them are --layers, --pull=false and --runtime.
 * @ret_status  buildah's exit status; not 0: it has said why, and there is no image.
 * @ret_id      64 hex digits, or NULL: no image was made; freed with floe_free(); may be NULL.
 * Errors: MISSING_PART (buildah is not installed), UNSUPPORTED (a list for several platforms),
 * INVALID, IO.
 */
FLOE_API bool floe_image_build(floe_engine *engine, const char *const *arguments, int *ret_status,
                               char **ret_id, floe_error **error);

/**
 * Remove what builds have kept for the next ones: if `all` is false only what no build can use any
 * more. While one is at work nothing happens.
 * Errors: IO, MISSING_PART (buildah, whose containers of a killed build are in the way).
 */
FLOE_API bool floe_build_cache_prune(floe_engine *engine, bool all, floe_error **error);

typedef enum floe_pull_policy {
    FLOE_PULL_MISSING = 0, /* what is not here */
    FLOE_PULL_ALWAYS = 1,
    FLOE_PULL_NEWER = 2, /* what is not here, or not as the registry has it now, which may be silent */
    FLOE_PULL_NEVER = 3,
} floe_pull_policy;

/** How to speak to a registry. NULL: as the machine's configuration says (containers-auth.json(5)). */
typedef struct floe_registry_options {
    size_t size;
    const char *authfile;
    const char *credentials; /* "user:password" */
    const char *cert_dir;    /* with *.crt, *.cert, *.key */
    int tls_verify; /* 0: no, 1: yes, -1: as registries.conf says, which is yes by default */
} floe_registry_options;

#define FLOE_REGISTRY_OPTIONS_INIT \
    { \
        sizeof(floe_registry_options), 0, 0, 0, -1 \
    }

/** Asked which of several full names is meant: its index, or -1: none. Valid during the call. */
typedef int (*floe_name_chooser)(const char *const *full_names, void *data);

typedef struct floe_pull_options {
    size_t size;
    floe_pull_policy policy;
    const floe_registry_options *registry; /* NULL: FLOE_REGISTRY_OPTIONS_INIT */
    const char *os;                        /* of the platform to choose; NULL: this host's */
    const char *architecture;              /* as Go calls it: "amd64", "arm64" */
    const char *variant;
    int progress_fd;          /* a terminal that is told how far it is; -1: none */
    floe_name_chooser choose; /* of a short name that may be of several registries; what is chosen
                                 is noted for the machine. NULL: as short-name-mode says */
    void *choose_data;
    int retry; /* try so often again when the registry fails, but not when it has no such image */
    const char *retry_delay; /* "5s": the time before each; NULL: one second, two, four, ... */
} floe_pull_options;

#define FLOE_PULL_OPTIONS_INIT \
    { \
        sizeof(floe_pull_options), FLOE_PULL_MISSING, 0, 0, 0, 0, -1, 0, 0, 0, 0 \
    }

/**
 * Have an image here, as the policy says: pull it where it is missing, or in any case.
 *
 * What the store has of its layers does not come again; what comes is unpacked, several layers at a
 * time, and verified against both of its digests. Nothing is left when it fails; a pull that is
 * killed goes on with what it had when it is tried again. Blocks.
 * @name     as a user writes it: a short name stands for what registries.conf says; with a digest;
 *           an id of what is here; or a source as skopeo(1) has it: docker://, oci:, oci-archive:,
 *           docker-archive:, dir:, containers-storage:.
 * @options  NULL: FLOE_PULL_OPTIONS_INIT.
 * @ret_id, @ret_name  64 hex digits, and the full name that the image has here, or NULL when it has
 *           none or was named by its id; freed with floe_free(); each may be NULL.
 * Errors: NOT_FOUND (neither here nor there, or not for the platform), NETWORK (the registry cannot
 * be asked, or wants a login), INVALID (what came is damaged, or no image), IO, MISSING_PART.
 */
FLOE_API bool floe_image_pull(floe_engine *engine, const char *name,
                              const floe_pull_options *options, char **ret_id, char **ret_name,
                              floe_error **error);

/**
 * The tags that a registry has of an image's repository.
 *
 * @name      with or without a tag, which does not count; a short name stands for what registries.conf
 *            says, the first that answers.
 * @registry  NULL: FLOE_REGISTRY_OPTIONS_INIT.
 * @ret_repository, @ret_tags  "HOST/PATH", and its tags in alphabetical order; freed with
 *            floe_free() and floe_strv_free(); ret_repository may be NULL.
 * Errors: NOT_FOUND, NETWORK, INVALID (a name), MISSING_PART.
 */
FLOE_API bool floe_image_registry_tags(const char *name, const floe_registry_options *registry,
                                       char **ret_repository, char ***ret_tags, floe_error **error);

typedef struct floe_push_options {
    size_t size;
    const floe_registry_options *registry; /* NULL: FLOE_REGISTRY_OPTIONS_INIT */
    const char *format; /* of the manifest: "oci", "v2s2" (docker's); NULL: as the image has it */
    int progress_fd;    /* where skopeo shows how far it is; -1: nowhere */
} floe_push_options;

#define FLOE_PUSH_OPTIONS_INIT \
    { \
        sizeof(floe_push_options), 0, 0, -1 \
    }

/**
 * Copy an image from here to a registry, or to another place that skopeo(1) knows.
 *
 * @destination  a name, or TRANSPORT:PLACE; NULL: the registry that the image's name says.
 * @options      NULL: FLOE_PUSH_OPTIONS_INIT.
 * @ret_digest   of the manifest there, "sha256:HEX"; freed with floe_free(); may be NULL.
 * Errors: NOT_FOUND, AMBIGUOUS, INVALID (a checkpoint's image in docker's form, which would lose
 * what it is of), NETWORK, IO, MISSING_PART.
 */
FLOE_API bool floe_image_push(floe_engine *engine, const char *name, const char *destination,
                              const floe_push_options *options, char **ret_digest,
                              floe_error **error);

typedef struct floe_save_options {
    size_t size;
    const char *format; /* "docker-archive", "oci-archive", "docker-dir", "oci-dir"; NULL: the first */
    bool compress;      /* docker-dir: the layers too */
    const char *const *names;  /* docker-archive: more names for the image in it; NULL: none */
    int progress_fd;           /* -1: nowhere */
    const char *const *images; /* docker-archive: more images, by their names there; NULL: none */
} floe_save_options;

#define FLOE_SAVE_OPTIONS_INIT \
    { \
        sizeof(floe_save_options), 0, false, 0, -1, 0 \
    }

/**
 * Write an image, or several, as an archive or a directory.
 *
 * In an archive an image has the name by which it was named; one that was named several times is
 * there once, with all of its names.
 * @path     of a directory (which is made), or of an archive, which must not be there yet; NULL: an
 *           archive goes to `fd`.
 * @options  NULL: FLOE_SAVE_OPTIONS_INIT.
 * Errors: NOT_FOUND, AMBIGUOUS, EXISTS, INVALID (as floe_image_push()), IO, MISSING_PART.
 */
FLOE_API bool floe_image_save(floe_engine *engine, const char *name, const char *path, int fd,
                              const floe_save_options *options, floe_error **error);

/**
 * Take the images of an archive, docker's or OCI's, which the content tells.
 *
 * @fd         the archive, or (a directory) an OCI layout or what `skopeo copy ... dir:` makes;
 *             stays the caller's.
 * @options    only platform and progress count; NULL: FLOE_PULL_OPTIONS_INIT.
 * @ret_names  of the images, "sha256:HEX" for one without a name; freed with floe_strv_free(); may
 *             be NULL.
 * Errors: INVALID (no such archive, or damaged: the text names what), IO, MISSING_PART.
 */
FLOE_API bool floe_image_load(floe_engine *engine, int fd, const floe_pull_options *options,
                              char ***ret_names, floe_error **error);

/**
 * The id of an image or a list (floe/manifest.h) that is here.
 *
 * @ret_id  64 hex digits; freed with floe_free().
 * Errors: NOT_FOUND, AMBIGUOUS.
 */
FLOE_API bool floe_image_lookup(floe_engine *engine, const char *name, char **ret_id,
                                floe_error **error);

/**
 * Give an image one more name, which moves from the image that had it. A short one gets localhost/.
 *
 * Errors: NOT_FOUND, AMBIGUOUS, INVALID (no name).
 */
FLOE_API bool floe_image_tag(floe_engine *engine, const char *name, const char *new_name,
                             floe_error **error);

/**
 * Take a name off an image, which stays even without one.
 *
 * @tag  the name; NULL: all that it has.
 * Errors: NOT_FOUND (the image, or it does not have the name), AMBIGUOUS, INVALID.
 */
FLOE_API bool floe_image_untag(floe_engine *engine, const char *name, const char *tag,
                               floe_error **error);

/**
 * All images as a JSON array with the keys of `podman images --format json`: Id, Names, Digest,
 * Created (unix seconds), CreatedAt, Size (bytes), Labels, Containers, Dangling ...; newest first.
 * @ret_json  freed with floe_free().
 */
FLOE_API bool floe_image_list(floe_engine *engine, char **ret_json, floe_error **error);

/**
 * One image as a JSON object with the keys of `podman image inspect`.
 * @name  a name, an id or a unique id prefix.
 * Errors: NOT_FOUND, AMBIGUOUS.
 */
FLOE_API bool floe_image_inspect(floe_engine *engine, const char *name, char **ret_json,
                                 floe_error **error);

/**
 * How an image was made, the newest step first: a JSON array of objects with the keys of
 * `podman history --format json`: id, created, CreatedBy, size (bytes of the layer), comment.
 * @ret_json  freed with floe_free().
 * Errors: NOT_FOUND, AMBIGUOUS.
 */
FLOE_API bool floe_image_history(floe_engine *engine, const char *name, char **ret_json,
                                 floe_error **error);

/**
 * The layers of an image, lowest first, as a JSON object: Id, Tags, Size, Layers [{Id, Size,
 * TopLayerOf [names], Above [layers]}]. Above, which the topmost one has, are the layers that other
 * images have on top of this image, with the same keys.
 * @ret_json  freed with floe_free().
 * Errors: NOT_FOUND, AMBIGUOUS.
 */
FLOE_API bool floe_image_tree(floe_engine *engine, const char *name, char **ret_json,
                              floe_error **error);

typedef struct floe_image_prune_options {
    size_t size;
    bool all;                   /* those that have a name, too */
    const char *const *filters; /* "label=KEY[=VALUE]", "label!=...", "until=TIME"; NULL: none */
} floe_image_prune_options;

#define FLOE_IMAGE_PRUNE_OPTIONS_INIT \
    { \
        sizeof(floe_image_prune_options), false, 0 \
    }

/**
 * Delete the images without a name that no container uses.
 *
 * @options  NULL: FLOE_IMAGE_PRUNE_OPTIONS_INIT.
 * @ret_ids  of those that went; freed with floe_strv_free(); may be NULL.
 * Errors: INVALID (a filter), IO.
 */
FLOE_API bool floe_image_prune(floe_engine *engine, const floe_image_prune_options *options,
                               char ***ret_ids, floe_error **error);

/**
 * Mount an image's root file system on the host, to be read. Each call counts: the mount stays until as
 * many floe_image_unmount() have come, or a reboot. Meanwhile the image is not removed but by force.
 *
 * @ret_path  where; freed with floe_free().
 * Errors: NOT_FOUND, AMBIGUOUS, INVALID (it has no layers), IO.
 */
FLOE_API bool floe_image_mount(floe_engine *engine, const char *name, char **ret_path,
                               floe_error **error);

/**
 * Take back one floe_image_mount(), or with `force` all of them. Not mounted: success.
 *
 * @ret_id  64 hex digits; freed with floe_free(); may be NULL. Errors: NOT_FOUND, AMBIGUOUS, IO.
 */
FLOE_API bool floe_image_unmount(floe_engine *engine, const char *name, bool force, char **ret_id,
                                 floe_error **error);

/**
 * The images that are mounted on the host, as a JSON array with the keys of
 * `podman image mount --format json`: id, Names (digests), Repositories (names), mountpoint.
 * @ret_json  freed with floe_free().
 */
FLOE_API bool floe_image_mount_list(floe_engine *engine, char **ret_json, floe_error **error);

typedef struct floe_image_remove_options {
    size_t size;
    bool force; /* remove the containers that use it too, running ones included, and unmount it */
} floe_image_remove_options;

#define FLOE_IMAGE_REMOVE_OPTIONS_INIT \
    { \
        sizeof(floe_image_remove_options), false \
    }

/**
 * Take a name off an image; with its last name the image and the layers that no other image uses
 * go.
 *
 * @ret_untagged, @ret_deleted  the names taken off, and the id that was deleted or NULL; freed with
 *            floe_strv_free() and floe_free(); each may be NULL.
 * Errors: NOT_FOUND, AMBIGUOUS, IN_USE (containers use it: the text names them; or it is mounted).
 */
FLOE_API bool floe_image_remove(floe_engine *engine, const char *name,
                                const floe_image_remove_options *options, char ***ret_untagged,
                                char **ret_deleted, floe_error **error);

#ifdef __cplusplus
}
#endif
