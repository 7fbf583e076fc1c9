/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The parser of notify messages under whatever bytes there are. With clang it is a target for
 * libFuzzer (-fsanitize=fuzzer); linked with main.c it runs a corpus, as an ordinary test. */

#include <assert.h>
#include <glib.h>
#include <string.h>

#include "core/notify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        /* of exactly that size, so that a byte too far is seen */
        g_autofree char *text = g_memdup2(data, size);
        NotifyMessage message;

        notify_parse(text, size, &message);
        assert(message.error >= -1);
        if (size > NOTIFY_MAX)
                assert(!message.ready && !message.status);
        if (message.status) {
                assert(strlen(message.status) <= NOTIFY_STATUS_MAX);
                assert(g_utf8_validate(message.status, -1, NULL));
                for (const char *p = message.status; *p; p = g_utf8_next_char(p))
                        assert(g_unichar_isprint(g_utf8_get_char(p)));
        }
        notify_message_done(&message);
        return 0;
}
