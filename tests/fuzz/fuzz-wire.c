/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Raw bytes on the private socket, to the real bus layer with a supervisor in a fake world. The first
 * byte says how they come: its lowest bit, after a good greeting or as they are; the next, in one
 * piece or in small ones; the others, with how many descriptors. Whatever they are, the connection
 * ends when the peer's side does, and nothing of it is left. With clang it is a target for libFuzzer;
 * linked with main.c it runs a corpus. */

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bus/bus-source.h"
#include "bus/connect.h"
#include "bus/face.h"
#include "util/fake-world.h"

#define GREETED         (1U << 0)
#define IN_PIECES       (1U << 1)
#define DESCRIPTORS(by) ((by) >> 2) /* up to 63 */
#define PIECE_BYTES     16
#define GREETING        "\0AUTH EXTERNAL 30\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n"
#define PATIENCE        (20 * USEC_PER_SEC)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* LeakSanitizer's, where it is. */
void __lsan_disable(void) __attribute__((weak));
void __lsan_enable(void) __attribute__((weak));

typedef struct Wire {
        FakeWorld world;
        sd_bus *bus;
        Face *face;
        GSource *source;
        int peer;
        bool lost;
} Wire;

static void on_lost(void *userdata, int error) {
        ((Wire *)userdata)->lost = true;
}

static void on_idle(void *userdata) {
        ((Wire *)userdata)->world.n_idle++;
}

static void wire_init(Wire *wire) {
        const char *features[] = {"fake", NULL};
        SupervisorSettings settings = supervisor_settings_default();
        Hands hands;
        int ends[2], r;

        *wire = (Wire){};
        fake_world_init(&wire->world, NULL);
        r = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends);
        assert(r == 0);
        wire->peer = ends[1];
        r = connect_private(ends[0], &wire->bus);
        assert(r >= 0);
        r = face_new(FACE_PRIVATE, wire->bus, (char **)features, &wire->face);
        assert(r >= 0);
        fake_world_hands(&wire->world, &hands);
        wire->world.now = now_read();
        supervisor_free(wire->world.supervisor);
        wire->world.supervisor = supervisor_new(&hands, &settings, &face_events, wire->face,
                                                &wire->world.now);
        face_set_supervisor(wire->face, wire->world.supervisor);
        wire->world.mute = true;
        wire->source = bus_source_new(wire->bus, on_lost, wire);
        g_source_attach(wire->source, NULL);
}

/* As main.c of the service does it. */
static void wire_done(Wire *wire) {
        close(wire->peer);
        g_source_destroy(wire->source);
        g_source_unref(wire->source);
        face_set_idle(wire->face, on_idle, wire);
        supervisor_end(wire->world.supervisor, &wire->world.now);
        fake_run(&wire->world, USEC_PER_MINUTE);
        assert(wire->world.n_idle == 1);
        face_free(wire->face);
        sd_bus_flush_close_unref(wire->bus);
        fake_world_done(&wire->world);
}

/* Takes what the service says and forgets it. */
static void drain(Wire *wire) {
        char bytes[65536];

        while (recv(wire->peer, bytes, sizeof bytes, 0) > 0)
                ;
}

static void turn(Wire *wire) {
        usec_t now = now_read().monotonic;

        g_main_context_iteration(NULL, FALSE);
        fake_run(&wire->world, usec_sub(now, wire->world.now.monotonic));
        drain(wire);
}

/* No socket: one that travels through itself makes the kernel look for such, which is slow. */
static int descriptor_to_send(void) {
        static int fd = -EBADF;

        if (fd < 0)
                fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        assert(fd >= 0);
        return fd;
}

/* How many went; 0: the service does not listen any more. */
static size_t send_piece(Wire *wire, const uint8_t *bytes, size_t size, unsigned n_fds) {
        union {
                struct cmsghdr header;
                char bytes[CMSG_SPACE(64 * sizeof(int))];
        } control = {};
        struct iovec vector = {.iov_base = (void *)bytes, .iov_len = size};
        struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
        int fd = descriptor_to_send();
        ssize_t n;

        if (n_fds > 0) {
                control.header = (struct cmsghdr){.cmsg_level = SOL_SOCKET,
                                                  .cmsg_type = SCM_RIGHTS,
                                                  .cmsg_len = CMSG_LEN(n_fds * sizeof(int))};
                for (unsigned i = 0; i < n_fds; i++)
                        memcpy(CMSG_DATA(&control.header) + i * sizeof(int), &fd, sizeof fd);
                message.msg_control = &control;
                message.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
        }
        n = sendmsg(wire->peer, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        return n > 0 ? (size_t)n : 0;
}

static void send_all(Wire *wire, const uint8_t *bytes, size_t size, size_t piece, unsigned n_fds) {
        usec_t begin = now_read().monotonic;

        for (size_t sent = 0; sent < size && !wire->lost;) {
                sent += send_piece(wire, bytes + sent, MIN(piece, size - sent), n_fds);
                turn(wire);
                assert(usec_sub(now_read().monotonic, begin) < PATIENCE);
        }
}

static void run(Wire *wire, uint8_t mode, const uint8_t *bytes, size_t size) {
        usec_t begin = now_read().monotonic;

        if (mode & GREETED)
                send_all(wire, (const uint8_t *)GREETING, sizeof GREETING - 1, SIZE_MAX, 0);
        send_all(wire, bytes, size, mode & IN_PIECES ? PIECE_BYTES : SIZE_MAX, DESCRIPTORS(mode));
        shutdown(wire->peer, SHUT_WR);
        while (!wire->lost) {
                turn(wire);
                assert(usec_sub(now_read().monotonic, begin) < PATIENCE);
        }
}

/* Says of the open descriptors how many there are, and the highest. */
static unsigned count_descriptors(unsigned *ret_highest) {
        DIR *directory = opendir("/proc/self/fd");
        struct dirent *entry;
        unsigned n = 0;

        assert(directory);
        *ret_highest = 0;
        while ((entry = readdir(directory))) {
                unsigned fd = (unsigned)atoi(entry->d_name);

                if (fd != (unsigned)dirfd(directory))
                        *ret_highest = MAX(*ret_highest, fd);
                n++;
        }
        closedir(directory);
        return n;
}

static void run_new(uint8_t mode, const uint8_t *bytes, size_t size) {
        Wire wire;

        wire_init(&wire);
        run(&wire, mode, bytes, size);
        wire_done(&wire);
}

/* libsystemd (252, and later) forgets the descriptors of a message that it drops as invalid, and the
 * array of their numbers. There is no way to it from outside; so what comes with descriptors is
 * not held against the service, and taken back here. */
static void run_with_descriptors(uint8_t mode, const uint8_t *bytes, size_t size,
                                 unsigned highest) {
        if (__lsan_disable)
                __lsan_disable();
        run_new(mode, bytes, size);
        if (__lsan_enable)
                __lsan_enable();
        close_range(highest + 1, ~0U, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static bool warm;
        unsigned highest, before;

        if (!warm) /* GLib and sd-bus open what they keep */
                run_new(GREETED, NULL, 0);
        warm = true;
        if (size == 0)
                return 0;
        before = count_descriptors(&highest);
        if ((data[0] & GREETED) && DESCRIPTORS(data[0]) > 0) {
                run_with_descriptors(data[0], data + 1, size - 1, highest);
        } else {
                run_new(data[0], data + 1, size - 1);
                assert(count_descriptors(&highest) == before);
        }
        return 0;
}
