/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Text for people from numbers, words, and from bytes that nobody vouches for. */

#include "format.h"

#include <signal.h>
#include <string.h>

#include "duration.h"

#define RESULT_UNKNOWN "unknown"

bool format_is_printable(gunichar c) {
        switch (g_unichar_type(c)) {
        case G_UNICODE_CONTROL:
        case G_UNICODE_FORMAT: /* among them what turns the writing direction around */
        case G_UNICODE_SURROGATE:
        case G_UNICODE_PRIVATE_USE:
        case G_UNICODE_UNASSIGNED:
        case G_UNICODE_LINE_SEPARATOR:
        case G_UNICODE_PARAGRAPH_SEPARATOR:
                return false;
        default:
                return true;
        }
}

static void append_escape(GString *out, unsigned char byte) {
        switch (byte) {
        case '\n':
                g_string_append(out, "\\n");
                break;
        case '\r':
                g_string_append(out, "\\r");
                break;
        case '\t':
                g_string_append(out, "\\t");
                break;
        default:
                g_string_append_printf(out, "\\x%02x", byte);
        }
}

char *format_text(const char *text) {
        g_autoptr(GString) out = g_string_new(NULL);
        bool utf8 = g_get_charset(NULL);

        while (*text) {
                gunichar c = g_utf8_get_char_validated(text, -1);
                bool valid = c != (gunichar)-1 && c != (gunichar)-2;
                size_t length = valid ? (size_t)(g_utf8_next_char(text) - text) : 1;

                if (valid && format_is_printable(c) && (utf8 || c < 0x80))
                        g_string_append_len(out, text, (gssize)length);
                else
                        for (size_t i = 0; i < length; i++)
                                append_escape(out, (unsigned char)text[i]);
                text += length;
        }
        return g_strdup(out->str);
}

static bool needs_quotes(const char *word) {
        static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                    "_-+=./:,@%^";

        for (const char *p = word; *p; p++)
                if (!strchr(plain, *p) && !((unsigned char)*p & 0x80))
                        return true;
        return *word == '\0';
}

char *format_command(const char *const *command) {
        g_autoptr(GString) line = g_string_new(NULL);

        for (size_t i = 0; command && command[i]; i++) {
                g_autofree char *quoted = needs_quotes(command[i]) ? g_shell_quote(command[i])
                                                                   : NULL;

                if (i > 0)
                        g_string_append_c(line, ' ');
                g_string_append(line, quoted ? quoted : command[i]);
        }
        return format_text(line->str);
}

char *format_bytes(guint64 bytes) {
        if (bytes == PROCTOR_INFINITY)
                return g_strdup(RESULT_UNKNOWN);
        return g_format_size_full(bytes, G_FORMAT_SIZE_IEC_UNITS);
}

char *format_timestamp(guint64 usec) {
        g_autoptr(GDateTime) utc = NULL, local = NULL;

        if (usec / G_USEC_PER_SEC > G_MAXINT32 * G_GINT64_CONSTANT(64))
                return g_strdup(RESULT_UNKNOWN);
        utc = g_date_time_new_from_unix_utc((gint64)(usec / G_USEC_PER_SEC));
        local = utc ? g_date_time_to_local(utc) : NULL;
        return local ? g_date_time_format(local, "%Y-%m-%d %H:%M:%S %Z") : g_strdup(RESULT_UNKNOWN);
}

char *format_signal(int signo) {
        const char *name = signo > 0 && signo < NSIG ? sigabbrev_np(signo) : NULL;

        if (name)
                return g_strdup_printf("SIG%s", name);
        if (signo >= SIGRTMIN && signo <= SIGRTMAX)
                return g_strdup_printf("SIGRTMIN+%d", signo - SIGRTMIN);
        return g_strdup_printf("signal %d", signo);
}

char *format_result(int exit_code, ProctorResult result) {
        const char *word = proctor_result_to_string(result);
        g_autofree char *detail = NULL;

        if (result == PROCTOR_RESULT_NONE)
                return g_strdup("");
        if (!word)
                word = RESULT_UNKNOWN; /* of a newer service */
        if (result == PROCTOR_RESULT_SUCCESS || result == PROCTOR_RESULT_LOST)
                return g_strdup(word);
        detail = exit_code < 0 ? format_signal(-exit_code) : g_strdup_printf("%d", exit_code);
        return g_strdup_printf("%s %s", word, detail);
}

char *format_process(ProctorProcess *process) {
        const char *name = proctor_process_get_name(process);
        g_autofree char *clean = format_text(name ? name : RESULT_UNKNOWN);

        return g_strdup_printf("'%s' (%" G_GUINT64_FORMAT ")", clean,
                               proctor_process_get_id(process));
}

char *format_runtime(ProctorProcess *process) {
        guint64 start = proctor_process_get_start_time_monotonic(process);
        guint64 end = proctor_process_get_exit_time_monotonic(process);

        if (end == 0 && proctor_process_get_state(process) != PROCTOR_STATE_FINISHED)
                end = (guint64)g_get_monotonic_time();
        return start > 0 && end >= start ? duration_to_rounded_string(end - start) : g_strdup("");
}
