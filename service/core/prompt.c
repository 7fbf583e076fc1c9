/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Finds a prompt, see the header. Control sequences are left out (ECMA-48: CSI up to its final byte,
 * OSC up to its terminator, ESC and one character). */

#include "core/prompt.h"

#include <glib.h>

#include "base/text.h"

#define ESC '\033'
#define BEL '\a'

/* What follows a control sequence that begins at `at`. */
static size_t skip_sequence(const char *text, size_t at, size_t length) {
        char kind = at + 1 < length ? text[at + 1] : 0;

        at += 2;
        if (kind == '[')
                while (at < length && !(text[at] >= '@' && text[at] <= '~'))
                        at++;
        else if (kind == ']')
                while (at < length && text[at] != BEL && text[at] != '\\')
                        at++;
        else
                return at;
        return at + 1;
}

static GString *without_sequences(const char *text, size_t length) {
        GString *plain = g_string_new(NULL);

        for (size_t at = 0; at < length;) {
                if (text[at] == ESC)
                        at = skip_sequence(text, at, length);
                else
                        g_string_append_c(plain, text[at++]);
        }
        return plain;
}

char *prompt_find(const char *output, size_t length) {
        g_autoptr(GString) line = NULL;
        size_t begin = length, from = 0;

        while (begin > 0 && output[begin - 1] != '\n' && output[begin - 1] != '\r')
                begin--;
        line = without_sequences(output + begin, length - begin);
        if (line->len > PROMPT_MAX)
                from = line->len - PROMPT_MAX;
        while (from > 0 && from < line->len && ((unsigned char)line->str[from] & 0xc0) == 0x80)
                from++; /* not in the middle of a character */
        return text_clean(line->str + from, line->len - from, PROMPT_MAX);
}
