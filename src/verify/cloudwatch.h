/* SPDX-License-Identifier: MIT */
/* What CloudWatch Logs holds in a window. */
#ifndef VERIFY_CLOUDWATCH_H
#define VERIFY_CLOUDWATCH_H

struct aws_client;
struct error;
struct tally;
struct window;

/* Reads every event of t's window, page by page, and adds it to the side of CloudWatch. */
int cloudwatch_tally(struct aws_client *c, const char *log_group, struct tally *t,
		     struct error **err);
/* 1 if it holds any event in the window, 0 if none, -1. */
int cloudwatch_has_events(struct aws_client *c, const char *log_group, const struct window *w,
			  struct error **err);

#endif
