/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* sd-bus forgets the descriptors of a message that it drops as malformed (libsystemd 252 does), and a
 * bus passes on some that sd-bus does not take: dbus-daemon knows no limit for an object path, sd-bus
 * takes 64 KiB. So any user could use up the descriptors of this service, 16 with each message.
 *
 * libsystemd calls recvmsg(2), and what the program defines comes before what the C library does.
 * Here the descriptors of a message whose header is far longer than any of ours are closed as they
 * arrive. sd-bus then drops a message without descriptors.
 *
 * It reads a message in pieces that never reach into the next one, the first of which is the fixed
 * part of the header, and the descriptors come with a message's first byte. */

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Destination, interface, member, error and sender have 255 bytes at the most, our paths fewer. */
#define FIELDS_MAX 4096

#define FIRST_PIECE_MAX 64 /* 24 in libsystemd 252 */
#define VERSION         3  /* where it stands in the header */
#define VERSION_1       1
#define FIXED_HEADER    16
#define FIELDS_LENGTH   12 /* where it stands in there */
#define ENDIAN_LITTLE   'l'
#define ENDIAN_BIG      'B'

static uint32_t fields_length(const uint8_t *header) {
        const uint8_t *at = header + FIELDS_LENGTH;

        if (header[0] == ENDIAN_BIG)
                return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
        return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

static int is_too_long(const struct msghdr *message, ssize_t n) {
        const uint8_t *header;

        if (n < FIXED_HEADER || message->msg_iovlen != 1 ||
            message->msg_iov[0].iov_len > FIRST_PIECE_MAX)
                return 0;
        header = message->msg_iov[0].iov_base;
        return (header[0] == ENDIAN_LITTLE || header[0] == ENDIAN_BIG) &&
               header[VERSION] == VERSION_1 && fields_length(header) > FIELDS_MAX;
}

static void close_descriptors(struct msghdr *message) {
        int error = errno;

        for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
                size_t length = c->cmsg_len - CMSG_LEN(0);

                if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
                        continue;
                for (size_t at = 0; at + sizeof(int) <= length; at += sizeof(int)) {
                        int fd;

                        memcpy(&fd, CMSG_DATA(c) + at, sizeof fd);
                        close(fd);
                }
        }
        message->msg_controllen = 0;
        errno = error;
}

__attribute__((visibility("default"))) ssize_t recvmsg(int fd, struct msghdr *message, int flags) {
        ssize_t n = syscall(SYS_recvmsg, fd, message, flags);

        if (n > 0 && message->msg_controllen > 0 && is_too_long(message, n))
                close_descriptors(message);
        return n;
}
