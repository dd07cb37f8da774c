/* SPDX-License-Identifier: MIT */
/*
 * vectors/ratelimit FILE: plays calls against a rate limiter.
 *
 * FILE is a list of { name, tps, adaptive, steps [[what, now_ms, wait_ms]] };
 * what is "send" (it must wait wait_ms, give or take the last one), "ok" or
 * "throttled" (a reply).
 */
#include "config.h"

#include "aws/retry/ratelimit.h"

#include "base/json.h"
#include "base/str.h"
#include "runner.h"

/* The wait is rounded up to ms; the reference's own rounding may differ by one. */
static bool step(struct rate_limiter *r, const char *name, size_t i, const json_t *one)
{
	const char *what = json_string_value(json_array_get(one, 0));
	int64_t now_ms = json_integer_value(json_array_get(one, 1));
	int64_t want = json_integer_value(json_array_get(one, 2)), got;

	if (!str_eq0(what, "send")) {
		rate_limiter_report(r, str_eq0(what, "throttled"), now_ms);
		return true;
	}
	got = rate_limiter_reserve(r, now_ms);
	if (got >= want - 1 && got <= want + 1)
		return true;
	runner_fail(name, "step %zu, at %lld ms: waits %lld ms, want %lld", i, (long long)now_ms,
		    (long long)got, (long long)want);
	return false;
}

static void run_case(const json_t *vector)
{
	const char *name = json_str(vector, "name");
	double tps = json_number_value(json_object_get(vector, "tps"));
	json_t *steps = json_object_get(vector, "steps");
	struct rate_limiter *r = rate_limiter_new(tps, 1, json_bool(vector, "adaptive", false));
	bool ok = true;

	for (size_t i = 0; ok && i < json_array_size(steps); i++)
		ok = step(r, name, i, json_array_get(steps, i));
	if (ok)
		runner_pass(name);
	rate_limiter_free(r);
}

int main(int argc, char **argv)
{
	return runner_main(argc, argv, NULL, run_case);
}
