/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers of families, types, protocols and states are the kernel's own. */
#include "oci/criu-sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#define ADDRESS_NUMBERS 4

/* The name of a number, or the number itself. */
static json_t *name_of(const char *const *names, size_t n_names, uint64_t number)
{
    if (number < n_names && names[number] != NULL)
        return json_string(names[number]);
    return json_sprintf("%" G_GUINT64_FORMAT, number);
}

static json_t *socket_type(uint64_t type)
{
    static const char *const names[] = {
        [SOCK_STREAM] = "stream",       [SOCK_DGRAM] = "dgram",   [SOCK_RAW] = "raw",
        [SOCK_SEQPACKET] = "seqpacket", [SOCK_PACKET] = "packet",
    };

    return name_of(names, G_N_ELEMENTS(names), type);
}

/* Sockets without connections are all "closed", which says nothing. */
static void set_state(json_t *object, uint64_t type, uint64_t state)
{
    static const char *const names[] = {
        [TCP_ESTABLISHED] = "established",
        [TCP_SYN_SENT] = "syn-sent",
        [TCP_SYN_RECV] = "syn-recv",
        [TCP_FIN_WAIT1] = "fin-wait-1",
        [TCP_FIN_WAIT2] = "fin-wait-2",
        [TCP_TIME_WAIT] = "time-wait",
        [TCP_CLOSE] = "closed",
        [TCP_CLOSE_WAIT] = "close-wait",
        [TCP_LAST_ACK] = "last-ack",
        [TCP_LISTEN] = "listening",
        [TCP_CLOSING] = "closing",
    };

    if (state != TCP_CLOSE || type == SOCK_STREAM)
        json_object_set_new(object, "State", name_of(names, G_N_ELEMENTS(names), state));
}

/* --- IPv4 and IPv6 ---------------------------------------------------------------------------- */

/* CRIU images/sk-inet.proto */
typedef struct InetSocket {
    uint64_t family, type, protocol, state, source_port, target_port;
} InetSocket;

static json_t *inet_protocol(const InetSocket *sock)
{
    switch (sock->protocol) {
    case IPPROTO_TCP: return json_string("tcp");
    case IPPROTO_UDP: return json_string("udp");
    case IPPROTO_UDPLITE: return json_string("udplite");
    case IPPROTO_ICMP: return json_string("icmp");
    case IPPROTO_ICMPV6: return json_string("icmp6");
    case IPPROTO_SCTP: return json_string("sctp");
    default: return json_sprintf("%" G_GUINT64_FORMAT, sock->protocol);
    }
}

/* Each number of an address is 32 bits as they lie in memory, on machines that begin at the low end. */
static bool inet_address(ProtobufBytes message, uint64_t number, const InetSocket *sock,
                         uint64_t port, json_t **ret_address)
{
    g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    uint32_t raw[ADDRESS_NUMBERS] = { 0 };
    char text[INET6_ADDRSTRLEN];
    bool is_v6 = sock->family == AF_INET6;

    if (!protobuf_integers(message, number, numbers))
        return false;
    for (size_t i = 0; i < numbers->len && i < ADDRESS_NUMBERS; i++)
        raw[i] = GUINT32_TO_LE((uint32_t)g_array_index(numbers, uint64_t, i));
    inet_ntop(is_v6 ? AF_INET6 : AF_INET, raw, text, sizeof(text));
    *ret_address = json_sprintf(is_v6 ? "[%s]:%u" : "%s:%u", text, (unsigned)(port & 0xffff));
    return true;
}

bool criu_socket_inet(ProtobufBytes message, json_t *object)
{
    static const ProtobufSlot slots[] = {
        PROTOBUF_INTEGER(3, InetSocket, family),      PROTOBUF_INTEGER(4, InetSocket, type),
        PROTOBUF_INTEGER(5, InetSocket, protocol),    PROTOBUF_INTEGER(6, InetSocket, state),
        PROTOBUF_INTEGER(7, InetSocket, source_port), PROTOBUF_INTEGER(8, InetSocket, target_port),
    };
    InetSocket sock = { 0 };
    json_t *source, *target;

    if (!protobuf_read(message, slots, G_N_ELEMENTS(slots), &sock) ||
        !inet_address(message, 11, &sock, sock.source_port, &source))
        return false;
    json_object_set_new(object, "Family", json_string(sock.family == AF_INET6 ? "inet6" : "inet"));
    json_object_set_new(object, "Type", socket_type(sock.type));
    json_object_set_new(object, "Protocol", inet_protocol(&sock));
    set_state(object, sock.type, sock.state);
    json_object_set_new(object, "Local", source);
    if (sock.target_port == 0)
        return true;
    if (!inet_address(message, 12, &sock, sock.target_port, &target))
        return false;
    json_object_set_new(object, "Remote", target);
    return true;
}

/* --- unix ------------------------------------------------------------------------------------- */

/* CRIU images/sk-unix.proto */
typedef struct UnixSocket {
    uint64_t inode, type, state, peer;
    ProtobufBytes name, directory;
} UnixSocket;

/* "@name" for an abstract one, whose name begins with a NUL and may hold others; "" for none. */
static char *unix_name(const UnixSocket *sock)
{
    size_t length = sock->name.length;
    g_autofree char *text = g_malloc0(length + 1);
    g_autofree char *directory = protobuf_text(sock->directory);

    if (length > 0)
        memcpy(text, sock->name.at, length);
    if (length > 0 && text[0] == '\0') {
        for (size_t i = 0; i < length; i++) {
            if (text[i] == '\0')
                text[i] = '@';
        }
    } else if (text[0] != '\0' && text[0] != '/' && directory[0] != '\0') {
        return g_build_filename(directory, text, NULL);
    }
    return g_steal_pointer(&text);
}

bool criu_socket_unix(ProtobufBytes message, json_t *object)
{
    static const ProtobufSlot slots[] = {
        PROTOBUF_INTEGER(2, UnixSocket, inode), PROTOBUF_INTEGER(3, UnixSocket, type),
        PROTOBUF_INTEGER(4, UnixSocket, state), PROTOBUF_INTEGER(8, UnixSocket, peer),
        PROTOBUF_PART(11, UnixSocket, name),    PROTOBUF_PART(14, UnixSocket, directory),
    };
    UnixSocket sock = { 0 };

    if (!protobuf_read(message, slots, G_N_ELEMENTS(slots), &sock))
        return false;

    g_autofree char *name = unix_name(&sock);

    json_object_set_new(object, "Family", json_string("unix"));
    json_object_set_new(object, "Type", socket_type(sock.type));
    set_state(object, sock.type, sock.state);
    json_object_set_new(object, "Inode", json_integer((json_int_t)(sock.inode & UINT32_MAX)));
    if (name[0] != '\0')
        json_object_set_new(object, "Local", json_from_string(name));
    if (sock.peer != 0)
        json_object_set_new(object, "Peer", json_integer((json_int_t)(sock.peer & UINT32_MAX)));
    return true;
}

/* --- others ----------------------------------------------------------------------------------- */

bool criu_socket_netlink(ProtobufBytes message, json_t *object)
{
    static const ProtobufSlot slot = { 3, PROTOBUF_VARINT, 0 };
    uint64_t protocol = 0;

    if (!protobuf_read(message, &slot, 1, &protocol))
        return false;
    json_object_set_new(object, "Family", json_string("netlink"));
    json_object_set_new(object, "Protocol", json_sprintf("%" G_GUINT64_FORMAT, protocol));
    return true;
}

bool criu_socket_packet(ProtobufBytes message, json_t *object)
{
    static const ProtobufSlot slot = { 2, PROTOBUF_VARINT, 0 }; /* CRIU images/packet-sock.proto */
    uint64_t type = 0;

    if (!protobuf_read(message, &slot, 1, &type))
        return false;
    json_object_set_new(object, "Family", json_string("packet"));
    json_object_set_new(object, "Type", socket_type(type));
    return true;
}
