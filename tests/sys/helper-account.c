/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The program that looks users up, with a user database that can be bad: "slow" never answers,
 * "crash" ends it, "talk" says nonsense, "endless" never stops talking. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sys/accounts.h"

int main(int argc, char *argv[]) {
        if (argc != 3 || strcmp(argv[1], ACCOUNT_HELPER_OPTION) != 0)
                return 126;
        if (strcmp(argv[2], "slow") == 0)
                for (;;)
                        pause();
        if (strcmp(argv[2], "crash") == 0)
                _exit(200);
        if (strcmp(argv[2], "endless") == 0)
                for (;;)
                        if (puts("and so on") < 0)
                                return 1;
        if (strcmp(argv[2], "talk") == 0)
                return puts("name") < 0;
        return account_helper(argv[2]);
}
