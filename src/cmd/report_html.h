/* SPDX-License-Identifier: MIT */
/* A report of verify as one HTML page, to read or to print: it refers to nothing outside. */
#ifndef CMD_REPORT_HTML_H
#define CMD_REPORT_HTML_H

#include "base/buf.h"
#include "base/json.h"

/* json: the text of the document, whose SHA-256 the page names. */
void report_html(const json_t *document, const struct buf *json, struct buf *ret);

#endif
