/* Waits until the kernel has taken away every network namespace that was dropped before.
 *
 * That work goes on after the last process has ended, and would be charged to whoever comes next.
 * Dropped namespaces are taken away in order: so drop one more, and wait for its end of a veth.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include "netlink.h"

int main(void) {
    struct sockaddr_nl links = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
    int ready[2];
    char byte;
    if (unshare(CLONE_NEWNET | (geteuid() ? CLONE_NEWUSER : 0)) || pipe(ready))
        die("unshare");
    pid_t holder = fork();
    if (holder == 0) {
        if (unshare(CLONE_NEWNET) || write(ready[1], "r", 1) != 1)
            die("unshare");
        pause();
    }
    if (holder < 0 || read(ready[0], &byte, 1) != 1)
        die("fork");
    int fd = route_socket(), news = route_socket();
    add_veth(fd, "settle", 0, holder);
    if (bind(news, (void *)&links, sizeof links))
        die("bind");
    kill(holder, SIGKILL);
    waitpid(holder, NULL, 0);
    while (if_nametoindex("settle")) {
        char buffer[8192];
        if (recv(news, buffer, sizeof buffer, 0) < 0 && errno != ENOBUFS)
            die("recv");
    }
    return 0;
}
