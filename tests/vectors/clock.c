/* SPDX-License-Identifier: MIT */
/*
 * vectors/clock FILE: holds clock_skew_detect() against refusals.
 *
 * FILE is { threshold_seconds, cases [{ code, observed_skew_seconds (null: no
 * usable Date), retryable }] }.
 */
#include "config.h"

#include "aws/retry/skew.h"

#include <time.h>

#include "base/json.h"
#include "base/xalloc.h"
#include "net/message.h"
#include "runner.h"

#define NOW_S 1795266000 /* 2026-11-21T13:00:00Z */

static void add_date(struct http_headers *headers, int64_t seconds)
{
	time_t t = (time_t)seconds;
	char date[64];
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	http_header_add(headers, "Date", date);
}

static void run_case(const json_t *vector)
{
	const json_t *skew = json_object_get(vector, "observed_skew_seconds");
	bool want = json_bool(vector, "retryable", false), got;
	int64_t skew_s = json_int(vector, "observed_skew_seconds", 0), offset_ms = 0;
	const char *code = json_str(vector, "code");
	struct http_headers headers = { 0 };
	cleanup_free char *name = NULL;

	if (json_is_number(skew)) {
		name = xasprintf("%s, %lld s off", code ? code : "(no code)", (long long)skew_s);
		add_date(&headers, NOW_S + skew_s);
	} else {
		name = xasprintf("%s, no Date", code ? code : "(no code)");
	}
	got = clock_skew_detect(code, &headers, NOW_S * INT64_C(1000), &offset_ms);
	if (got != want)
		runner_fail(name, "got %s, want %s", got ? "retryable" : "not",
			    want ? "retryable" : "not");
	else if (got && offset_ms != skew_s * 1000)
		runner_fail(name, "corrected by %lld ms", (long long)offset_ms);
	else
		runner_pass(name);
	http_headers_release(&headers);
}

int main(int argc, char **argv)
{
	cleanup_json json_t *file = NULL;
	json_t *vector;
	size_t i;

	if (argc != 2)
		runner_usage("clock", "FILE");
	file = runner_load(argv[1]);
	if (json_int(file, "threshold_seconds", 0) * 1000 != CLOCK_SKEW_MAX_MS)
		runner_fail("threshold", "ours is %lld ms", (long long)CLOCK_SKEW_MAX_MS);
	json_array_foreach(json_object_get(file, "cases"), i, vector)
		run_case(vector);
	return runner_finish();
}
