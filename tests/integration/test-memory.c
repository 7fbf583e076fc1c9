/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What many processes took is given back when they have been collected: the service is as small as it
 * was before, not as large as it ever had to be. */

#include "private-service.h"

#include <inttypes.h>
#include <stdlib.h>

#define N_PROCESSES 3000
#define N_AT_ONCE   64
#define GROWTH_KIB  2048 /* they take more than twice as much */
#define SKIPPED     77

static uint64_t arg_peak;

/* Anonymous memory in KiB. */
static uint64_t memory(const PrivateService *service) {
        g_autofree char *path = g_strdup_printf("/proc/%d/status", (int)service->pid);
        g_autofree char *text = NULL;
        const char *line;

        assert_true(g_file_get_contents(path, &text, NULL, NULL));
        line = strstr(text, "\nRssAnon:");
        assert_non_null(line);
        return strtoull(line + strlen("\nRssAnon:"), NULL, 10);
}

static int on_started(sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        assert_false(sd_bus_message_is_method_error(reply, NULL));
        (*(unsigned *)userdata)++;
        return 0;
}

static void start_one(PrivateService *service, unsigned *n_started) {
        sd_bus_message *m = service_method(service, ROOT, MANAGER, "StartProcess");

        assert_true(sd_bus_message_append(m, "asa{sv}", 1, "/bin/true", 0) >= 0);
        assert_true(sd_bus_call_async(service->bus, NULL, m, on_started, n_started, 0) >= 0);
        sd_bus_message_unref(m);
}

static void start_many(PrivateService *service) {
        unsigned n_started = 0;

        for (unsigned i = 0; i < N_PROCESSES; i++) {
                start_one(service, &n_started);
                while (i + 1 - n_started >= N_AT_ONCE)
                        service_run(service, MSEC);
        }
        while (n_started < N_PROCESSES)
                service_run(service, MSEC);
}

static bool is_small(void *userdata) {
        return memory(userdata) < arg_peak;
}

static void what_is_collected_is_given_back(void **state) {
        PrivateService service;
        uint64_t before;

        service_begin(&service, NULL);
        start_one(&service, &(unsigned){0});
        service_run(&service, 50 * MSEC);
        before = memory(&service);
        start_many(&service);
        print_message("%" PRIu64 " KiB before, %" PRIu64 " with %u processes\n", before,
                      memory(&service), N_PROCESSES);
        assert_true(memory(&service) > before + GROWTH_KIB);
        sd_bus_message_unref(
                service_call(&service, service_method(&service, ROOT, MANAGER, "Shutdown")));
        arg_peak = before + GROWTH_KIB;
        service_until(&service, is_small, &service);
        print_message("%" PRIu64 " KiB after\n", memory(&service));
        service_end(&service);
}

int main(void) {
        const struct CMUnitTest tests[] = {TEST(what_is_collected_is_given_back)};

#ifndef __GLIBC__
        printf("SKIP memory: this C library has no word for it\n");
        return SKIPPED;
#endif
        return cmocka_run_group_tests(tests, NULL, NULL);
}
