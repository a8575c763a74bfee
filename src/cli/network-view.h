/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A network as templates see it: with the names that podman's Go structs have for what JSON calls
 * otherwise.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

/* A new object; what the network does not have is empty there. */
json_t *network_view(const json_t *network);

/* The same for a row of the list: the labels are one text, and the id may be cut to twelve digits. */
json_t *network_row(const json_t *network, bool truncates);
