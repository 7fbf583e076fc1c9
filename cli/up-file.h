/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The file that describes a group for proctor up, see proctor-up(5). */

#include "launch.h"

typedef struct UpMember {
        char *name;
        ProctorProcessConfig *config;
        guint64 timeout_usec;  /* PROCTOR_INFINITY: it is not watched */
        bool output_is_a_sign; /* of life */
} UpMember;

typedef struct UpFile {
        char *path;       /* as it was given */
        char *directory;  /* that it is in: where members begin */
        char *name;       /* of the group */
        char *key_member; /* or NULL */
        bool stops_all;   /* when a member fails */
        ProctorGroupConfig *config;
        GPtrArray *members; /* of UpMember, in the order of the file */
} UpFile;

/* Reads and judges the file, but for what only the service can. Each error names the file, and the
 * section and key if it is in one. */
UpFile *up_file_read(const Cli *cli, const char *path, LaunchBase base, GError **error);
UpFile *up_file_free(UpFile *file);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(UpFile, up_file_free)
