/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The parser of the option tables: --name=VALUE, --name VALUE, -n VALUE, -nVALUE, several flags
 * behind one dash, -- as the end of the options. */

#include "options.h"

#include <string.h>

#include "cli.h"
#include "duration.h"

typedef struct Parser {
        const OptionTarget *targets;
        size_t n_targets;
        char **next; /* the argument after the one that is being read */
        GPtrArray *operands;
} Parser;

static const Option *find_in(const Option *options, const char *name, size_t length, char letter) {
        for (; options && options->name; options++)
                if (name ? strlen(options->name) == length &&
                                    strncmp(options->name, name, length) == 0
                         : options->letter && options->letter == letter)
                        return options;
        return NULL;
}

static const Option *find(const Parser *parser, const char *name, size_t length, char letter,
                          void **ret_arguments) {
        for (size_t i = 0; i < parser->n_targets; i++) {
                const Option *option = find_in(parser->targets[i].options, name, length, letter);

                if (option) {
                        *ret_arguments = parser->targets[i].arguments;
                        return option;
                }
        }
        return NULL;
}

static bool store_number(const Option *option, OptionNumber *target, const char *value,
                         GError **error) {
        guint64 number;

        if (!g_ascii_string_to_unsigned(value, 10, 0, G_MAXINT, &number, NULL)) {
                g_set_error(error, CLI_ERROR, CLI_ERROR_USAGE, "--%s: '%s' is no number",
                            option->name, value);
                return false;
        }
        target->set = true;
        target->value = (unsigned)number;
        return true;
}

static bool store(const Option *option, void *arguments, const char *value, GError **error) {
        void *field = (char *)arguments + option->offset;

        switch (option->type) {
        case OPTION_FLAG:
                *(bool *)field = true;
                return true;
        case OPTION_STRING:
                *(const char **)field = value;
                return true;
        case OPTION_LIST: {
                GPtrArray **list = field;

                if (!*list)
                        *list = g_ptr_array_new();
                g_ptr_array_add(*list, (char *)value);
                return true;
        }
        case OPTION_TIME: {
                OptionTime *target = field;
                g_autoptr(GError) local = NULL;

                if (!duration_parse(value, &target->usec, &local)) {
                        g_set_error(error, CLI_ERROR, CLI_ERROR_USAGE, "--%s: %s", option->name,
                                    local->message);
                        return false;
                }
                target->set = true;
                return true;
        }
        case OPTION_NUMBER:
                return store_number(option, field, value, error);
        }
        g_assert_not_reached();
}

static bool needs_value(const Option *option) {
        return option->type != OPTION_FLAG;
}

/* The value that stands in the next argument. */
static const char *take_next(Parser *parser, const Option *option, GError **error) {
        if (*parser->next)
                return *parser->next++;
        g_set_error(error, CLI_ERROR, CLI_ERROR_USAGE, "--%s needs a value: --%s=%s", option->name,
                    option->name, option->value);
        return NULL;
}

static bool parse_long(Parser *parser, const char *argument, GError **error) {
        const char *equals = strchr(argument, '=');
        size_t length = equals ? (size_t)(equals - argument) : strlen(argument);
        const char *value = equals ? equals + 1 : NULL;
        void *arguments;
        const Option *option = find(parser, argument, length, 0, &arguments);

        if (!option) {
                g_set_error(error, CLI_ERROR, CLI_ERROR_USAGE, "there is no option '--%.*s'",
                            (int)length, argument);
                return false;
        }
        if (!needs_value(option) && value) {
                g_set_error(error, CLI_ERROR, CLI_ERROR_USAGE, "--%s takes no value", option->name);
                return false;
        }
        if (needs_value(option) && !value) {
                value = take_next(parser, option, error);
                if (!value)
                        return false;
        }
        return store(option, arguments, value, error);
}

static bool parse_letters(Parser *parser, const char *letters, GError **error) {
        for (; *letters; letters++) {
                const char *value = NULL;
                void *arguments;
                const Option *option = find(parser, NULL, 0, *letters, &arguments);

                if (!option) {
                        g_set_error(error, CLI_ERROR, CLI_ERROR_USAGE, "there is no option '-%s'",
                                    letters);
                        return false;
                }
                if (needs_value(option)) {
                        value = letters[1] ? letters + 1 : take_next(parser, option, error);
                        if (!value)
                                return false;
                }
                if (!store(option, arguments, value, error))
                        return false;
                if (value)
                        return true;
        }
        return true;
}

static void take_rest(Parser *parser) {
        while (*parser->next)
                g_ptr_array_add(parser->operands, *parser->next++);
}

static bool parse_all(Parser *parser, OptionsEnd end, GError **error) {
        unsigned n_last = end == OPTIONS_END_FIRST_OPERAND   ? 1
                          : end == OPTIONS_END_THIRD_OPERAND ? 3
                                                             : UINT_MAX;

        while (*parser->next) {
                char *argument = *parser->next++;
                bool good = true;

                if (strcmp(argument, "--") == 0) {
                        take_rest(parser);
                } else if (argument[0] == '-' && argument[1] == '-') {
                        good = parse_long(parser, argument + 2, error);
                } else if (argument[0] == '-' && argument[1]) {
                        good = parse_letters(parser, argument + 1, error);
                } else {
                        g_ptr_array_add(parser->operands, argument);
                        if (parser->operands->len == n_last)
                                take_rest(parser);
                }
                if (!good)
                        return false;
        }
        return true;
}

bool options_parse(const OptionTarget *targets, size_t n_targets, OptionsEnd end, char **argv,
                   GPtrArray **ret_operands, GError **error) {
        g_autoptr(GPtrArray) operands = g_ptr_array_new();
        Parser parser = {
                .targets = targets,
                .n_targets = n_targets,
                .next = argv,
                .operands = operands,
        };

        if (!parse_all(&parser, end, error))
                return false;
        g_ptr_array_add(operands, NULL);
        *ret_operands = g_steal_pointer(&operands);
        return true;
}

void options_clear(const OptionTarget *target) {
        for (const Option *option = target->options; option && option->name; option++) {
                void *field = (char *)target->arguments + option->offset;

                if (option->type == OPTION_LIST)
                        g_clear_pointer((GPtrArray **)field, g_ptr_array_unref);
        }
}
