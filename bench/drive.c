/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The loop that keeps starts in flight, whatever the way; the ways are in files of their own. */

#include "drive.h"

#include "harness.h"

#define DRIVE_TIMEOUT_SEC 120

char *const drive_true[] = {(char *)"/bin/true", NULL};

/* --- the loop --------------------------------------------------------------------------------- */

static void begin_next(Drive *d) {
        unsigned i = d->begun++;

        d->began_usec[i] = bench_now_usec();
        d->way->begin(d, i);
}

void drive_done(Drive *d, unsigned i, int exit_code) {
        d->took_usec[i] = bench_now_usec() - d->began_usec[i];
        if (exit_code != d->expected)
                bench_wrong("%s: exit code %d, not %d", d->argv[0], exit_code, d->expected);
        d->done++;
        if (d->begun < d->n)
                begin_next(d);
        d->finished = d->done == d->n;
}

double drive_run(Way *w, char *const *argv, int expected, unsigned n, unsigned k,
                 double *ret_took_usec) {
        g_autofree double *began = g_new0(double, n);
        Drive d = {
                .way = w,
                .argv = argv,
                .expected = expected,
                .n = n,
                .k = k,
                .began_usec = began,
                .took_usec = ret_took_usec,
        };
        double start = bench_now_usec();

        if (w->run)
                return w->run(w, argv, expected, n, k, ret_took_usec);
        while (d.begun < MIN(k, n))
                begin_next(&d);
        world_run_until(&d.finished, "starts", DRIVE_TIMEOUT_SEC);
        return bench_now_usec() - start;
}

Way *way_free(Way *w) {
        if (w)
                w->free(w);
        return NULL;
}

GVariant *drive_options(void) {
        GVariantBuilder b;

        g_variant_builder_init(&b, G_VARIANT_TYPE_VARDICT);
        g_variant_builder_add(&b, "{sv}", "Stdout", g_variant_new_string("null"));
        g_variant_builder_add(&b, "{sv}", "Stderr", g_variant_new_string("null"));
        return g_variant_builder_end(&b);
}
