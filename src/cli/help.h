/* SPDX-License-Identifier: MIT */
/* The text of --help, made from the tables that the command line is read by. */
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
/* Two columns: text begins at `column` and is wrapped, on a new line if left is too long. */
void help_add_row(struct buf *out, const char *left, const char *text, size_t column);
/* The titles with their options; OPT_RARE ones only if all is set. */
void help_add_groups(struct buf *out, const struct opt_group *groups, bool all);

#endif
