/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The wait itself is a blocking call of the library, so the line has a thread of its own. */

#include "progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "duration.h"

struct Progress {
        char *text;
        gint64 begin;
        GThread *thread;
        GMutex mutex;
        GCond changed;
        bool over;
};

static void show(const Progress *progress) {
        gint64 elapsed = (g_get_monotonic_time() - progress->begin) / G_USEC_PER_SEC;
        g_autofree char *time = duration_to_rounded_string((guint64)elapsed * G_USEC_PER_SEC);

        fprintf(stderr, "\r%s … %s\033[K", progress->text, time);
        fflush(stderr);
}

static void *tell(void *data) {
        Progress *progress = data;
        gint64 next = progress->begin + G_USEC_PER_SEC;
        bool shown = false;

        g_mutex_lock(&progress->mutex);
        while (!progress->over)
                if (!g_cond_wait_until(&progress->changed, &progress->mutex, next)) {
                        show(progress);
                        shown = true;
                        next += G_USEC_PER_SEC;
                }
        g_mutex_unlock(&progress->mutex);
        if (shown)
                fputs("\r\033[K", stderr);
        return NULL;
}

Progress *progress_begin(const Cli *cli, const char *text) {
        const char *term = g_getenv("TERM");
        Progress *progress;

        if (cli->quiet || cli->json || !term || strcmp(term, "dumb") == 0 ||
            isatty(STDERR_FILENO) != 1)
                return NULL;
        progress = g_new0(Progress, 1);
        progress->text = g_strdup(text);
        progress->begin = g_get_monotonic_time();
        g_mutex_init(&progress->mutex);
        g_cond_init(&progress->changed);
        progress->thread = g_thread_new("progress", tell, progress);
        return progress;
}

Progress *progress_end(Progress *progress) {
        if (!progress)
                return NULL;
        g_mutex_lock(&progress->mutex);
        progress->over = true;
        g_cond_signal(&progress->changed);
        g_mutex_unlock(&progress->mutex);
        g_thread_join(progress->thread);
        g_mutex_clear(&progress->mutex);
        g_cond_clear(&progress->changed);
        g_free(progress->text);
        g_free(progress);
        return NULL;
}
