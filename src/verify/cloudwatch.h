/* SPDX-License-Identifier: MIT */
/* What CloudWatch Logs holds in a window, as a tally to compare the archive with. */
#ifndef VERIFY_CLOUDWATCH_H
#define VERIFY_CLOUDWATCH_H

#include <stdint.h>

#include "archive/window.h"
#include "verify/tally.h"

struct aws_client;
struct error;

/* Reads every event of the window, page by page. */
int cloudwatch_tally(struct aws_client *c, const char *log_group, const struct window *w,
		     const uint8_t key[TALLY_KEY_SIZE], struct tally *ret, struct error **err);
/* 1 if it holds any event in the window, 0 if none, -1. */
int cloudwatch_has_events(struct aws_client *c, const char *log_group, const struct window *w,
			  struct error **err);

#endif
