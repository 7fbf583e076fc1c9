/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a process was doing when it hung (org.proctor1.Process.GetDossier), to be read and as JSON.
 * Of the end of the output, which both forms of status have already, it shows nothing. */

#include <glib.h>
#include <json-glib/json-glib.h>

/* Nothing for an empty one. */
void dossier_print(GVariant *dossier);

/* An object, or null for an empty one or none. */
void dossier_add_json(JsonBuilder *builder, GVariant *dossier);
