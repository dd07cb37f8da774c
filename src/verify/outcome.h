/* SPDX-License-Identifier: MIT */
/* What the check of a window came to, as it is reported. */
#ifndef VERIFY_OUTCOME_H
#define VERIFY_OUTCOME_H

struct batch;
struct batch_window;

/* Judges what was found, compares it with CloudWatch Logs if that was asked for, and reports it. */
void outcome_report(struct batch *b, struct batch_window *w);

#endif
