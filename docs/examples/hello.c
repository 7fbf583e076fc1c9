/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The smallest whole use of the library: start a program, wait for it, tell how it ended. Needs no
 * bus. To build: cc hello.c $(pkg-config --cflags --libs proctor-1) */

#include <proctor/proctor.h>

int main(void) {
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorProcessConfig)
                config = proctor_process_config_new_argv("sh", "-c", "exit 42", NULL);
        g_autoptr(ProctorManager) manager = proctor_manager_new_embedded(NULL, &error);
        g_autoptr(ProctorProcess)
                process = manager ? proctor_manager_start(manager, config, NULL, &error) : NULL;
        ProctorResult result;
        int exit_code;

        if (!process ||
            !proctor_process_wait(process, PROCTOR_INFINITY, &exit_code, &result, NULL, &error))
                g_error("%s", error->message);
        g_print("%s, %d\n", proctor_result_to_string(result), exit_code);
        return 0;
}
