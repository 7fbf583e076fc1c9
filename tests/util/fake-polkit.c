/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* See fake-polkit.h. */

#include "util/fake-polkit.h"

#include "bus/bus-source.h"
#include "bus/connect.h"

#define NAME "org.freedesktop.PolicyKit1"

static void on_lost(void *userdata, int error) {
}

static int answer(sd_bus_message *m, PolkitMood mood) {
        switch (mood) {
        case POLKIT_ERROR:
                return sd_bus_reply_method_errorf(m, NAME ".Error.Failed", "no such action");
        case POLKIT_NONSENSE:
                return sd_bus_reply_method_return(m, "s", "yes");
        default:
                return sd_bus_reply_method_return(m, "(bba{ss})", mood == POLKIT_YES,
                                                  mood == POLKIT_CHALLENGE, 0);
        }
}

static int note_question(FakePolkit *polkit, sd_bus_message *m) {
        const char *kind, *name, *action, *key, *value;
        g_autoptr(GString) details = g_string_new(NULL);

        if (sd_bus_message_read(m, "(sa{sv})s", &kind, 1, &key, "s", &name, &action) < 0)
                return -EBADMSG;
        g_free(polkit->subject);
        polkit->subject = g_strdup_printf("%s %s", kind, name);
        g_free(polkit->action);
        polkit->action = g_strdup(action);
        sd_bus_message_enter_container(m, 'a', "{ss}");
        while (sd_bus_message_read(m, "{ss}", &key, &value) > 0)
                g_string_append_printf(details, "%s%s=%s", details->len ? "; " : "", key, value);
        sd_bus_message_exit_container(m);
        g_free(polkit->details);
        polkit->details = g_strdup(details->str);
        polkit->n_questions++;
        return sd_bus_message_read(m, "u", &polkit->flags);
}

static int on_check(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        FakePolkit *polkit = userdata;

        assert_true(note_question(polkit, m) >= 0);
        if (polkit->mood != POLKIT_SILENT)
                return answer(m, polkit->mood);
        g_ptr_array_add(polkit->kept, sd_bus_message_ref(m));
        return 1;
}

static int on_cancel(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        ((FakePolkit *)userdata)->n_cancelled++;
        return 1;
}

static const sd_bus_vtable vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("CheckAuthorization", "(sa{sv})sa{ss}us", "(bba{ss})", on_check,
                      SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("CancelCheckAuthorization", "s", "", on_cancel, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

static void unref_message(void *m) {
        sd_bus_message_unref(m);
}

void fake_polkit_init(FakePolkit *polkit, Room *room) {
        *polkit = (FakePolkit){.room = room};
        polkit->kept = g_ptr_array_new_with_free_func(unref_message);
        assert_int_equal(connect_address(room->address, &polkit->bus), 0);
        assert_true(sd_bus_add_object_vtable(polkit->bus, NULL,
                                             "/org/freedesktop/PolicyKit1/Authority",
                                             NAME ".Authority", vtable, polkit) >= 0);
        polkit->source = bus_source_new(polkit->bus, on_lost, polkit);
        g_source_attach(polkit->source, NULL);
}

void fake_polkit_done(FakePolkit *polkit) {
        g_ptr_array_unref(polkit->kept);
        g_source_destroy(polkit->source);
        g_source_unref(polkit->source);
        sd_bus_close(polkit->bus);
        sd_bus_unref(polkit->bus);
        g_free(polkit->subject);
        g_free(polkit->action);
        g_free(polkit->details);
}

void fake_polkit_set(FakePolkit *polkit, PolkitMood mood) {
        bool wants_name = mood != POLKIT_ABSENT;

        polkit->mood = mood;
        if (wants_name == polkit->has_name)
                return;
        if (wants_name)
                assert_true(sd_bus_request_name(polkit->bus, NAME, 0) >= 0);
        else
                assert_true(sd_bus_release_name(polkit->bus, NAME) >= 0);
        polkit->has_name = wants_name;
}

void fake_polkit_answer(FakePolkit *polkit, PolkitMood mood) {
        for (unsigned i = 0; i < polkit->kept->len; i++)
                assert_true(answer(polkit->kept->pdata[i], mood) >= 0);
        g_ptr_array_set_size(polkit->kept, 0);
}
