/* SPDX-License-Identifier: MIT */
/* A list of changes, as text and as JSON. */
#ifndef CLI_CHANGES_H
#define CLI_CHANGES_H

#include <jansson.h>

struct changes;
struct output;

/* Below each resource, a line for each change: '+' added, '-' removed, '~' changed. */
void changes_print(const struct output *out, const struct changes *l);
/* The same after a failure, with the state of each change. */
void changes_print_states(const struct output *out, const struct changes *l);

/* resource, property, current, desired and state of each. */
json_t *changes_json(const struct changes *l);

#endif
