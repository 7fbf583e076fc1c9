/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The cache and the look-ups that are under way, see the header. Whoever asks for a user who is being
 * looked up already waits for the same answer. */

#include "sys/accounts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sys/pidfd.h"

#define FRESH_USEC       (30 * USEC_PER_SEC)
#define DEADLINE_USEC    (20 * USEC_PER_SEC)
#define KNOWN_MAX        1024
#define UNDER_WAY_MAX    32
#define ANSWER_BYTES_MAX (1024 * 1024)

typedef struct Known {
        Account *account;
        usec_t until;
} Known;

typedef struct Asker {
        AccountFunc func;
        void *userdata; /* NULL: not interested any more */
} Asker;

typedef struct LookUp {
        Accounts *accounts;
        char *user;
        GArray *askers; /* Asker; empty when they have been answered */
        Spawn *spawn;   /* the process reads its plan until it has exec'd */
        int pidfd;
        int output_fd;
        GByteArray *answer;
        Watch output_watch;
        Watch exit_watch;
        Timer timer;
} LookUp;

struct Accounts {
        Loop *loop;
        Spawner *spawner;
        char *helper;
        usec_t deadline;
        GHashTable *known; /* user as it was asked for → Known */
        GHashTable *asked; /* LookUp.user → LookUp, of those that can still be waited for */
        GHashTable *looks; /* LookUp, a set: with those that are past their deadline */
};

static void known_free(void *data) {
        Known *known = data;

        account_unref(known->account);
        g_free(known);
}

/* The plan is in our memory: it must be dead before that goes. */
static void end(LookUp *look) {
        ExitStatus status;

        (void)pidfd_signal(look->pidfd, SIGKILL);
        (void)pidfd_wait_dead(look->pidfd, 1000);
        (void)pidfd_reap(look->pidfd, REAP_FORGET, &status);
}

static void look_up_free(LookUp *look) {
        loop_unset_timer(&look->timer);
        loop_unwatch(&look->exit_watch);
        loop_unwatch(&look->output_watch);
        safe_close(look->output_fd);
        safe_close(look->pidfd);
        spawn_free(look->spawn);
        g_byte_array_unref(look->answer);
        g_array_unref(look->askers);
        g_hash_table_remove(look->accounts->looks, look);
        g_free(look->user);
        g_free(look);
}

Accounts *accounts_new(Loop *loop, Spawner *spawner, const char *helper, usec_t deadline) {
        Accounts *accounts = g_new0(Accounts, 1);

        accounts->loop = loop;
        accounts->spawner = spawner;
        accounts->helper = g_strdup(helper ?: "/proc/self/exe");
        accounts->deadline = deadline ?: DEADLINE_USEC;
        accounts->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, known_free);
        accounts->asked = g_hash_table_new(g_str_hash, g_str_equal);
        accounts->looks = g_hash_table_new(NULL, NULL);
        return accounts;
}

Accounts *accounts_free(Accounts *accounts) {
        GList *looks;

        if (!accounts)
                return NULL;
        looks = g_hash_table_get_keys(accounts->looks);
        for (GList *l = looks; l; l = l->next) {
                end((LookUp *)l->data);
                look_up_free(l->data);
        }
        g_list_free(looks);
        g_hash_table_unref(accounts->asked);
        g_hash_table_unref(accounts->looks);
        g_hash_table_unref(accounts->known);
        g_free(accounts->helper);
        g_free(accounts);
        return NULL;
}

static void forget_old(Accounts *accounts, usec_t now) {
        GHashTableIter iter;
        void *value;

        g_hash_table_iter_init(&iter, accounts->known);
        while (g_hash_table_iter_next(&iter, NULL, &value))
                if (((Known *)value)->until <= now)
                        g_hash_table_iter_remove(&iter);
        if (g_hash_table_size(accounts->known) >= KNOWN_MAX)
                g_hash_table_remove_all(accounts->known);
}

static void remember(Accounts *accounts, const char *user, Account *account) {
        usec_t now = (usec_t)g_get_monotonic_time();
        Known *known;

        if (g_hash_table_size(accounts->known) >= KNOWN_MAX)
                forget_old(accounts, now);
        known = g_new(Known, 1);
        *known = (Known){.account = account_ref(account), .until = usec_add(now, FRESH_USEC)};
        g_hash_table_replace(accounts->known, g_strdup(user), known);
}

/* Nobody can join those who wait for it any more. */
static void let_go(LookUp *look) {
        GHashTable *asked = look->accounts->asked;

        if (g_hash_table_lookup(asked, look->user) == look)
                g_hash_table_remove(asked, look->user);
}

/* The askers may ask anew from inside, or cancel each other. */
static void tell(LookUp *look, int error, Account *account) {
        for (unsigned i = 0; i < look->askers->len; i++) {
                Asker asker = g_array_index(look->askers, Asker, i);

                if (asker.userdata)
                        asker.func(asker.userdata, error, account);
        }
        g_array_set_size(look->askers, 0);
}

/* The next field of the answer; NULL if none is left. */
static const char *next_field(const char **at, const char *end) {
        const char *field = *at;

        if (field >= end)
                return NULL;
        *at = field + strlen(field) + 1;
        return field;
}

static int next_id(const char **at, const char *end, uid_t *ret) {
        const char *field = next_field(at, end);

        return field ? account_parse_uid(field, ret) : -ENODATA;
}

static Account *parse(const GByteArray *answer) {
        const char *at = (const char *)answer->data, *end = at + answer->len;
        const char *name, *home, *shell;
        g_autoptr(GArray) groups = NULL;
        uid_t uid, gid, group;
        size_t n_groups;
        int r;

        if (answer->len == 0 || end[-1] != 0)
                return NULL;
        name = next_field(&at, end);
        home = next_field(&at, end);
        shell = next_field(&at, end);
        if (!shell || next_id(&at, end, &uid) < 0 || next_id(&at, end, &gid) < 0)
                return NULL;
        groups = g_array_new(FALSE, FALSE, sizeof(gid_t));
        while ((r = next_id(&at, end, &group)) >= 0)
                g_array_append_val(groups, group);
        if (r != -ENODATA || groups->len == 0)
                return NULL;
        n_groups = groups->len;
        return account_new(uid, gid, (gid_t *)(void *)g_array_steal(groups, NULL), n_groups,
                           g_strdup(name), g_strdup(home), g_strdup(shell));
}

static void read_answer(LookUp *look) {
        uint8_t piece[4096];
        ssize_t n;

        while ((n = read(look->output_fd, piece, sizeof piece)) > 0)
                if (look->answer->len + (size_t)n <= ANSWER_BYTES_MAX)
                        g_byte_array_append(look->answer, piece, (unsigned)n);
        if (n == 0)
                loop_unwatch(&look->output_watch);
}

static void on_output(void *userdata, uint32_t events) {
        read_answer(userdata);
}

static int error_of(const ExitStatus *status) {
        if (!status->known || status->code < 0 || status->code > 125)
                return -EIO; /* it crashed, or could not be run */
        return -status->code;
}

static void on_helper_exit(void *userdata, uint32_t events) {
        g_autoptr(Account) account = NULL;
        LookUp *look = userdata;
        ExitStatus status;
        int r = pidfd_reap(look->pidfd, REAP_FORGET, &status);

        if (r == -EAGAIN)
                return;
        read_answer(look);
        r = r < 0 ? -EIO : error_of(&status);
        if (r == 0) {
                account = parse(look->answer);
                r = account ? 0 : -EIO;
        }
        if (account)
                remember(look->accounts, look->user, account);
        let_go(look);
        tell(look, r, account);
        look_up_free(look);
}

/* Whoever waits is told now. Its end is waited for in the background. */
static void on_deadline(void *userdata) {
        LookUp *look = userdata;

        (void)pidfd_signal(look->pidfd, SIGKILL);
        let_go(look);
        tell(look, -ETIMEDOUT, NULL);
}

static int start(LookUp *look) {
        const char *argv[] = {look->accounts->helper, ACCOUNT_HELPER_OPTION, look->user, NULL};
        SpawnExtras extras = {.captured = {-EBADF, -EBADF}};
        _cleanup_close_ int write_end = -EBADF;
        g_autoptr(Spec) spec = spec_new();
        int ends[2], r;
        pid_t pid;

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        look->output_fd = ends[0];
        extras.captured[0] = write_end = ends[1];
        if (fcntl(look->output_fd, F_SETFL, O_NONBLOCK) < 0)
                return -errno;
        spec->argv = g_strdupv((char **)argv);
        spec->stdio[2].kind = STDIO_NULL;
        spec->flags = SPEC_CLEAR_ENVIRONMENT;
        r = spawn_new(look->accounts->spawner, spec, &extras, &look->spawn);
        if (r >= 0)
                r = spawn_clone(look->spawn, &pid, &look->pidfd);
        if (r < 0)
                return r;
        spawn_close_child_ends(look->spawn);
        return 0;
}

static LookUp *look_up_new(Accounts *accounts, const char *user) {
        LookUp *look = g_new0(LookUp, 1);

        look->accounts = accounts;
        look->user = g_strdup(user);
        look->askers = g_array_new(FALSE, FALSE, sizeof(Asker));
        look->answer = g_byte_array_new();
        look->pidfd = look->output_fd = -EBADF;
        g_hash_table_add(accounts->looks, look);
        return look;
}

static int watch(LookUp *look) {
        Loop *loop = look->accounts->loop;
        usec_t now = (usec_t)g_get_monotonic_time();
        int r;

        r = loop_watch(loop, &look->exit_watch, look->pidfd, EPOLLIN, on_helper_exit, look);
        if (r >= 0)
                r = loop_watch(loop, &look->output_watch, look->output_fd, EPOLLIN, on_output,
                               look);
        if (r < 0) {
                end(look);
                return r;
        }
        loop_set_timer(loop, &look->timer, usec_add(now, look->accounts->deadline), on_deadline,
                       look);
        return 0;
}

static int begin(Accounts *accounts, const char *user, LookUp **ret) {
        LookUp *look;
        int r;

        if (g_hash_table_size(accounts->looks) >= UNDER_WAY_MAX)
                return -EAGAIN;
        look = look_up_new(accounts, user);
        r = start(look);
        if (r >= 0)
                r = watch(look);
        if (r < 0) {
                look_up_free(look);
                return r;
        }
        g_hash_table_insert(accounts->asked, look->user, look);
        *ret = look;
        return 0;
}

int accounts_look_up(Accounts *accounts, const char *user, AccountFunc func, void *userdata,
                     Account **ret) {
        Known *known = g_hash_table_lookup(accounts->known, user);
        LookUp *look = g_hash_table_lookup(accounts->asked, user);
        Asker asker = {.func = func, .userdata = userdata};
        int r;

        if (known && known->until > (usec_t)g_get_monotonic_time()) {
                *ret = account_ref(known->account);
                return 1;
        }
        if (!look) {
                r = begin(accounts, user, &look);
                if (r < 0)
                        return r;
        }
        g_array_append_val(look->askers, asker);
        return 0;
}

void accounts_cancel(Accounts *accounts, void *userdata) {
        GHashTableIter iter;
        void *key;

        g_hash_table_iter_init(&iter, accounts->looks);
        while (g_hash_table_iter_next(&iter, &key, NULL)) {
                GArray *askers = ((LookUp *)key)->askers;

                for (unsigned i = 0; i < askers->len; i++)
                        if (g_array_index(askers, Asker, i).userdata == userdata)
                                g_array_index(askers, Asker, i).userdata = NULL;
        }
}
