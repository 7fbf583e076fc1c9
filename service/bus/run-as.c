/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who runs a program as another must not be able to steer it into doing more than it is: what decides
 * what a program loads is refused, by name and for root too; who is not root may not say where its
 * home and its programs are; and it cannot gain privileges, unless it has them all. */

#include "bus/run-as.h"

#include "bus/access.h"
#include "bus/bus-error.h"
#include "bus/questions.h"
#include "bus/risk.h"

static int refuse_variable(const char *assignment, sd_bus_error *error) {
        return bus_fail_invalid(error,
                                "Option Environment: %.*s may not be set for a program of another "
                                "user",
                                (int)MIN(strcspn(assignment, "="), 64), assignment);
}

static int check_environment(const Spec *spec, uid_t caller, sd_bus_error *error) {
        const char *variable = risk_steering_variable(spec);

        if (!variable && caller != 0)
                variable = risk_identity_variable(spec);
        return variable ? refuse_variable(variable, error) : 0;
}

int run_as(Face *face, sd_bus_message *m, Options *options, sd_bus_error *error) {
        const Peer *peer = peers_sender(face, m);
        Spec *spec = options->spec;
        const Grant *grant;
        Account *account;
        int r;

        if (!options->user)
                return 0;
        if (face->kind != FACE_SYSTEM)
                return bus_fail(error, SD_BUS_ERROR_NOT_SUPPORTED,
                                "Option User: only the service of the system bus can be another "
                                "user");
        r = questions_account(face, m, options->user, &account, error);
        if (r != 0)
                return r;
        if (account->uid != peer->uid) {
                r = check_environment(spec, peer->uid, error);
                if (r == 0)
                        r = access_authorize_run_as(face, m, account, spec, &grant, error);
                if (r != 0)
                        return r;
                if (account->uid != 0)
                        spec->flags |= SPEC_NO_NEW_PRIVILEGES;
        }
        spec->account = account_ref(account);
        return 0;
}
