/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dockerfile instructions applied to an OCI image configuration ("config" object): --change of
 * import and commit.
 */
#pragma once

#include "base/json.h"

/*
 * CMD and ENTRYPOINT (shell form, or a JSON array), ENV K=V or K V (several K=V), WORKDIR, USER,
 * EXPOSE (several), ONBUILD, STOPSIGNAL, LABEL K=V (several, quoted), VOLUME (several, or a JSON
 * array). Case of the instruction does not matter. INVALID names the change and what is wrong.
 */
bool image_config_change(json_t *config, const char *instruction, GError **error);
