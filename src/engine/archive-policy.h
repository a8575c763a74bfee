/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a container of an archive would have of this host beside what every container has. An archive
 * comes from anybody: such things need the word of the user, or of a container that is here with the
 * same id and has them, too. docs/decisions/ says why each is in the list.
 */
#pragma once

#include "engine/archive-config-read.h"
#include "oci/criu-privileges.h"

/* The words of --allow. */
#define ALLOW_MOUNTS       "mounts"
#define ALLOW_PRIVILEGED   "privileged"
#define ALLOW_CAPABILITIES "capabilities"
#define ALLOW_NAMESPACES   "namespaces"
#define ALLOW_SECCOMP      "seccomp"
#define ALLOW_SECRETS      "secrets"
#define ALLOW_ANNOTATIONS  "annotations"
#define ALLOW_IMAGE        "image"
#define ALLOW_HOST         "host"
#define ALLOW_ALL          "all"

/* Are all of these known? INVALID. */
bool allow_check(const char *const *allow, GError **error);

/* Is this word, or "all", among them? */
bool allow_has(const char *const *allow, const char *word);

/*
 * local: the configuration of a container of the same id that is here; NULL: there is none. INVALID
 * lists everything that is not allowed, and the words that would allow it.
 */
bool archive_policy_check(const ContainerRecord *record, const ContainerConfig *local,
                          const char *const *allow, GError **error);

/*
 * CRIU gives its processes what the images say, whatever the container's document says: more than
 * that one has, which is allowed by now, needs the same words. INVALID.
 */
bool archive_policy_check_processes(const ContainerConfig *config, const CriuPrivileges *privileges,
                                    const char *const *allow, GError **error);
