/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Questions and their answers, see the header. polkit is always asked about the sender's unique name
 * on the bus: names are never used again there, and the bus tells when one has left, in order with the
 * answers. Nothing is decided by a PID. */

#include "bus/questions.h"

#include <errno.h>
#include <inttypes.h>

#include "base/log.h"
#include "bus/bus-cleanup.h"
#include "bus/bus-error.h"

#define POLKIT_NAME      "org.freedesktop.PolicyKit1"
#define POLKIT_PATH      "/org/freedesktop/PolicyKit1/Authority"
#define POLKIT_INTERFACE "org.freedesktop.PolicyKit1.Authority"

/* What the messages of one user may weigh that somebody is asked about. */
#define WEIGHT_MAX ((size_t)16 * 1024 * 1024)

#define TIMEOUT_USEC             (10 * USEC_PER_SEC)
#define TIMEOUT_INTERACTIVE_USEC (120 * USEC_PER_SEC)

typedef struct Answer {
        char *what; /* action and details */
        Verdict verdict;
} Answer;

struct Question {
        Face *face;
        Peer *peer;
        sd_bus_message *m;
        size_t weight;
        GPtrArray *answers; /* Answer */
        Account *account;
        char *user;     /* whom account is about */
        int user_error; /* of the look-up; negative */

        /* while somebody is asked */
        bool asking;
        bool looks_up;
        sd_bus_slot *slot;
        char *cancellation; /* polkit's handle */
        char *what;
};

static void answer_free(void *data) {
        Answer *answer = data;

        g_free(answer->what);
        g_free(answer);
}

/* Nobody shall be bothered any more by a dialog about who has left. */
static void cancel(Question *question) {
        g_autoptr(sd_bus_message) m = NULL;
        sd_bus *bus = question->face->bus;

        if (!question->cancellation)
                return;
        if (sd_bus_message_new_method_call(bus, &m, POLKIT_NAME, POLKIT_PATH, POLKIT_INTERFACE,
                                           "CancelCheckAuthorization") >= 0 &&
            sd_bus_message_append(m, "s", question->cancellation) >= 0 &&
            sd_bus_message_set_expect_reply(m, 0) >= 0)
                (void)sd_bus_send(bus, m, NULL);
}

/* No longer asking. */
static void settle(Question *question) {
        if (question->asking)
                question->peer->n_questions--;
        question->asking = question->looks_up = false;
        question->slot = sd_bus_slot_unref(question->slot);
        g_clear_pointer(&question->cancellation, g_free);
        g_clear_pointer(&question->what, g_free);
}

static void question_free(void *data) {
        Question *question = data;

        if (question->looks_up)
                supervisor_cancel_look_up(question->face->supervisor, question);
        if (question->asking)
                cancel(question);
        settle(question);
        g_ptr_array_unref(question->answers);
        account_unref(question->account);
        g_free(question->user);
        sd_bus_message_unref(question->m);
        g_free(question);
}

void questions_init(Face *face) {
        face->questions = g_hash_table_new_full(NULL, NULL, NULL, question_free);
}

void questions_done(Face *face) {
        g_clear_pointer(&face->questions, g_hash_table_unref);
}

void questions_turn(Face *face, sd_bus_message *m) {
        Question *before = face->question;

        face->question = g_hash_table_lookup(face->questions, m);
        if (before && before != face->question && !before->asking)
                g_hash_table_remove(face->questions, before->m);
}

static char *name_of(const char *action, const char *const *details) {
        g_autofree char *joined = g_strjoinv("\n", (char **)details);

        return g_strconcat(action, "\n", joined, NULL);
}

Verdict questions_verdict(Face *face, sd_bus_message *m, const char *action,
                          const char *const *details) {
        const Question *question = g_hash_table_lookup(face->questions, m);
        g_autofree char *what = NULL;

        if (!question)
                return VERDICT_NONE;
        what = name_of(action, details);
        for (unsigned i = 0; i < question->answers->len; i++) {
                const Answer *answer = question->answers->pdata[i];

                if (strcmp(answer->what, what) == 0)
                        return answer->verdict;
        }
        return VERDICT_NONE;
}

/* Behind what has come meanwhile. */
static void dispatch_again(Question *question) {
        Face *face = question->face;
        int r;

        settle(question);
        r = sd_bus_message_rewind(question->m, 1);
        if (r >= 0)
                r = sd_bus_enqueue_for_read(face->bus, question->m);
        if (r >= 0)
                return;
        sd_bus_reply_method_errno(question->m, r, NULL);
        g_hash_table_remove(face->questions, question->m);
}

static unsigned count_of_user(const Face *face, uid_t uid) {
        GHashTableIter iter;
        unsigned n = 0;
        void *value;

        g_hash_table_iter_init(&iter, face->peers.by_origin);
        while (g_hash_table_iter_next(&iter, NULL, &value)) {
                const Peer *peer = value;

                n += peer->uid == uid ? peer->n_questions : 0;
        }
        return n;
}

static size_t weight_of_user(const Face *face, uid_t uid) {
        GHashTableIter iter;
        size_t weight = 0;
        void *value;

        g_hash_table_iter_init(&iter, face->questions);
        while (g_hash_table_iter_next(&iter, NULL, &value)) {
                const Question *question = value;

                weight += question->peer->uid == uid ? question->weight : 0;
        }
        return weight;
}

/* The question of m, new or one that has had an answer already. */
static int begin(Face *face, sd_bus_message *m, Question **ret, sd_bus_error *error) {
        Question *question = g_hash_table_lookup(face->questions, m);
        Peer *peer = peers_sender(face, m);

        if (peer->n_questions >= face->limits.questions_per_peer)
                return bus_fail_limit(error, "open questions to polkit of one connection");
        if (count_of_user(face, peer->uid) >= face->limits.questions_per_user)
                return bus_fail_limit(error, "open questions to polkit of one user");
        if (!question && weight_of_user(face, peer->uid) >= WEIGHT_MAX)
                return bus_fail_limit(error,
                                      "bytes of one user's calls that polkit is asked about");
        if (!question) {
                question = g_new0(Question, 1);
                question->face = face;
                question->peer = peer;
                question->m = sd_bus_message_ref(m);
                question->weight = message_weight(m);
                question->answers = g_ptr_array_new_with_free_func(answer_free);
                g_hash_table_insert(face->questions, m, question);
        }
        question->asking = true;
        peer->n_questions++;
        *ret = question;
        return 0;
}

static Verdict read_verdict(sd_bus_message *reply) {
        const sd_bus_error *error = sd_bus_message_get_error(reply);
        int authorized, challenge;

        if (error) {
                log_info("polkit does not answer: %s", error->message ?: error->name);
                return VERDICT_FAILED;
        }
        if (sd_bus_message_enter_container(reply, 'r', "bba{ss}") <= 0 ||
            sd_bus_message_read(reply, "bb", &authorized, &challenge) <= 0)
                return VERDICT_FAILED;
        if (authorized)
                return VERDICT_YES;
        return challenge ? VERDICT_CHALLENGE : VERDICT_NO;
}

static int on_polkit(sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        Question *question = userdata;
        Answer *answer = g_new(Answer, 1);

        *answer = (Answer){
                .what = g_steal_pointer(&question->what),
                .verdict = read_verdict(reply),
        };
        if (answer->verdict == VERDICT_FAILED)
                cancel(question); /* it may still come to ask somebody */
        g_ptr_array_add(question->answers, answer);
        dispatch_again(question);
        return 0;
}

static int write_question(sd_bus_message *m, const Question *question, const char *action,
                          const char *const *details, bool interactive) {
        int r;

        r = sd_bus_message_append(m, "(sa{sv})s", "system-bus-name", 1, "name", "s",
                                  question->peer->name, action);
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "{ss}");
        for (; r >= 0 && details[0]; details += 2)
                r = sd_bus_message_append(m, "{ss}", details[0], details[1]);
        if (r >= 0)
                r = sd_bus_message_close_container(m);
        if (r >= 0)
                r = sd_bus_message_append(m, "us", interactive ? 1 : 0, question->cancellation);
        return r;
}

static int send(Question *question, const char *action, const char *const *details) {
        bool interactive = sd_bus_message_get_allow_interactive_authorization(question->m) > 0;
        g_autoptr(sd_bus_message) m = NULL;
        sd_bus *bus = question->face->bus;
        int r;

        r = sd_bus_message_new_method_call(bus, &m, POLKIT_NAME, POLKIT_PATH, POLKIT_INTERFACE,
                                           "CheckAuthorization");
        if (r >= 0)
                r = write_question(m, question, action, details, interactive);
        if (r >= 0)
                r = sd_bus_call_async(bus, &question->slot, m, on_polkit, question,
                                      interactive ? TIMEOUT_INTERACTIVE_USEC : TIMEOUT_USEC);
        return r;
}

int questions_ask(Face *face, sd_bus_message *m, const char *action, const char *const *details,
                  sd_bus_error *error) {
        Question *question;
        int r = begin(face, m, &question, error);

        if (r < 0)
                return r;
        question->cancellation = g_strdup_printf("proctor-%" PRIu64, ++face->last_question);
        question->what = name_of(action, details);
        r = send(question, action, details);
        if (r >= 0)
                return 1;
        settle(question);
        return bus_fail_errno(error, r, "Cannot ask polkit");
}

static void on_account(void *userdata, int error, Account *account) {
        Question *question = userdata;

        question->looks_up = false;
        question->user_error = error;
        if (account)
                question->account = account_ref(account);
        dispatch_again(question);
}

static int fail_user(sd_bus_error *error, const char *user, int r) {
        switch (r) {
        case -ENOENT:
                return bus_fail_invalid(error, "Option User: there is no user '%s'", user);
        case -EINVAL:
                return bus_fail_invalid(error,
                                        "Option User: expected the name or number of a user");
        case -EAGAIN:
                return bus_fail_limit(error, "users that are looked up");
        default:
                return bus_fail(error, SD_BUS_ERROR_FAILED, "Cannot look up user '%s': %s", user,
                                g_strerror(-r));
        }
}

int questions_account(Face *face, sd_bus_message *m, const char *user, Account **ret,
                      sd_bus_error *error) {
        Question *question = g_hash_table_lookup(face->questions, m);
        Account *account = NULL;
        int r;

        if (!account_name_is_valid(user))
                return fail_user(error, user, -EINVAL);
        if (question && g_strcmp0(question->user, user) == 0) {
                *ret = question->account;
                return question->account ? 0 : fail_user(error, user, question->user_error);
        }
        r = begin(face, m, &question, error);
        if (r < 0)
                return r;
        question->user = g_strdup(user);
        r = supervisor_look_up(face->supervisor, user, on_account, question, &account);
        question->looks_up = r == 0;
        if (r == 0)
                return 1;
        settle(question);
        question->account = account;
        question->user_error = r;
        face->question = question; /* goes with this turn */
        if (r < 0)
                return fail_user(error, user, r);
        *ret = account;
        return 0;
}

void questions_drop_all(Face *face, Peer *peer) {
        GHashTableIter iter;
        void *value;

        if (!face->questions)
                return;
        g_hash_table_iter_init(&iter, face->questions);
        while (g_hash_table_iter_next(&iter, NULL, &value)) {
                if (((Question *)value)->peer != peer)
                        continue;
                if (face->question == value)
                        face->question = NULL;
                g_hash_table_iter_remove(&iter);
        }
}
