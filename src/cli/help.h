/* SPDX-License-Identifier: MIT */
/* --help, from the same tables that the command line is read by. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include <stdbool.h>

#include "base/buf.h"
#include "cli/args.h"

#define HELP_WIDTH 79

/* A paragraph, wrapped. */
void help_add_text(struct buf *out, const char *text);
/* "Usage: apigw-logs …", wrapped, with the further lines indented. */
void help_add_usage(struct buf *out, const char *text);
/* Two columns: the text begins at column and is wrapped. A longer left has a line of its own. */
void help_add_row(struct buf *out, const char *left, const char *text, size_t column);
/* The titles with their options; those that are OPT_RARE only with all. */
void help_add_groups(struct buf *out, const struct opt_group *groups, bool all);

#endif
