/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Colours, sparingly: only on a terminal, only without NO_COLOR (https://no-color.org), and never
 * as the only carrier of a fact. */

#include <proctor/proctor.h>
#include <stdbool.h>
#include <stdio.h>

typedef enum Style {
        STYLE_NONE,
        STYLE_STRONG,
        STYLE_DIM,
        STYLE_GOOD,
        STYLE_WARNING,
        STYLE_BAD,
} Style;

bool style_is_on(FILE *stream);

/* The sequence that begins and the one that ends a style; both "" for none. */
const char *style_begin(Style style);
const char *style_end(Style style);

/* Text for stdout: in its style if that is on. */
char *style_apply(Style style, const char *text);

Style style_of_health(ProctorHealth health);
Style style_of_result(ProctorResult result);
