/* SPDX-License-Identifier: MIT */
/* Prints a list of changes, as text or JSON. */
#ifndef CLI_CHANGES_H
#define CLI_CHANGES_H

#include <jansson.h>

struct changes;
struct output;

/* Prints a line for each change below its resource: '+' added, '-' removed, '~' changed. */
void changes_print(const struct output *out, const struct changes *l);
/* The same after a failure, with the state of each change. */
void changes_print_states(const struct output *out, const struct changes *l);

/* resource, property, current, desired and state of each. */
json_t *changes_json(const struct changes *l);

#endif
