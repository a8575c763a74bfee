/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The secrets that a container has. As a file it has a copy of its own from its creation on, in
 * ROOT/containers/ID/secrets, which is bound into it; in the environment it has what the secret of that
 * name holds when a process begins. Nothing of either is in its record.
 */
#pragma once

#include "engine/container.h"
#include "oci/spec.h"

/*
 * Make the copies that are missing, which all are in the beginning. NOT_FOUND: a secret is not there.
 */
bool container_secrets_copy(floe_container *ctr, GError **error);

/* At the creation of a container that is on record by now, which goes again if that fails. */
bool container_secrets_take(floe_container *ctr, GError **error);

/* Before a start or a restore: the copies, and where they are mounted. */
bool container_secrets_prepare(floe_container *ctr, GError **error);

/* What of the host is bound into it: array of SpecFile, whose texts are the paths' and the record's. */
GArray *container_secrets_files(const floe_container *ctr, GPtrArray *texts);

/* Add its variables to an environment (freed with g_strfreev()). NOT_FOUND, INVALID. */
bool container_secrets_environment(const floe_container *ctr, char ***environment, GError **error);

/* "NAME=value" of one that is in the environment. INVALID: it holds a NUL byte. */
bool container_secret_assignment(floe_engine *engine, const SecretConfig *secret, char **ret_text,
                                 GError **error);

/* Is one bound there as a file? */
bool container_secret_is_at(const ContainerConfig *config, const char *destination);

/* Is it a file at all that any of them is? Then SECRETS_DIR is bound, too. */
bool container_secrets_have_files(const ContainerConfig *config);

/* Is this what of the host is bound for one of them, or for SECRETS_DIR? */
bool container_secret_is_from(const floe_container *ctr, const char *source);

/* Is it the value of a variable that is a secret: "NAME=value"? */
bool container_secret_is(const ContainerConfig *config, const char *assignment);
