/* SPDX-License-Identifier: Apache-2.0 */
/* What users write of the secrets that a container has, and where it has them. */
#pragma once

#include "engine/create-options.h"

#define SECRETS_DIR     "/run/secrets" /* in the container */
#define SECRET_MODE_MAX 0777

void secret_config_free(SecretConfig *secret);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SecretConfig, secret_config_free)

/*
 * Where it is in the container as a file: `target` (NULL or "": its name) is absolute, or below
 * SECRETS_DIR. INVALID: over the root, inside /proc.
 */
bool secret_config_place(SecretConfig *secret, const char *target, GError **error);

/* INVALID: no name that a variable can have. */
bool secret_config_name_variable(SecretConfig *secret, const char *name, GError **error);

/* Add it; one that has the same place goes. */
void secret_config_add(ContainerConfig *config, SecretConfig *taken_secret);

/*
 * The container's, of "NAME[,type=mount|env][,target=][,uid=][,gid=][,mode=]". INVALID, NOT_FOUND,
 * AMBIGUOUS.
 */
bool secret_options_apply(const CreateInput *input, ContainerConfig *config, GError **error);
