/* SPDX-License-Identifier: MIT */
/*
 * Access log formats: the $context variables that each kind of API has, in the
 * four styles that API Gateway's console offers.
 * Source: "Variables for access logging for API Gateway" and the same for HTTP
 * and WebSocket APIs, API Gateway Developer Guide.
 */
#ifndef SETUP_LOGFORMAT_H
#define SETUP_LOGFORMAT_H

#include "aws/service/apigateway.h"

struct strv;

/* "json", "clf", "csv", "xml", NULL */
extern const char *const log_format_styles[];

/* style is one of the above. Caller frees. */
char *log_format(enum api_protocol protocol, const char *style);

/* NULL if API Gateway accepts the format, else the reason why not, to follow "…: ". */
const char *log_format_problem(const char *format);

/*
 * The $context variables of a format that are in no documentation known to this program:
 * misspelled, or newer. Appends each once, without "$context.".
 */
void log_format_unknown(const char *format, struct strv *ret);
/* The known one that is most similar, or NULL. */
const char *log_format_nearest(const char *variable);

#endif
