/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The object of a group: a view of its crew. What changes is given as a copy. */

#include "enums-internal.h"
#include "group-internal.h"
#include "manager-internal.h"

struct _ProctorGroup {
        GObject parent;
        ProctorManager *manager;
        Crew *crew;
};

G_DEFINE_FINAL_TYPE(ProctorGroup, proctor_group, G_TYPE_OBJECT)

enum { SIGNAL_MEMBER_EXITED, SIGNAL_MEMBER_FAILED, SIGNAL_FINISHED, N_SIGNALS };

static guint signals[N_SIGNALS];
static GParamSpec *properties[_GROUP_PROP_MAX];

static void proctor_group_finalize(GObject *object) {
        ProctorGroup *self = PROCTOR_GROUP(object);

        if (self->crew)
                crew_leave(self->crew);
        g_clear_pointer(&self->crew, crew_unref);
        g_clear_object(&self->manager);
        G_OBJECT_CLASS(proctor_group_parent_class)->finalize(object);
}

static void proctor_group_get_property(GObject *object, guint id, GValue *value,
                                       GParamSpec *pspec) {
        ProctorGroup *self = PROCTOR_GROUP(object);

        switch ((GroupProperty)id) {
        case GROUP_PROP_MANAGER:
                g_value_set_object(value, self->manager);
                break;
        case GROUP_PROP_OBJECT_PATH:
                g_value_set_string(value, self->crew->path);
                break;
        case GROUP_PROP_ID:
                g_value_set_uint64(value, self->crew->id);
                break;
        case GROUP_PROP_NAME:
                g_value_set_string(value, self->crew->name);
                break;
        case GROUP_PROP_OWNER:
                g_value_set_uint(value, proctor_group_get_owner(self));
                break;
        case GROUP_PROP_ON_MEMBER_FAILURE:
                g_value_set_enum(value, (int)proctor_group_get_on_member_failure(self));
                break;
        case GROUP_PROP_MAX_PARALLEL:
                g_value_set_uint(value, proctor_group_get_max_parallel(self));
                break;
        case GROUP_PROP_KEY_MEMBER:
                g_value_set_string(value, self->crew->key_member);
                break;
        case GROUP_PROP_MEMBERS:
                g_value_take_boxed(value, proctor_group_dup_members(self));
                break;
        case GROUP_PROP_N_RUNNING:
                g_value_set_uint(value, proctor_group_get_n_running(self));
                break;
        case GROUP_PROP_STATE:
                g_value_set_enum(value, (int)proctor_group_get_state(self));
                break;
        case GROUP_PROP_RESULT:
                g_value_set_enum(value, (int)proctor_group_get_result(self));
                break;
        case GROUP_PROP_EXIT_CODE:
                g_value_set_int(value, proctor_group_get_exit_code(self));
                break;
        case GROUP_PROP_FAILED_MEMBER:
                g_value_take_string(value, proctor_group_dup_failed_member(self));
                break;
        case GROUP_PROP_0:
        case _GROUP_PROP_MAX:
                break;
        }
}

#define READABLE (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

static void group_add_string(GroupProperty id, const char *name, const char *blurb) {
        properties[id] = g_param_spec_string(name, NULL, blurb, NULL, READABLE);
}

static void group_add_uint(GroupProperty id, const char *name, const char *blurb) {
        properties[id] = g_param_spec_uint(name, NULL, blurb, 0, G_MAXUINT, 0, READABLE);
}

static void group_add_enum(GroupProperty id, const char *name, const char *blurb, GType type) {
        properties[id] = g_param_spec_enum(name, NULL, blurb, type, 0, READABLE);
}

static void group_add_properties(void) {
        properties[GROUP_PROP_MANAGER] = g_param_spec_object("manager", NULL, "Its manager",
                                                             PROCTOR_TYPE_MANAGER, READABLE);
        group_add_string(GROUP_PROP_OBJECT_PATH, "object-path", "Its D-Bus object");
        properties[GROUP_PROP_ID] = g_param_spec_uint64("id", NULL, "Its number", 0, G_MAXUINT64, 0,
                                                        READABLE);
        group_add_string(GROUP_PROP_NAME, "name", "Its name");
        group_add_uint(GROUP_PROP_OWNER, "owner", "Uid of its user");
        group_add_enum(GROUP_PROP_ON_MEMBER_FAILURE, "on-member-failure", "When a member fails",
                       PROCTOR_TYPE_MEMBER_FAILURE);
        group_add_uint(GROUP_PROP_MAX_PARALLEL, "max-parallel", "Members at the same time");
        group_add_string(GROUP_PROP_KEY_MEMBER, "key-member", "Whose end ends the run");
        properties[GROUP_PROP_MEMBERS] = g_param_spec_boxed("members", NULL, "Names of its members",
                                                            G_TYPE_STRV, READABLE);
        group_add_uint(GROUP_PROP_N_RUNNING, "n-running", "Members that run");
        group_add_enum(GROUP_PROP_STATE, "state", "Whether it runs", PROCTOR_TYPE_GROUP_STATE);
        group_add_enum(GROUP_PROP_RESULT, "result", "How its last run ended", PROCTOR_TYPE_RESULT);
        properties[GROUP_PROP_EXIT_CODE] = g_param_spec_int(
                "exit-code", NULL, "How its last run ended", G_MININT, G_MAXINT, 0, READABLE);
        group_add_string(GROUP_PROP_FAILED_MEMBER, "failed-member", "Who failed first");
}

static void proctor_group_class_init(ProctorGroupClass *class) {
        GObjectClass *object_class = G_OBJECT_CLASS(class);

        object_class->finalize = proctor_group_finalize;
        object_class->get_property = proctor_group_get_property;
        group_add_properties();
        g_object_class_install_properties(object_class, _GROUP_PROP_MAX, properties);

        signals[SIGNAL_MEMBER_EXITED] = g_signal_new(
                "member-exited", PROCTOR_TYPE_GROUP, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_INT, PROCTOR_TYPE_RESULT);
        signals[SIGNAL_MEMBER_FAILED] = g_signal_new("member-failed", PROCTOR_TYPE_GROUP,
                                                     G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                                     G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
        signals[SIGNAL_FINISHED] = g_signal_new("finished", PROCTOR_TYPE_GROUP, G_SIGNAL_RUN_LAST,
                                                0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                                G_TYPE_VARIANT);
}

static void proctor_group_init(ProctorGroup *self) {
}

ProctorGroup *group_for_path(ProctorManager *manager, const char *path, GVariant *properties_of) {
        Link *link = manager_get_link(manager);
        ProctorGroup *self = NULL;

        link_lock(link);
        Crew *crew = crew_find(link, path);
        if (crew)
                self = g_weak_ref_get(&crew->object);
        if (!self) {
                self = g_object_new(PROCTOR_TYPE_GROUP, NULL);
                self->manager = g_object_ref(manager);
                self->crew = crew = crew_new(link, path);
                g_weak_ref_set(&crew->object, self);
        }
        crew_apply(crew, properties_of);
        link_unlock(link);
        return self;
}

Crew *group_get_crew(ProctorGroup *self) {
        return self->crew;
}

void group_notify(ProctorGroup *self, guint64 changed) {
        g_object_freeze_notify(G_OBJECT(self));
        for (guint id = GROUP_PROP_0 + 1; id < _GROUP_PROP_MAX; id++)
                if (changed & (G_GUINT64_CONSTANT(1) << id))
                        g_object_notify_by_pspec(G_OBJECT(self), properties[id]);
        g_object_thaw_notify(G_OBJECT(self));
}

void group_emit(ProctorGroup *self, CrewEvent *event) {
        if (!event->member)
                g_signal_emit(self, signals[SIGNAL_FINISHED], 0, event->members);
        else if (event->failed)
                g_signal_emit(self, signals[SIGNAL_MEMBER_FAILED], 0, event->member, event->error);
        else
                g_signal_emit(self, signals[SIGNAL_MEMBER_EXITED], 0, event->member,
                              event->exit_code, event->result);
}

/* getters */

ProctorManager *proctor_group_get_manager(ProctorGroup *self) {
        g_return_val_if_fail(PROCTOR_IS_GROUP(self), NULL);

        return self->manager;
}

const char *proctor_group_get_object_path(ProctorGroup *self) {
        g_return_val_if_fail(PROCTOR_IS_GROUP(self), NULL);

        return self->crew->path;
}

guint64 proctor_group_get_id(ProctorGroup *self) {
        g_return_val_if_fail(PROCTOR_IS_GROUP(self), 0);

        return self->crew->id;
}

const char *proctor_group_get_name(ProctorGroup *self) {
        g_return_val_if_fail(PROCTOR_IS_GROUP(self), NULL);

        return self->crew->name;
}

const char *proctor_group_get_key_member(ProctorGroup *self) {
        g_return_val_if_fail(PROCTOR_IS_GROUP(self), NULL);

        return self->crew->key_member;
}

/* A reference, or NULL if the service did not tell it. */
static GVariant *group_fact(ProctorGroup *self, GroupProperty property) {
        link_lock(self->crew->link);
        GVariant *value = self->crew->facts[property];
        if (value)
                g_variant_ref(value);
        link_unlock(self->crew->link);
        return value;
}

static gint32 group_word(GVariant *value, GType type) {
        gint32 number;

        if (!value || !enum_from_word(type, g_variant_get_string(value, NULL), &number))
                return 0;
        return number;
}

ProctorGroupState group_state(Crew *crew) {
        return (ProctorGroupState)group_word(crew->facts[GROUP_PROP_STATE],
                                             PROCTOR_TYPE_GROUP_STATE);
}

#define DEFINE_GETTER(Type, function, PROPERTY, fallback, expression)                              \
        Type proctor_group_##function(ProctorGroup *self) {                                        \
                g_return_val_if_fail(PROCTOR_IS_GROUP(self), fallback);                            \
                                                                                                   \
                g_autoptr(GVariant) value = group_fact(self, GROUP_PROP_##PROPERTY);               \
                return expression;                                                                 \
        }

#define DEFINE_UINT_GETTER(name, PROPERTY, fallback)                                               \
        DEFINE_GETTER(guint, get_##name, PROPERTY, fallback,                                       \
                      value ? g_variant_get_uint32(value) : fallback)
#define DEFINE_WORD_GETTER(Type, name, PROPERTY, type)                                             \
        DEFINE_GETTER(Type, get_##name, PROPERTY, (Type)0, (Type)group_word(value, type))

DEFINE_UINT_GETTER(owner, OWNER, G_MAXUINT)
DEFINE_UINT_GETTER(max_parallel, MAX_PARALLEL, 0)
DEFINE_UINT_GETTER(n_running, N_RUNNING, 0)
DEFINE_WORD_GETTER(ProctorMemberFailure, on_member_failure, ON_MEMBER_FAILURE,
                   PROCTOR_TYPE_MEMBER_FAILURE)
DEFINE_WORD_GETTER(ProctorGroupState, state, STATE, PROCTOR_TYPE_GROUP_STATE)
DEFINE_WORD_GETTER(ProctorResult, result, RESULT, PROCTOR_TYPE_RESULT)
DEFINE_GETTER(int, get_exit_code, EXIT_CODE, 0, value ? g_variant_get_int32(value) : 0)
DEFINE_GETTER(char **, dup_members, MEMBERS, NULL,
              value ? g_variant_dup_strv(value, NULL) : g_new0(char *, 1))
DEFINE_GETTER(char *, dup_failed_member, FAILED_MEMBER, NULL,
              value ? g_variant_dup_string(value, NULL) : g_strdup(""))
