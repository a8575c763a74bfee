/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets in a dump of CRIU's, told in words. */
#pragma once

#include "base/json.h"
#include "base/protobuf.h"

/* Describe a socket by its message into the object. False: the message is broken. */
bool criu_socket_inet(ProtobufBytes message, json_t *object);
bool criu_socket_unix(ProtobufBytes message, json_t *object);
bool criu_socket_netlink(ProtobufBytes message, json_t *object);
bool criu_socket_packet(ProtobufBytes message, json_t *object);
