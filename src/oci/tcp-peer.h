/* SPDX-License-Identifier: Apache-2.0 */
/* Who is at the other end of a TCP connection in a container. */
#pragma once

#include "base/error.h"

#include <sys/types.h>

/*
 * The remote address and port of the socket with this inode number, as a process in its network
 * namespace shows it (/proc/PID/net/tcp). NULL: there is no such socket. The caller's.
 */
char *tcp_peer_address(pid_t pid, unsigned long inode, unsigned int *ret_port);
