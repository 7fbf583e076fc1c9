/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Command line options as tables: one entry parses an option and describes it in the help, so that
 * the two cannot differ. A long name is never abbreviated: a script that works today works when
 * there are more options. */

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum OptionType {
        OPTION_FLAG,   /* bool: set to true */
        OPTION_STRING, /* const char *: the last one wins */
        OPTION_LIST,   /* GPtrArray of const char *, made when needed */
        OPTION_TIME,   /* OptionTime */
        OPTION_NUMBER, /* OptionNumber */
} OptionType;

typedef struct OptionTime {
        bool set;
        guint64 usec;
} OptionTime;

typedef struct OptionNumber {
        bool set;
        unsigned value;
} OptionNumber;

typedef struct Option {
        const char *name; /* without dashes */
        char letter;      /* 0: none */
        OptionType type;
        size_t offset;     /* of the field in the arguments */
        const char *value; /* its name in the help; NULL for a flag */
        const char *help;  /* lines are broken where it says so */
} Option;

/* A table and what it fills. */
typedef struct OptionTarget {
        const Option *options; /* NULL: empty */
        void *arguments;
} OptionTarget;

typedef enum OptionsEnd {
        OPTIONS_END_LAST,          /* options may follow operands */
        OPTIONS_END_FIRST_OPERAND, /* the first operand and all after it are operands */
        OPTIONS_END_THIRD_OPERAND, /* the third one, and all after it */
} OptionsEnd;

/* Reads argv from its first element on. Operands go to ret_operands, which ends with NULL and owns
 * only itself; the values are those of argv. The error is CLI_ERROR_USAGE. */
bool options_parse(const OptionTarget *targets, size_t n_targets, OptionsEnd end, char **argv,
                   GPtrArray **ret_operands, GError **error);

/* Frees what options_parse() made in the arguments. */
void options_clear(const OptionTarget *target);
