/* The floor: the same lab by system calls alone, in C, with nothing that only a library needs.
 *
 *   floor NODES LOWER[:LOWER…]
 *
 * reads "up" and "down" on standard input and answers each with the same word once it is done.
 * Each node has net, uts, mnt, pid and ipc namespaces, an overlay root (LOWER below, a tmpfs above),
 * /proc, /sys, /dev, a veth on the one bridge and 2001:db8::PLACE/64 without duplicate address
 * detection.  "Up" means that n1 has had an echo reply from every node, by fping of the image.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "netlink.h"

#define NODE_NAMESPACES (CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC)
#define BASE "/mnt" /* what each node mounts its tmpfs on, before it leaves the host's tree */

static int nodes;
static const char *lower;
static int rootless;

static pid_t clone_into(int flags) {
    pid_t pid = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
    if (pid < 0)
        die("clone");
    if (pid == 0)
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    return pid;
}

static void put(const char *path, const char *value) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, value, strlen(value)) < 0)
        die(path);
    close(fd);
}

static void mount_on(const char *kind, const char *where, int flags, const char *options) {
    if (mount(kind, where, kind, flags, options) < 0)
        die(where);
}

static void bind_again(const char *where, int flags) {
    int safe = MS_NOSUID | MS_NODEV | MS_NOEXEC;
    if (mount(where, where, NULL, MS_BIND, NULL) ||
        mount("none", where, NULL, MS_BIND | MS_REMOUNT | safe | flags, NULL))
        die(where);
}

/* Real root sees what is not the node's own read-only. */
static void make_kernel_views(void) {
    int safe = MS_NOSUID | MS_NODEV | MS_NOEXEC;
    mount_on("proc", "proc", safe, NULL);
    mount_on("sysfs", "sys", safe | (rootless ? 0 : MS_RDONLY), NULL);
    if (!rootless) {
        bind_again("proc/sys", MS_RDONLY);
        bind_again("proc/sys/net", 0);
        if (access("proc/sysrq-trigger", F_OK) == 0)
            bind_again("proc/sysrq-trigger", MS_RDONLY);
    }
}

static void make_devices(void) {
    static const char *const names[] = {"null", "zero", "full", "random",
                                        "urandom", "tty", "fuse", "net/tun"};
    char here[32], there[32];
    mount_on("tmpfs", "dev", MS_NOSUID, "mode=755,size=64k");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(here, sizeof here, "dev/%s", names[i]);
        snprintf(there, sizeof there, "/dev/%s", names[i]);
        if (access(there, F_OK))
            continue;
        if (strchr(names[i], '/'))
            mkdir("dev/net", 0755);
        close(open(here, O_CREAT | O_WRONLY | O_CLOEXEC, 0666));
        if (mount(there, here, NULL, MS_BIND, NULL) < 0)
            die(there);
    }
    if (mkdir("dev/pts", 0755) || mkdir("dev/shm", 01777) || symlink("pts/ptmx", "dev/ptmx") ||
        symlink("/proc/self/fd", "dev/fd") || symlink("/proc/self/fd/0", "dev/stdin") ||
        symlink("/proc/self/fd/1", "dev/stdout") || symlink("/proc/self/fd/2", "dev/stderr"))
        die("dev");
    mount_on("devpts", "dev/pts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620");
    mount_on("tmpfs", "dev/shm", MS_NOSUID | MS_NODEV, "mode=1777");
}

static void make_root(void) {
    char options[8192];
    mount_on("tmpfs", BASE, MS_NOSUID | MS_NODEV, "mode=755,size=512m");
    if (mkdir(BASE "/upper", 0755) || mkdir(BASE "/work", 0755) || mkdir(BASE "/root", 0755))
        die(BASE);
    snprintf(options, sizeof options, "lowerdir=%s,upperdir=" BASE "/upper,workdir=" BASE "/work%s",
             lower, rootless ? ",userxattr" : "");
    mount_on("overlay", BASE "/root", 0, options);
    if (chdir(BASE "/root"))
        die(BASE "/root");
    make_kernel_views();
    make_devices();
    mount_on("tmpfs", "run", MS_NOSUID | MS_NODEV, "mode=755");
    if (mkdir("run/lock", 01777))
        die("run/lock");
    if (syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH) || chdir("/"))
        die("pivot_root");
}

static void configure(int place) {
    int fd = route_socket();
    struct in6_addr address;
    inet_pton(AF_INET6, "2001:db8::", &address);
    address.s6_addr[14] = place >> 8;
    address.s6_addr[15] = place & 0xff;
    set_up(fd, 1);
    int index = if_nametoindex("eth0");
    add_address(fd, index, &address, 64);
    set_up(fd, index);
    close(fd);
}

static int ping_all(void) {
    static const char *const head[] = {"fping", "-6", "-q", "-i", "0", "-r", "20", "-t", "50"};
    int fixed = sizeof head / sizeof *head;
    char **words = calloc(fixed + nodes + 1, sizeof *words);
    memcpy(words, head, sizeof head);
    for (int i = 0; i < nodes; i++)
        if (asprintf(&words[fixed + i], "2001:db8::%x", i + 1) < 0)
            die("asprintf");
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        execv("/usr/bin/fping", words);
        die("fping (is it in the image?)");
    }
    if (pid < 0 || waitpid(pid, &status, 0) < 0)
        die("fping");
    return status;
}

/* PID 1 of a node: its root, then its interface once that is there, then whatever it is asked. */
static void node(int place, int orders, int answers) {
    char name[16], order;
    signal(SIGCHLD, SIG_DFL);
    snprintf(name, sizeof name, "n%d", place);
    sethostname(name, strlen(name));
    make_root();
    put("/proc/sys/net/ipv6/conf/default/accept_dad", "0");
    if (read(orders, &order, 1) != 1)
        exit(1);
    put("/proc/sys/net/ipv6/conf/eth0/accept_dad", "0");
    configure(place);
    if (write(answers, "c", 1) != 1)
        exit(1);
    while (read(orders, &order, 1) == 1)
        if (write(answers, ping_all() == 0 ? "y" : "n", 1) != 1)
            break;
    exit(0);
}

static char answer_of(int answers) {
    char got;
    if (read(answers, &got, 1) != 1)
        die("a node ended early");
    return got;
}

static void child_ended(int number) {
    (void)number;
    _exit(1); /* a node has died and said why: the lab ends with it */
}

/* PID 1 of the lab: all nodes at once, then all links, then the pings. */
static void supervise(int ready) {
    int answers[2], orders[nodes][2];
    pid_t pids[nodes];
    char name[16];
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
        die("mount --make-rprivate /");
    put("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1"); /* the switch is no IPv6 node */
    if (pipe(answers))
        die("pipe");
    signal(SIGCHLD, child_ended);
    for (int i = 0; i < nodes; i++) {
        if (pipe2(orders[i], O_CLOEXEC))
            die("pipe");
        if ((pids[i] = clone_into(NODE_NAMESPACES)) == 0) {
            close(answers[0]);
            for (int j = 0; j <= i; j++)
                close(orders[j][1]);
            node(i + 1, orders[i][0], answers[1]);
        }
        close(orders[i][0]);
    }
    close(answers[1]);
    int fd = route_socket();
    add_bridge(fd, "lan");
    uint32_t bridge = if_nametoindex("lan");
    for (int i = 0; i < nodes; i++) {
        snprintf(name, sizeof name, "p%d", i + 1);
        add_veth(fd, name, bridge, pids[i]);
        if (write(orders[i][1], "c", 1) != 1)
            die("a node ended early");
    }
    for (int i = 0; i < nodes; i++)
        answer_of(answers[0]);
    if (write(orders[0][1], "p", 1) != 1 || answer_of(answers[0]) != 'y') {
        fprintf(stderr, "floor: not every node has answered\n");
        exit(1);
    }
    if (write(ready, "u", 1) == 1)
        pause();
    exit(1);
}

static void map_user(pid_t pid, uid_t uid, gid_t gid) {
    char path[64], line[64];
    snprintf(path, sizeof path, "/proc/%d/setgroups", pid);
    put(path, "deny");
    snprintf(path, sizeof path, "/proc/%d/uid_map", pid);
    snprintf(line, sizeof line, "0 %u 1", uid);
    put(path, line);
    snprintf(path, sizeof path, "/proc/%d/gid_map", pid);
    snprintf(line, sizeof line, "0 %u 1", gid);
    put(path, line);
}

static pid_t up(void) {
    int mapped[2], ready[2];
    char go;
    if (pipe2(mapped, O_CLOEXEC) || pipe2(ready, O_CLOEXEC))
        die("pipe");
    pid_t pid = clone_into(NODE_NAMESPACES | (rootless ? CLONE_NEWUSER : 0));
    if (pid == 0) {
        close(mapped[1]);
        if (read(mapped[0], &go, 1) != 1)
            exit(1);
        supervise(ready[1]);
    }
    close(mapped[0]);
    close(ready[1]);
    if (rootless)
        map_user(pid, geteuid(), getegid());
    if (write(mapped[1], "g", 1) != 1)
        die("the lab ended early");
    if (read(ready[0], &go, 1) != 1)
        exit(1); /* it has said why */
    close(mapped[1]);
    close(ready[0]);
    printf("up\n");
    fflush(stdout);
    return pid;
}

int main(int count, char **words) {
    char line[16];
    if (count != 3 || (nodes = atoi(words[1])) < 1 || nodes > 65535) {
        fprintf(stderr, "usage: floor NODES LOWER[:LOWER...]\n");
        return 2;
    }
    lower = words[2];
    rootless = geteuid() != 0;
    printf("ready\n");
    fflush(stdout);
    pid_t lab = 0;
    while (fgets(line, sizeof line, stdin)) {
        if (strcmp(line, "up\n") == 0)
            lab = up();
        if (strcmp(line, "down\n") == 0 && lab) {
            kill(lab, SIGKILL);
            waitpid(lab, NULL, 0);
            printf("down\n");
            fflush(stdout);
        }
    }
    return 0;
}
