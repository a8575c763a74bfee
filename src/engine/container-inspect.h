/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sections of what `container inspect` tells. Keys and types are podman's, so that scripts find
 * what they look for; a value that floe has nothing for is podman's empty one.
 */
#pragma once

#include "engine/container.h"

/* Config: what was asked for and does not depend on the host. */
json_t *inspect_config(const floe_container *ctr);

/* HostConfig: how it is tied to the host. */
json_t *inspect_host_config(const floe_container *ctr);

/* NetworkSettings. Of a container that shares another's network they are that one's. */
bool inspect_network(floe_container *ctr, json_t **ret_settings, GError **error);

/* {"80/tcp": [{"HostIp", "HostPort"}]}: what is published. */
json_t *inspect_published_ports(const ContainerConfig *config);

/* As in an image's configuration, in nanoseconds; null where there is none. */
json_t *inspect_health_check(const ContainerConfig *config);

/* A string value that is never null. */
json_t *inspect_text(const char *text);

/* An array of strings, empty for NULL. */
json_t *inspect_strings(char **strings);

/* An object's copy by reference, {} for NULL. */
json_t *inspect_object(json_t *object);
