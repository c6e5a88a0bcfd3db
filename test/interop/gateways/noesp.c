/*
 * Lets pluto and charon finish Quick Mode on a kernel that knows XFRM but not ESP: preloaded, it turns the kernel's refusal
 * of an SA into an acknowledgement before they read it. Such SAs carry nothing.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

static bool is_xfrm_socket(int fd)
{
    int protocol = -1;
    socklen_t size = sizeof protocol;
    return getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) == 0 && protocol == NETLINK_XFRM;
}

static bool means_no_such_protocol(int error)
{
    return error == -ENOSYS || error == -EPROTONOSUPPORT || error == -ESRCH;
}

static ssize_t acknowledged(int fd, void *buffer, ssize_t octets)
{
    struct nlmsghdr *header = buffer;
    if (octets >= (ssize_t)NLMSG_LENGTH(sizeof(struct nlmsgerr)) && is_xfrm_socket(fd) &&
        header->nlmsg_type == NLMSG_ERROR) {
        struct nlmsgerr *answer = NLMSG_DATA(header);
        if (means_no_such_protocol(answer->error))
            answer->error = 0;
    }
    return octets;
}

/* Of pluto. */
ssize_t recvfrom(int fd, void *buffer, size_t size, int flags, struct sockaddr *from, socklen_t *from_size)
{
    static ssize_t (*next)(int, void *, size_t, int, struct sockaddr *, socklen_t *);
    if (next == NULL)
        next = dlsym(RTLD_NEXT, "recvfrom");
    return acknowledged(fd, buffer, next(fd, buffer, size, flags, from, from_size));
}

/* Of charon. */
ssize_t recv(int fd, void *buffer, size_t size, int flags)
{
    static ssize_t (*next)(int, void *, size_t, int);
    if (next == NULL)
        next = dlsym(RTLD_NEXT, "recv");
    return acknowledged(fd, buffer, next(fd, buffer, size, flags));
}
