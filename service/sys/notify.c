/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Notify sockets, see the header. The address is abstract and random: nothing is left on a disk, and
 * the kernel says who sends. Descriptors that come along are closed at once, after the message was
 * worked off, which is all that BARRIER=1 asks for. */

#include "sys/notify.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/cleanup.h"
#include "sys/pidfd.h"

/* As core's NOTIFY_MAX; a longer datagram is seen by its flag. */
#define MESSAGE_MAX     4096
#define DESCRIPTORS_MAX 253 /* the kernel's SCM_MAX_FD */
#define PER_TURN        32
#define DRAIN_MAX       1024 /* a stranger's messages, which cost no rate, included */

struct Notify {
        Loop *loop;
        int fd;
        uid_t uid;
        unsigned per_sec;
        Watch watch;
        Timer timer;   /* while the rate is used up */
        usec_t second; /* when the current one began */
        unsigned n_in_second;
        char address[64];
        void (*on_message)(void *userdata, const char *text, size_t length);
        void *userdata;
        bool busy; /* its handler is being called: freeing it waits */
        bool done; /* and was asked for meanwhile */
};

static void on_readable(void *userdata, uint32_t events);

static void on_next_second(void *userdata) {
        Notify *notify = userdata;

        notify->n_in_second = 0;
        notify->second = (usec_t)g_get_monotonic_time();
        (void)loop_watch_bulk(notify->loop, &notify->watch, notify->fd, EPOLLIN, on_readable,
                              notify);
}

static bool rate_allows(Notify *notify) {
        usec_t now = (usec_t)g_get_monotonic_time();

        if (now - notify->second >= USEC_PER_SEC) {
                notify->second = now;
                notify->n_in_second = 0;
        }
        return notify->n_in_second < notify->per_sec;
}

static void pause_reading(Notify *notify) {
        loop_unwatch(&notify->watch);
        loop_set_timer(notify->loop, &notify->timer, notify->second + USEC_PER_SEC, on_next_second,
                       notify);
}

/* (uid_t) -1 if the kernel did not say. */
static uid_t sender_of(struct msghdr *header) {
        struct ucred creds = {.uid = (uid_t)-1};

        for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c))
                if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS)
                        memcpy(&creds, CMSG_DATA(c), sizeof creds);
        return creds.uid;
}

static void close_descriptors(struct msghdr *header) {
        for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
                size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

                if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
                        continue;
                for (size_t i = 0; i < n; i++) {
                        int fd;

                        memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
                        safe_close(fd);
                }
        }
}

/* 1: one was read, good or not. 0: none is there, or the socket is gone. */
static int read_message(Notify *notify) {
        union {
                struct cmsghdr align;
                char bytes[CMSG_SPACE(sizeof(struct ucred)) +
                           CMSG_SPACE(DESCRIPTORS_MAX * sizeof(int))];
        } control;
        char text[MESSAGE_MAX];
        struct iovec iov = {.iov_base = text, .iov_len = sizeof text};
        struct msghdr header = {
                .msg_iov = &iov,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = sizeof control,
        };
        ssize_t n = recvmsg(notify->fd, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        bool is_own;
        uid_t uid;

        if (n < 0)
                return errno == EINTR;
        uid = sender_of(&header);
        is_own = uid == notify->uid || uid == 0;
        /* The address can be found in /proc/net/unix: a stranger must not use up the rate. */
        notify->n_in_second += is_own;
        notify->busy = true;
        if (n > 0 && !(header.msg_flags & MSG_TRUNC) && is_own)
                notify->on_message(notify->userdata, text, (size_t)n);
        close_descriptors(&header);
        notify->busy = false;
        if (!notify->done)
                return 1;
        notify_free(notify);
        return 0;
}

void notify_drain(Notify *notify) {
        int r = 1;

        for (unsigned i = 0; i < DRAIN_MAX && r > 0 && rate_allows(notify); i++)
                r = read_message(notify);
}

static void on_readable(void *userdata, uint32_t events) {
        Notify *notify = userdata;
        int r = 1;

        for (unsigned i = 0; i < PER_TURN && r > 0; i++) {
                if (!rate_allows(notify)) {
                        pause_reading(notify);
                        return;
                }
                r = read_message(notify);
        }
}

static int bind_randomly(Notify *notify) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        uint64_t random[2];
        int length;

        if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
                return -EIO;
        snprintf(notify->address, sizeof notify->address, "@proctor/notify/%016llx%016llx",
                 (unsigned long long)random[0], (unsigned long long)random[1]);
        length = snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "%s",
                          notify->address + 1);
        if (bind(notify->fd, (struct sockaddr *)&address,
                 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length)) < 0)
                return -errno;
        return 0;
}

int notify_new(Loop *loop, uid_t uid, unsigned per_sec,
               void (*on_message)(void *userdata, const char *text, size_t length), void *userdata,
               Notify **ret) {
        Notify *notify = g_new0(Notify, 1);
        int one = 1, r;

        notify->loop = loop;
        notify->uid = uid;
        notify->per_sec = per_sec;
        notify->on_message = on_message;
        notify->userdata = userdata;
        notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        r = notify->fd < 0 ? -errno : 0;
        if (r >= 0)
                (void)pidfd_park(&notify->fd);
        if (r >= 0 && setsockopt(notify->fd, SOL_SOCKET, SO_PASSCRED, &one, sizeof one) < 0)
                r = -errno;
        if (r >= 0)
                r = bind_randomly(notify);
        if (r >= 0)
                r = loop_watch_bulk(loop, &notify->watch, notify->fd, EPOLLIN, on_readable, notify);
        if (r < 0) {
                notify_free(notify);
                return r;
        }
        *ret = notify;
        return 0;
}

Notify *notify_free(Notify *notify) {
        if (!notify)
                return NULL;
        if (notify->busy) {
                notify->done = true;
                return NULL;
        }
        loop_unwatch(&notify->watch);
        loop_unset_timer(&notify->timer);
        safe_close(notify->fd);
        g_free(notify);
        return NULL;
}

const char *notify_address(const Notify *notify) {
        return notify->address;
}
