/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The terminal sequences of the styles, and what is shown in which. */

#include "style.h"

#include <string.h>
#include <unistd.h>

#include "pager.h"

bool style_is_on(FILE *stream) {
        const char *no_color = g_getenv("NO_COLOR");
        const char *term = g_getenv("TERM");

        if ((no_color && *no_color) || !term || strcmp(term, "dumb") == 0)
                return false;
        return isatty(fileno(stream)) == 1 || (stream == stdout && pager_is_open());
}

const char *style_begin(Style style) {
        static const char *const sequences[] = {
                [STYLE_NONE] = "",         [STYLE_STRONG] = "\033[1m",   [STYLE_DIM] = "\033[2m",
                [STYLE_GOOD] = "\033[32m", [STYLE_WARNING] = "\033[33m", [STYLE_BAD] = "\033[31m",
        };

        return sequences[style];
}

const char *style_end(Style style) {
        return style == STYLE_NONE ? "" : "\033[0m";
}

char *style_apply(Style style, const char *text) {
        if (!style_is_on(stdout))
                return g_strdup(text);
        return g_strconcat(style_begin(style), text, style_end(style), NULL);
}

Style style_of_health(ProctorHealth health) {
        switch (health) {
        case PROCTOR_HEALTH_SLOW:
                return STYLE_WARNING;
        case PROCTOR_HEALTH_HUNG:
                return STYLE_BAD;
        default:
                return STYLE_NONE;
        }
}

Style style_of_result(ProctorResult result) {
        switch (result) {
        case PROCTOR_RESULT_NONE:
        case PROCTOR_RESULT_SUCCESS:
        case PROCTOR_RESULT_STOPPED:
                return STYLE_NONE;
        default:
                return STYLE_BAD;
        }
}
