/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PROCTOR_ERROR_H
#define PROCTOR_ERROR_H

/* The one error domain of the library. A cancelled call gives %G_IO_ERROR_CANCELLED instead, as
 * everywhere in GIO. */

#include <glib-object.h>
#include <proctor/proctor-version.h>

G_BEGIN_DECLS

/**
 * ProctorError:
 * @PROCTOR_ERROR_FAILED: something failed that has no code of its own; the message says what
 * @PROCTOR_ERROR_INVALID_ARGUMENT: an argument or an option is wrong; the message names it
 * @PROCTOR_ERROR_ACCESS_DENIED: the caller may not do that
 * @PROCTOR_ERROR_LIMITS_EXCEEDED: a limit of the caller or of the machine is reached; the message
 *   names it
 * @PROCTOR_ERROR_NOT_SUPPORTED: this service, machine or connection cannot do that
 * @PROCTOR_ERROR_DISCONNECTED: the service has gone, or the connection to it was closed
 * @PROCTOR_ERROR_UNAVAILABLE: there is no service: none on that bus, or it could not be started
 * @PROCTOR_ERROR_AUTHORIZATION_REQUIRED: it may be allowed after a question to the user, which the
 *   call did not permit
 * @PROCTOR_ERROR_PROTOCOL: the service answered with something that is no answer
 * @PROCTOR_ERROR_NO_REPLY: the service did not answer in time, though it is there
 * @PROCTOR_ERROR_NO_SUCH_PROCESS: the process is not known, or may not be seen, or was forgotten
 * @PROCTOR_ERROR_SPAWN_FAILED: the program could not be started; the message says which step failed
 *   on what, and why
 * @PROCTOR_ERROR_NOT_RUNNING: the process has finished
 * @PROCTOR_ERROR_TIMEOUT: the time that was given to a wait is over; the process runs on
 * @PROCTOR_ERROR_STILL_ALIVE: processes could not be ended, the message names their PIDs; or a
 *   process that runs was to be forgotten
 * @PROCTOR_ERROR_SHUTTING_DOWN: the service is ending and starts nothing more
 * @PROCTOR_ERROR_NO_SUCH_GROUP: the group is not known, or may not be seen, or was shut down
 * @PROCTOR_ERROR_NO_SUCH_MEMBER: the group has no member of that name
 * @PROCTOR_ERROR_NAME_TAKEN: a group, or a member of the group, has that name already
 *
 * Codes of %PROCTOR_ERROR.
 *
 * Since: 0.1
 */
typedef enum {
        PROCTOR_ERROR_FAILED = 0,
        PROCTOR_ERROR_INVALID_ARGUMENT = 1,
        PROCTOR_ERROR_ACCESS_DENIED = 2,
        PROCTOR_ERROR_LIMITS_EXCEEDED = 3,
        PROCTOR_ERROR_NOT_SUPPORTED = 4,
        PROCTOR_ERROR_DISCONNECTED = 5,
        PROCTOR_ERROR_UNAVAILABLE = 6,
        PROCTOR_ERROR_AUTHORIZATION_REQUIRED = 7,
        PROCTOR_ERROR_PROTOCOL = 8,
        PROCTOR_ERROR_NO_REPLY = 9,
        PROCTOR_ERROR_NO_SUCH_PROCESS = 32,
        PROCTOR_ERROR_SPAWN_FAILED = 33,
        PROCTOR_ERROR_NOT_RUNNING = 34,
        PROCTOR_ERROR_TIMEOUT = 35,
        PROCTOR_ERROR_STILL_ALIVE = 36,
        PROCTOR_ERROR_SHUTTING_DOWN = 37,
        PROCTOR_ERROR_NO_SUCH_GROUP = 38,
        PROCTOR_ERROR_NO_SUCH_MEMBER = 39,
        PROCTOR_ERROR_NAME_TAKEN = 40,
} ProctorError;

/**
 * PROCTOR_ERROR:
 *
 * The error domain of the library; its codes are #ProctorError.
 *
 * Since: 0.1
 */
#define PROCTOR_ERROR (proctor_error_quark())

PROCTOR_AVAILABLE_IN_0_1
GQuark proctor_error_quark(void);

PROCTOR_AVAILABLE_IN_0_1
GType proctor_error_get_type(void) G_GNUC_CONST;
#define PROCTOR_TYPE_ERROR (proctor_error_get_type())

G_END_DECLS

#endif
