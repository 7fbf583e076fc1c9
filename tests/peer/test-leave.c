/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Leaving the bus: whoever calls while the name is given up is served by a service that stays, in the
 * order of his calls; and where there is no way back, or the name has gone to somebody else, he is
 * told so. */

#include "bus/leave.h"

#include "util/room.h"

#define ENDING "org.proctor1.Error.ShuttingDown"

typedef struct Scene {
        Room room;
        Client *client;
        bool ended;
        LeaveEnd end;
} Scene;

static void on_end(void *userdata, LeaveEnd end) {
        Scene *scene = userdata;

        assert_false(scene->ended);
        scene->ended = true;
        scene->end = end;
}

static bool has_ended(void *userdata) {
        return ((Scene *)userdata)->ended;
}

static void scene_init(Scene *scene) {
        *scene = (Scene){};
        room_init_bus(&scene->room);
        scene->client = room_client(&scene->room);
}

static void begin(Scene *scene, LeaveKind kind) {
        assert_true(face_is_unused(scene->room.face));
        assert_int_equal(leave_begin(scene->room.face, kind, on_end, scene), 0);
        assert_false(face_is_unused(scene->room.face));
}

static void scene_begin(Scene *scene, LeaveKind kind) {
        scene_init(scene);
        begin(scene, kind);
}

static void until_ended(Scene *scene, LeaveEnd end) {
        room_until(&scene->room, has_ended, scene);
        assert_int_equal(scene->end, end);
        assert_null(scene->room.face->leave);
}

static sd_bus_message *call_to(Client *client, const char *service) {
        sd_bus_message *m = NULL;

        assert_true(sd_bus_message_new_method_call(client->bus, &m, service, ROOT, MANAGER,
                                                   "Subscribe") >= 0);
        return m;
}

static void expect_call(Room *room, Call *call, const char *expected) {
        room_until(room, call_is_answered, call);
        assert_string_equal(answer_name(call->reply), expected);
        call_free(call);
}

static bool has_no_name(void *userdata) {
        Scene *scene = userdata;

        return sd_bus_get_name_creds(scene->client->bus, "org.proctor1", 0, NULL) < 0;
}

static void it_leaves_if_nobody_calls(void **state) {
        Scene scene;

        scene_begin(&scene, LEAVE_REVOCABLE);
        until_ended(&scene, LEAVE_LEFT);
        assert_true(has_no_name(&scene));
        room_done(&scene.room);
}

static void who_called_by_name_is_served_in_order(void **state) {
        Call *calls[20];
        Scene scene;

        scene_init(&scene);
        /* before the bus has got the release, and the service the call */
        for (unsigned i = 0; i < G_N_ELEMENTS(calls); i++) {
                sd_bus_message *m = client_message(scene.client, ROOT, MANAGER, "StartProcess");

                assert_true(sd_bus_message_append(m, "asa{sv}", 1, "fake", 0) >= 0);
                calls[i] = client_send(scene.client, m);
        }
        assert_true(sd_bus_flush(scene.client->bus) >= 0);
        begin(&scene, LEAVE_REVOCABLE);
        until_ended(&scene, LEAVE_STAYED);
        for (unsigned i = 0; i < G_N_ELEMENTS(calls); i++) {
                g_autofree char *expected = g_strdup_printf("/org/proctor1/process/%u", i + 1);
                const char *path;

                room_until(&scene.room, call_is_answered, calls[i]);
                assert_true(sd_bus_message_read(calls[i]->reply, "ou", &path, NULL) >= 0);
                assert_string_equal(path, expected);
                call_free(calls[i]);
        }
        assert_false(has_no_name(&scene));
        room_done(&scene.room);
}

static void who_knows_its_unique_name_is_served(void **state) {
        const char *name;
        Scene scene;
        Call *call;

        scene_begin(&scene, LEAVE_REVOCABLE);
        assert_true(sd_bus_get_unique_name(scene.room.bus, &name) >= 0);
        room_until(&scene.room, has_no_name, &scene);
        assert_false(scene.ended);
        call = client_send(scene.client, call_to(scene.client, name));
        until_ended(&scene, LEAVE_STAYED);
        expect_call(&scene.room, call, "ok");
        assert_false(has_no_name(&scene));
        room_done(&scene.room);
}

static void with_no_way_back_calls_are_refused(void **state) {
        const char *name;
        Scene scene;
        Call *call;

        scene_begin(&scene, LEAVE_FINAL);
        assert_true(sd_bus_get_unique_name(scene.room.bus, &name) >= 0);
        call = client_send(scene.client, call_to(scene.client, name));
        until_ended(&scene, LEAVE_LEFT);
        expect_call(&scene.room, call, ENDING);
        assert_true(has_no_name(&scene));
        room_done(&scene.room);
}

static void the_next_service_keeps_the_name(void **state) {
        const char *name;
        Client *next;
        Scene scene;
        Call *call;

        scene_begin(&scene, LEAVE_REVOCABLE);
        assert_true(sd_bus_get_unique_name(scene.room.bus, &name) >= 0);
        next = room_client(&scene.room);
        room_until(&scene.room, has_no_name, &scene);
        assert_true(sd_bus_request_name(next->bus, "org.proctor1", 0) >= 0);
        call = client_send(scene.client, call_to(scene.client, name));
        until_ended(&scene, LEAVE_LEFT);
        expect_call(&scene.room, call, ENDING);
        room_done(&scene.room);
}

/* Or somebody was so fast that the name was back within one turn of the loop. */
static bool holds(void *userdata) {
        const Scene *scene = userdata;

        return scene->ended || leave_is_holding(scene->room.face->leave);
}

static void an_end_meanwhile_refuses_who_waits(void **state) {
        Scene scene;
        Call *call;

        scene_init(&scene);
        call = client_send(scene.client, call_to(scene.client, "org.proctor1"));
        assert_true(sd_bus_flush(scene.client->bus) >= 0);
        begin(&scene, LEAVE_REVOCABLE);
        room_until(&scene.room, holds, &scene);
        if (scene.ended) {
                print_message("the bus was faster: nobody had to wait\n");
                assert_int_equal(scene.end, LEAVE_STAYED);
                expect_call(&scene.room, call, "ok");
                room_done(&scene.room);
                return;
        }
        scene.room.face->leave = leave_free(scene.room.face->leave);
        expect_call(&scene.room, call, ENDING);
        assert_false(scene.ended);
        room_done(&scene.room);
}

TEST_MAIN(TEST(it_leaves_if_nobody_calls), TEST(who_called_by_name_is_served_in_order),
          TEST(who_knows_its_unique_name_is_served), TEST(with_no_way_back_calls_are_refused),
          TEST(the_next_service_keeps_the_name), TEST(an_end_meanwhile_refuses_who_waits))
