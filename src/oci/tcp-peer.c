/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /proc/PID/net/tcp and tcp6, a socket a line (net/ipv4/tcp_ipv4.c, get_tcp4_sock()):
 * "  1: 0200580A:18EB 0100580A:A1B2 01 00000000:00000000 00:00000000 00000000     0        0 12345 ..."
 * An address is one or four numbers of 32 bits, each of which is as it lies in memory.
 */
#include "oci/tcp-peer.h"

#include "base/fd.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLE_LIMIT (16 * 1024 * 1024)
#define DIGITS      8 /* of one number */
#define NUMBERS_MAX 4

static char *address_from_hex(const char *digits)
{
    size_t n = strlen(digits) / DIGITS;
    uint32_t numbers[NUMBERS_MAX] = { 0 };
    char text[INET6_ADDRSTRLEN];

    for (size_t i = 0; i < n && i < NUMBERS_MAX; i++) {
        g_autofree char *number = g_strndup(digits + i * DIGITS, DIGITS);

        numbers[i] = (uint32_t)strtoul(number, NULL, 16);
    }
    return g_strdup(inet_ntop(n == 1 ? AF_INET : AF_INET6, numbers, text, sizeof(text)));
}

static char *look_up(const char *table, unsigned long inode, unsigned int *ret_port)
{
    g_auto(GStrv) lines = g_strsplit(table, "\n", -1);

    for (char **line = lines; *line != NULL; line++) {
        char remote[NUMBERS_MAX * DIGITS + 1];
        unsigned int port = 0;
        unsigned long number = 0;

        if (sscanf(*line, "%*d: %*[0-9A-F]:%*x %32[0-9A-F]:%x %*x %*s %*s %*s %*u %*u %lu", remote,
                   &port, &number) == 3 &&
            number == inode) {
            *ret_port = port;
            return address_from_hex(remote);
        }
    }
    return NULL;
}

char *tcp_peer_address(pid_t pid, unsigned long inode, unsigned int *ret_port)
{
    static const char *const tables[] = { "tcp", "tcp6" };

    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++) {
        g_autofree char *path = g_strdup_printf("/proc/%d/net/%s", (int)pid, tables[i]);
        g_autofree char *table = NULL;
        char *address;

        if (!file_read(path, TABLE_LIMIT, &table, NULL, NULL))
            continue;
        address = look_up(table, inode, ret_port);
        if (address != NULL)
            return address;
    }
    return NULL;
}
