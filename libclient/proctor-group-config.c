/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a group behaves. What is not set is left to the service. */

#include "group-internal.h"

enum { PROP_0, PROP_ON_MEMBER_FAILURE, PROP_MAX_PARALLEL, PROP_KEY_MEMBER, N_PROPS };

struct _ProctorGroupConfig {
        GObject parent;
        ProctorMemberFailure on_member_failure;
        guint max_parallel;
        char *key_member;
};

G_DEFINE_FINAL_TYPE(ProctorGroupConfig, proctor_group_config, G_TYPE_OBJECT)

static GParamSpec *properties[N_PROPS];

static void proctor_group_config_finalize(GObject *object) {
        g_free(PROCTOR_GROUP_CONFIG(object)->key_member);
        G_OBJECT_CLASS(proctor_group_config_parent_class)->finalize(object);
}

static void proctor_group_config_get_property(GObject *object, guint id, GValue *value,
                                              GParamSpec *pspec) {
        ProctorGroupConfig *self = PROCTOR_GROUP_CONFIG(object);

        switch (id) {
        case PROP_ON_MEMBER_FAILURE:
                g_value_set_enum(value, (int)self->on_member_failure);
                break;
        case PROP_MAX_PARALLEL:
                g_value_set_uint(value, self->max_parallel);
                break;
        case PROP_KEY_MEMBER:
                g_value_set_string(value, self->key_member);
                break;
        default:
                G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
        }
}

static void proctor_group_config_set_property(GObject *object, guint id, const GValue *value,
                                              GParamSpec *pspec) {
        ProctorGroupConfig *self = PROCTOR_GROUP_CONFIG(object);

        switch (id) {
        case PROP_ON_MEMBER_FAILURE:
                proctor_group_config_set_on_member_failure(
                        self, (ProctorMemberFailure)g_value_get_enum(value));
                break;
        case PROP_MAX_PARALLEL:
                proctor_group_config_set_max_parallel(self, g_value_get_uint(value));
                break;
        case PROP_KEY_MEMBER:
                proctor_group_config_set_key_member(self, g_value_get_string(value));
                break;
        default:
                G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
        }
}

static void proctor_group_config_class_init(ProctorGroupConfigClass *class) {
        GObjectClass *object_class = G_OBJECT_CLASS(class);
        GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

        object_class->finalize = proctor_group_config_finalize;
        object_class->get_property = proctor_group_config_get_property;
        object_class->set_property = proctor_group_config_set_property;
        properties[PROP_ON_MEMBER_FAILURE] = g_param_spec_enum(
                "on-member-failure", NULL, "When a member fails", PROCTOR_TYPE_MEMBER_FAILURE,
                PROCTOR_MEMBER_FAILURE_CONTINUE, flags);
        properties[PROP_MAX_PARALLEL] = g_param_spec_uint(
                "max-parallel", NULL, "Members at the same time", 0, G_MAXUINT, 0, flags);
        properties[PROP_KEY_MEMBER] = g_param_spec_string("key-member", NULL,
                                                          "Whose end ends the run", NULL, flags);
        g_object_class_install_properties(object_class, N_PROPS, properties);
}

static void proctor_group_config_init(ProctorGroupConfig *self) {
}

ProctorGroupConfig *proctor_group_config_new(void) {
        return g_object_new(PROCTOR_TYPE_GROUP_CONFIG, NULL);
}

ProctorMemberFailure proctor_group_config_get_on_member_failure(ProctorGroupConfig *self) {
        g_return_val_if_fail(PROCTOR_IS_GROUP_CONFIG(self), PROCTOR_MEMBER_FAILURE_CONTINUE);

        return self->on_member_failure;
}

void proctor_group_config_set_on_member_failure(ProctorGroupConfig *self,
                                                ProctorMemberFailure on_member_failure) {
        g_return_if_fail(PROCTOR_IS_GROUP_CONFIG(self));
        g_return_if_fail(proctor_member_failure_to_string(on_member_failure));

        self->on_member_failure = on_member_failure;
        g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_ON_MEMBER_FAILURE]);
}

guint proctor_group_config_get_max_parallel(ProctorGroupConfig *self) {
        g_return_val_if_fail(PROCTOR_IS_GROUP_CONFIG(self), 0);

        return self->max_parallel;
}

void proctor_group_config_set_max_parallel(ProctorGroupConfig *self, guint max_parallel) {
        g_return_if_fail(PROCTOR_IS_GROUP_CONFIG(self));

        self->max_parallel = max_parallel;
        g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_MAX_PARALLEL]);
}

const char *proctor_group_config_get_key_member(ProctorGroupConfig *self) {
        g_return_val_if_fail(PROCTOR_IS_GROUP_CONFIG(self), NULL);

        return self->key_member;
}

void proctor_group_config_set_key_member(ProctorGroupConfig *self, const char *key_member) {
        g_return_if_fail(PROCTOR_IS_GROUP_CONFIG(self));

        g_free(self->key_member);
        self->key_member = g_strdup(key_member);
        g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_KEY_MEMBER]);
}

GVariant *group_config_options(ProctorGroupConfig *self) {
        GVariantDict options;

        g_variant_dict_init(&options, NULL);
        if (self && self->on_member_failure != PROCTOR_MEMBER_FAILURE_CONTINUE)
                g_variant_dict_insert(&options, PROCTOR_GROUP_OPTION_ON_MEMBER_FAILURE, "s",
                                      proctor_member_failure_to_string(self->on_member_failure));
        if (self && self->max_parallel > 0)
                g_variant_dict_insert(&options, PROCTOR_GROUP_OPTION_MAX_PARALLEL, "u",
                                      self->max_parallel);
        if (self && self->key_member) {
                g_autofree char *valid = g_utf8_make_valid(self->key_member, -1);

                g_variant_dict_insert(&options, PROCTOR_GROUP_OPTION_KEY_MEMBER, "s", valid);
        }
        return g_variant_dict_end(&options);
}
