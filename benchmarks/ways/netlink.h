/* Just enough rtnetlink for the floor: one message at a time, each with its acknowledgement. */
#ifndef NETLINK_H
#define NETLINK_H

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static inline void die(const char *what) {
    fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
    exit(1);
}

struct message {
    struct nlmsghdr header;
    union {
        struct ifinfomsg link;
        struct ifaddrmsg address;
    };
    char attributes[512];
};

static inline void begin(struct message *m, int type, int flags, size_t body) {
    memset(m, 0, sizeof *m);
    m->header.nlmsg_type = type;
    m->header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
    m->header.nlmsg_len = NLMSG_LENGTH(body);
}

static inline struct rtattr *attribute(struct message *m, int type, const void *data, size_t size) {
    struct rtattr *a = (void *)((char *)m + NLMSG_ALIGN(m->header.nlmsg_len));
    a->rta_type = type;
    a->rta_len = RTA_LENGTH(size);
    if (size)
        memcpy(RTA_DATA(a), data, size);
    m->header.nlmsg_len = NLMSG_ALIGN(m->header.nlmsg_len) + RTA_ALIGN(a->rta_len);
    return a;
}

static inline void text(struct message *m, int type, const char *value) {
    attribute(m, type, value, strlen(value) + 1);
}

static inline void close_nest(struct message *m, struct rtattr *nest) {
    nest->rta_len = (char *)m + m->header.nlmsg_len - (char *)nest;
}

static inline int route_socket(void) {
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd < 0)
        die("socket(AF_NETLINK)");
    return fd;
}

static inline void transact(int fd, struct message *m, const char *what) {
    char answer[4096];
    struct nlmsghdr *h = (void *)answer;
    if (send(fd, m, m->header.nlmsg_len, 0) < 0 || recv(fd, answer, sizeof answer, 0) < 0)
        die(what);
    errno = h->nlmsg_type == NLMSG_ERROR ? -((struct nlmsgerr *)NLMSG_DATA(h))->error : EPROTO;
    if (errno)
        die(what);
}

/* A switch that floods multicast as a wire would. */
static inline void add_bridge(int fd, const char *name) {
    struct message m;
    begin(&m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof m.link);
    m.link.ifi_flags = m.link.ifi_change = IFF_UP;
    text(&m, IFLA_IFNAME, name);
    struct rtattr *info = attribute(&m, IFLA_LINKINFO, NULL, 0);
    text(&m, IFLA_INFO_KIND, "bridge");
    struct rtattr *data = attribute(&m, IFLA_INFO_DATA, NULL, 0);
    attribute(&m, IFLA_BR_MCAST_SNOOPING, "", 1);
    close_nest(&m, data);
    close_nest(&m, info);
    transact(fd, &m, "new bridge");
}

/* A veth: `name` here (a port of `master`, if not 0) and eth0 in the namespace of `pid`. */
static inline void add_veth(int fd, const char *name, uint32_t master, uint32_t pid) {
    struct message m;
    struct ifinfomsg peer = {0};
    begin(&m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof m.link);
    m.link.ifi_flags = m.link.ifi_change = IFF_UP;
    text(&m, IFLA_IFNAME, name);
    if (master)
        attribute(&m, IFLA_MASTER, &master, sizeof master);
    struct rtattr *info = attribute(&m, IFLA_LINKINFO, NULL, 0);
    text(&m, IFLA_INFO_KIND, "veth");
    struct rtattr *data = attribute(&m, IFLA_INFO_DATA, NULL, 0);
    struct rtattr *other = attribute(&m, VETH_INFO_PEER, &peer, sizeof peer);
    text(&m, IFLA_IFNAME, "eth0");
    attribute(&m, IFLA_NET_NS_PID, &pid, sizeof pid);
    close_nest(&m, other);
    close_nest(&m, data);
    close_nest(&m, info);
    transact(fd, &m, "new veth");
}

static inline void set_up(int fd, int index) {
    struct message m;
    begin(&m, RTM_NEWLINK, 0, sizeof m.link);
    m.link.ifi_index = index;
    m.link.ifi_flags = m.link.ifi_change = IFF_UP;
    transact(fd, &m, "link up");
}

static inline void add_address(int fd, int index, const void *address, int prefix) {
    struct message m;
    uint32_t flags = IFA_F_NODAD | IFA_F_PERMANENT;
    begin(&m, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof m.address);
    m.address.ifa_family = AF_INET6;
    m.address.ifa_prefixlen = prefix;
    m.address.ifa_index = index;
    attribute(&m, IFA_LOCAL, address, 16);
    attribute(&m, IFA_FLAGS, &flags, sizeof flags);
    transact(fd, &m, "new address");
}

#endif
