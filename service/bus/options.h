/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The options of StartProcess and AdoptProcess: a closed list, exact types, checked values. */

#include <systemd/sd-bus.h>

#include "bus/strings.h"
#include "core/process.h"
#include "core/spec.h"

typedef enum OptionUse {
        OPTION_START = 1 << 0,
        OPTION_ADOPT = 1 << 1,
} OptionUse;

typedef struct Options {
        Spec *spec;           /* OPTION_START: to be filled; else NULL */
        ProcessConfig config; /* initialised */
        const char *user;     /* OPTION_START, or NULL; owned by the message */
        StringBudget budget;  /* OPTION_START: of the command and the environment */
        int pidfd;            /* OPTION_ADOPT; −EBADF if not given; owned by the message */
} Options;

/* Reads an a{sv}. 0, or an error that is set and names the key. */
int options_read(sd_bus_message *m, OptionUse use, Options *options, sd_bus_error *error);
