/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The real service on a connection of its own, as a child of the test: with settings of the test's
 * choice, and a log of the hangs that it told. Every wait has a deadline. */

#include <stdio.h>
#include <systemd/sd-bus.h>

#include "util/check.h"

#define MANAGER  "org.proctor1.Manager"
#define WATCHDOG "org.proctor1.Watchdog"
#define PROCESS  "org.proctor1.Process"
#define ROOT     "/org/proctor1"
#define MSEC     UINT64_C(1000)
#define SEC      (1000 * MSEC)

typedef struct ServiceSettings {
        const char *containment;        /* NULL: the best */
        const char *cgroup;             /* directory that it begins in; NULL: the test's */
        const char *const *environment; /* "NAME=value", to be added; may be NULL */
        const char *const *wrapper;     /* command line before its own; may be NULL */
        uint64_t check_interval;        /* 0: 20 ms */
} ServiceSettings;

typedef struct ServiceHang {
        char *path;
        uint64_t at; /* CLOCK_MONOTONIC, when it was heard */
        uint64_t idle;
} ServiceHang;

typedef struct PrivateService {
        sd_bus *bus;
        pid_t pid;
        GArray *hangs; /* ServiceHang */
} PrivateService;

/* settings may be NULL. */
void service_begin(PrivateService *service, const ServiceSettings *settings);
void service_end(PrivateService *service);

/* Starts argv with options as sd_bus_message_append() takes an a{sv}; its path, new string. */
char *service_start(PrivateService *service, const char *const *argv, pid_t *ret_pid,
                    const char *types, ...);

sd_bus_message *service_method(PrivateService *service, const char *path, const char *interface,
                               const char *member);
/* Sends m, which is taken over; the answer, and fails the test if it is an error. */
sd_bus_message *service_call(PrivateService *service, sd_bus_message *m);

char *service_string(PrivateService *service, const char *path, const char *property);
uint64_t service_number(PrivateService *service, const char *path, const char *property);
void service_set(PrivateService *service, const char *path, const char *interface,
                 const char *property, uint64_t value);
/* Of GetStats' Watchdog part. */
uint64_t service_suppressed(PrivateService *service);

/* Reads what comes, for so long. */
void service_run(PrivateService *service, uint64_t usec);
/* Until check(userdata) holds; it is asked every few milliseconds. Fails the test after 30 s. */
void service_until(PrivateService *service, bool (*check)(void *userdata), void *userdata);
/* Until it was told to hang: when; and how often it has been told so far. */
uint64_t service_await_hang(PrivateService *service, const char *path);
/* How long it had been idle, as told with its first hang. */
uint64_t service_told_idle(PrivateService *service, const char *path);
unsigned service_count_hangs(PrivateService *service, const char *path);

void service_write(const char *path, const char *text);
