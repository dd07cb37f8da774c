/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cmd/report_html.h"

#include "base/amount.h"
#include "base/crypto.h"
#include "base/str.h"
#include "base/text.h"
#include "base/xalloc.h"

/* Of more problems, the JSON has the rest: a page of 100,000 rows is nothing to print. */
#define ROWS_MAX 1000

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width\">\n"
	"<meta name=\"color-scheme\" content=\"light dark\">\n"
	"<title>Verification of archived logs</title>\n<style>\n"
	":root{color-scheme:light dark;--ink:#1b1f24;--soft:#59636e;--line:#d0d7de;--paper:#fff;"
	"--good:#116329;--bad:#a40e26;--unsure:#7d4e00}\n"
	"@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9198a1;--line:#3d444d;"
	"--paper:#0d1117;--good:#57ab5a;--bad:#f47067;--unsure:#daaa3f}}\n"
	"body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);"
	"max-width:62rem;margin:2rem auto;padding:0 1rem}\n"
	"h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}\n"
	".verdict{font-size:1.1rem;font-weight:600;margin:.25rem 0 1.5rem}\n"
	".good{color:var(--good)}.bad{color:var(--bad)}.unsure{color:var(--unsure)}\n"
	"table{border-collapse:collapse;width:100%;font-size:.875rem}\n"
	"th,td{text-align:left;vertical-align:top;padding:.3rem .75rem .3rem 0;"
	"border-bottom:1px solid var(--line);overflow-wrap:anywhere}\n"
	"th{color:var(--soft);font-weight:600}.n{text-align:right;white-space:nowrap;"
	"font-variant-numeric:tabular-nums}.t{white-space:nowrap}\n"
	"dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1.5rem;margin:0}\n"
	"dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}\n"
	"@media print{:root{--ink:#000;--soft:#444;--line:#bbb;--paper:#fff;--good:#000;--bad:#000;"
	"--unsure:#000}body{margin:0;max-width:none;font-size:10pt}thead{display:table-header-"
	"group}"
	"tr{break-inside:avoid}}\n"
	"</style>\n";

/* Others choose the names of log groups and keys; control characters are escaped as for a terminal. */
static void add_text(struct buf *b, const char *s)
{
	cleanup_free char *safe = text_escaped(s ? s : "", false);

	for (const char *p = safe; *p; p++) {
		if (*p == '<')
			buf_adds(b, "&lt;");
		else if (*p == '>')
			buf_adds(b, "&gt;");
		else if (*p == '&')
			buf_adds(b, "&amp;");
		else if (*p == '"')
			buf_adds(b, "&quot;");
		else
			buf_addc(b, *p);
	}
}

static void add_cell(struct buf *b, const char *class, const char *s)
{
	buf_addf(b, "<td%s%s%s>", class ? " class=\"" : "", class ? class : "", class ? "\"" : "");
	add_text(b, s);
	buf_adds(b, "</td>");
}

static void add_count_cell(struct buf *b, const json_t *j, const char *name)
{
	int64_t n = json_int(j, name, -1);
	char text[COUNT_SIZE];

	add_cell(b, "n", n < 0 ? "" : count_str((uint64_t)n, text));
}

static void add_fact(struct buf *b, const char *name, const char *value)
{
	if (!value)
		return;
	buf_addf(b, "<dt>%s</dt><dd>", name);
	add_text(b, value);
	buf_adds(b, "</dd>\n");
}

static const char *style_of(const char *state)
{
	static const char *const unsure[] = { "expired", "unsettled", "unchecked" };

	for (size_t i = 0; i < ARRAY_SIZE(unsure); i++)
		if (str_eq(state, unsure[i]))
			return "unsure";
	return str_eq(state, "wrong") ? "bad" : "good";
}

static void add_verdict(struct buf *b, const json_t *d)
{
	size_t n = json_array_size(json_arr(d, "problems"));
	cleanup_free char *problems = plural_str(n, "problem");

	buf_adds(b, "<h1>Verification of archived logs</h1>\n");
	if (n)
		buf_addf(b, "<p class=\"verdict bad\">%s found%s</p>\n", problems,
			 json_bool(d, "complete", false) ? "" : "; not everything was verified");
	else if (json_bool(d, "whole", false))
		buf_addf(b, "<p class=\"verdict good\">%s%s</p>\n",
			 json_bool(d, "quick", false) ? "All as recorded; contents were not read"
						      : "Whole",
			 json_bool(d, "source_compared", false) ? ", and as in CloudWatch" : "");
	else
		buf_adds(b, "<p class=\"verdict unsure\">No problem was found, but not everything "
			    "was verified</p>\n");
}

static void add_facts(struct buf *b, const json_t *d, const struct buf *json)
{
	cleanup_buf struct buf hex = BUF_INIT;
	cleanup_free char *place =
		xasprintf("s3://%s/%s", json_str(d, "bucket"), json_str(d, "prefix"));
	cleanup_free char *range =
		xasprintf("%s to %s", json_str(d, "from") ? json_str(d, "from") : "",
			  json_str(d, "to") ? json_str(d, "to") : "");
	cleanup_free char *run =
		xasprintf("%s to %s", json_str(d, "started_at"), json_str(d, "ended_at"));
	cleanup_free char *amounts =
		amounts_str((uint64_t)json_int(d, "events", 0), (uint64_t)json_int(d, "objects", 0),
			    (uint64_t)json_int(d, "size", 0));
	uint8_t digest[SHA256_SIZE];

	sha256_once(json->data, json->len, digest);
	buf_add_hex(&hex, digest, sizeof(digest));
	buf_adds(b, "<dl>\n");
	add_fact(b, "Archive", place);
	add_fact(b, "Region", json_str(d, "region"));
	add_fact(b, "Range", json_str(d, "from") ? range : "everything that is recorded");
	add_fact(b, "Verified", amounts);
	add_fact(b, "Run", run);
	add_fact(b, "Account", json_str(d, "account"));
	add_fact(b, "By", json_str(d, "caller"));
	add_fact(b, "With apigw-logs", json_str(d, "version"));
	add_fact(b, "SHA-256 of the report as JSON", hex.data);
	buf_adds(b, "</dl>\n");
}

static void add_problems(struct buf *b, const json_t *list)
{
	size_t i;
	json_t *p;

	if (!json_array_size(list))
		return;
	buf_adds(b, "<h2>Problems</h2>\n<table><thead><tr><th>Problem<th>Log group<th>From<th>What"
		    "</thead>\n");
	json_array_foreach((json_t *)list, i, p) {
		if (i == ROWS_MAX)
			break;
		buf_adds(b, "<tr>");
		add_cell(b, "bad t", json_str(p, "problem"));
		add_cell(b, NULL, json_str(p, "log_group"));
		add_cell(b, "t", json_str(p, "from"));
		buf_adds(b, "<td>");
		add_text(b, json_str(p, "key"));
		if (json_str(p, "key"))
			buf_adds(b, "<br>");
		add_text(b, json_str(p, "message"));
		buf_adds(b, "</td>\n");
	}
	buf_adds(b, "</table>\n");
	if (json_array_size(list) > ROWS_MAX)
		buf_addf(b, "<p>And %zu more, which are in the report as JSON.</p>\n",
			 json_array_size(list) - ROWS_MAX);
}

static void add_windows(struct buf *b, const json_t *list)
{
	const char *last = "";
	size_t i;
	json_t *w;

	buf_adds(b,
		 "<h2>Windows</h2>\n<table><thead><tr><th>From<th>To<th>State<th class=\"n\">Events"
		 "<th class=\"n\">Objects<th class=\"n\">Bytes</thead>\n");
	json_array_foreach((json_t *)list, i, w) {
		const char *group = json_str(w, "log_group"), *state = json_str(w, "state");

		if (!str_eq(group, last)) {
			buf_adds(b, "<tr><th colspan=\"6\">");
			add_text(b, group);
			buf_adds(b, "\n");
			last = group;
		}
		buf_adds(b, "<tr>");
		add_cell(b, "t", json_str(w, "from"));
		add_cell(b, "t", json_str(w, "to"));
		add_cell(b, style_of(state), state);
		add_count_cell(b, w, "events");
		add_count_cell(b, w, "objects");
		add_count_cell(b, w, "size");
		buf_adds(b, "\n");
	}
	buf_adds(b, "</table>\n");
}

void report_html(const json_t *d, const struct buf *json, struct buf *ret)
{
	const json_t *notes = json_arr(d, "notes");
	size_t i;
	json_t *note;

	buf_adds(ret, head);
	add_verdict(ret, d);
	add_facts(ret, d, json);
	if (json_array_size(notes))
		buf_adds(ret, "<h2>Notes</h2>\n<ul>\n");
	json_array_foreach((json_t *)notes, i, note) {
		buf_adds(ret, "<li>");
		add_text(ret, json_string_value(note));
		buf_adds(ret, "\n");
	}
	if (json_array_size(notes))
		buf_adds(ret, "</ul>\n");
	add_problems(ret, json_arr(d, "problems"));
	add_windows(ret, json_arr(d, "windows"));
}
