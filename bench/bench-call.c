/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a question costs: a property of the manager and of a process, against an empty method of
 * the trivial service over the same transport. The client is sd-bus and does as little as can be,
 * so that the service is what is left to see; all run on one CPU, and the questions take turns. */

#include "benches.h"
#include "harness.h"
#include "world.h"

#include <string.h>

#define IN_FLIGHT       64
#define LIVE            100
#define TURN            25
#define N_QUESTIONS     5
#define REPLY_USEC      (10 * G_USEC_PER_SEC)
#define PROPERTIES_NAME "org.freedesktop.DBus.Properties"

/* One question: an empty method (no property), or Properties.Get. */
typedef struct Question {
        const char *what;
        Server *server;
        sd_bus *bus;
        const char *path, *interface, *method, *property, *signature;
        Series *one, *many;
} Question;

typedef struct Place {
        const char *name;
        Server *floor, *proctord;
        sd_bus *floor_bus, *proctord_bus;
        char *process;
        Question questions[N_QUESTIONS];
} Place;

/* --- asking ----------------------------------------------------------------------------------- */

static sd_bus_message *make_call(Question *q) {
        sd_bus_message *m = NULL;
        int r;

        r = sd_bus_message_new_method_call(q->bus, &m, q->server->name, q->path,
                                           q->property ? PROPERTIES_NAME : q->interface,
                                           q->property ? "Get" : q->method);
        if (r >= 0 && q->property)
                r = sd_bus_message_append(m, "ss", q->interface, q->property);
        if (r < 0)
                bench_wrong("%s: %s", q->what, g_strerror(-r));
        return m;
}

static void check_reply(Question *q, sd_bus_message *reply) {
        const char *contents = "";
        char type;

        if (sd_bus_message_is_method_error(reply, NULL))
                bench_wrong("%s: %s", q->what, sd_bus_message_get_error(reply)->message);
        if (q->property && (sd_bus_message_peek_type(reply, &type, &contents) <= 0 || type != 'v' ||
                            strcmp(contents, q->signature) != 0))
                bench_wrong("%s: not a '%s'", q->what, q->signature);
}

static void ask_one(Question *q) {
        sd_bus_message *m = make_call(q), *reply = NULL;
        int r = sd_bus_call(q->bus, m, REPLY_USEC, NULL, &reply);

        if (r < 0)
                bench_wrong("%s: %s", q->what, g_strerror(-r));
        check_reply(q, reply);
        sd_bus_message_unref(reply);
        sd_bus_message_unref(m);
}

typedef struct Flight {
        Question *question;
        unsigned n, begun, done;
} Flight;

static void fly(Flight *f);

static int on_reply(sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        Flight *f = userdata;

        check_reply(f->question, reply);
        f->done++;
        if (f->begun < f->n)
                fly(f);
        return 1;
}

static void fly(Flight *f) {
        sd_bus_message *m = make_call(f->question);

        f->begun++;
        if (sd_bus_call_async(f->question->bus, NULL, m, on_reply, f, REPLY_USEC) < 0)
                bench_wrong("%s: cannot send", f->question->what);
        sd_bus_message_unref(m);
}

static void ask_many(Question *q, unsigned n) {
        Flight f = {.question = q, .n = n};

        while (f.begun < MIN(n, IN_FLIGHT))
                fly(&f);
        while (f.done < n) {
                int r = sd_bus_process(q->bus, NULL);

                if (r == 0)
                        r = sd_bus_wait(q->bus, REPLY_USEC);
                if (r < 0)
                        bench_wrong("%s: %s", q->what, g_strerror(-r));
        }
}

/* --- who is asked ----------------------------------------------------------------------------- */

static char *start_live(Place *p) {
        sd_bus_error error = SD_BUS_ERROR_NULL;
        sd_bus_message *reply = NULL;
        const char *path = NULL;
        char *copy;
        int r = sd_bus_call_method(p->proctord_bus, p->proctord->name, "/org/proctor1",
                                   "org.proctor1.Manager", "StartProcess", &error, &reply,
                                   "asa{sv}", 2, arg_options.payload, "pause", 3, "TimeoutUSec",
                                   "t", UINT64_MAX, "Stdout", "s", "null", "Stderr", "s", "null");

        if (r < 0)
                bench_wrong("StartProcess: %s", error.message);
        if (sd_bus_message_read(reply, "ou", &path, NULL) < 0)
                bench_wrong("StartProcess: not an answer");
        copy = g_strdup(path);
        sd_bus_message_unref(reply);
        return copy;
}

static void open_place(Place *p, const char *name, Transport transport) {
        int live = bench_count(LIVE, 3);

        p->name = name;
        p->floor = server_start(SERVER_FLOOR, transport, NULL);
        p->proctord = server_start(SERVER_PROCTORD, transport, NULL);
        p->floor_bus = server_connect_sdbus(p->floor);
        p->proctord_bus = server_connect_sdbus(p->proctord);
        for (int i = 0; i < live; i++) {
                g_free(p->process);
                p->process = start_live(p);
        }
        p->questions[0] = (Question){"empty method, trivial service",
                                     p->floor,
                                     p->floor_bus,
                                     "/org/proctor1/bench/floor",
                                     "org.proctor1.bench.Floor",
                                     "Empty",
                                     NULL,
                                     NULL};
        p->questions[1] = (Question){
                "property, trivial service", p->floor, p->floor_bus, "/org/proctor1/bench/floor",
                "org.proctor1.bench.Floor",  NULL,     "NRunning",   "u"};
        p->questions[2] = (Question){
                "Manager.Version",      p->proctord, p->proctord_bus, "/org/proctor1",
                "org.proctor1.Manager", NULL,        "Version",       "s"};
        p->questions[3] = (Question){
                "Manager.NRunning",     p->proctord, p->proctord_bus, "/org/proctor1",
                "org.proctor1.Manager", NULL,        "NRunning",      "u"};
        p->questions[4] = (Question){
                "Process.State",        p->proctord, p->proctord_bus, p->process,
                "org.proctor1.Process", NULL,        "State",         "s"};
}

static void close_place(Place *p) {
        sd_bus_flush_close_unref(p->floor_bus);
        sd_bus_flush_close_unref(p->proctord_bus);
        server_stop(p->floor);
        server_stop(p->proctord);
        g_free(p->process);
}

static void ask_turn(Question *q, double *ret_took) {
        for (unsigned i = 0; i < TURN; i++) {
                double began = bench_now_usec();

                ask_one(q);
                ret_took[i] = bench_now_usec() - began;
        }
}

static void run_place(Place *p, unsigned n, double *took) {
        for (unsigned k = 0; k < n; k++) {
                /* In turns of some length: the first calls after a change of the service find its
                 * memory cold. */
                for (size_t i = 0; i < N_QUESTIONS; i++)
                        ask_turn(&p->questions[i], took + (i * n + k) * TURN);
        }
        for (size_t i = 0; i < N_QUESTIONS; i++) {
                Question *q = &p->questions[i];
                double began = bench_now_usec();

                ask_many(q, n * TURN);
                series_add_figure(q->many, (bench_now_usec() - began) / (n * TURN));
                series_add_round(q->one, took + i * n * TURN, n * TURN);
        }
}

static void name_series(Bench *b, Place *p) {
        for (size_t i = 0; i < N_QUESTIONS; i++) {
                Question *q = &p->questions[i];

                q->one = bench_series(b, "us", "%s, %s", q->what, p->name);
                q->many = bench_series(b, "us", "%s, %s, 64 in flight", q->what, p->name);
        }
}

/* A property read carries two names and a variant, whoever serves it: without the bus between, where
 * little else is to be paid, only the trivial service's own property is a fair floor. */
static void compare(Bench *b, Question *q, double goal) {
        for (size_t i = 1; i < N_QUESTIONS; i++) {
                bench_ratio(b, q[i].one, q[0].one, i > 1 ? goal : 0);
                bench_ratio(b, q[i].many, q[0].many, 0);
        }
        for (size_t i = 2; i < N_QUESTIONS; i++) {
                bench_ratio(b, q[i].one, q[1].one, 1.15);
                bench_ratio(b, q[i].many, q[1].many, 0);
        }
}

unsigned bench_call(void) {
        Bench *b = bench_new("call", "a property read against an empty sd-bus method");
        Place places[2] = {};
        unsigned n = (unsigned)bench_count(40, 2);
        g_autofree double *took = g_new0(double, n *TURN *N_QUESTIONS);
        int rounds = bench_rounds(15);

        open_place(&places[0], "pair", TRANSPORT_PAIR);
        open_place(&places[1], "dbus-daemon", TRANSPORT_BUS);
        for (size_t p = 0; p < G_N_ELEMENTS(places); p++)
                name_series(b, &places[p]);
        world_pin();
        for (int i = 0; i < rounds; i++) {
                bench_round_begin(b);
                for (size_t p = 0; p < G_N_ELEMENTS(places); p++)
                        run_place(&places[p], n, took);
                bench_round_end(b);
        }
        world_unpin();
        for (size_t p = 0; p < G_N_ELEMENTS(places); p++)
                compare(b, places[p].questions, p == 0 ? 0 : 1.15);
        for (size_t p = 0; p < G_N_ELEMENTS(places); p++)
                close_place(&places[p]);
        return bench_finish(b);
}
