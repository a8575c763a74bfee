/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What to do with a container in whose operation a floe was killed: the record's intent says which
 * it was.
 */
#pragma once

#include "engine/container.h"

/*
 * Complete or undo it, by what is found, and save. Under the container's lock, with a fresh record
 * that has an intent.
 */
bool container_heal(floe_container *ctr, GError **error);
