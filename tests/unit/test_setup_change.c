/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include "setup/change.h"

/* What the changes did, in order: the "name" of each; one whose "fail" is set fails with that kind.
 */
static struct buf done = { .data = buf_empty, .max = 64 };

static int apply(const struct change_run *run, const json_t *args, struct error **err)
{
	(void)run;
	buf_adds(&done, json_str(args, "name"));
	if (json_object_get(args, "fail"))
		return err_set(err, (enum err_kind)json_int(args, "fail", 0), "no");
	return 0;
}

static void add(struct changes *l, size_t unit, const char *name, int fail)
{
	json_t *args = json_pack("{ss}", "name", name);

	if (fail >= 0)
		json_object_set_new(args, "fail", json_integer(fail));
	l->unit = unit;
	changes_add(l, name, "p", NULL, "d", apply, args);
}

static void check(struct changes *l, const char *order, const char *states, int kind)
{
	const struct change_run run = { 0 };
	cleanup_error struct error *err = NULL;

	buf_clear(&done);
	assert_int_equal(changes_apply(l, &run, &err), kind < 0 ? 0 : -1);
	if (kind >= 0)
		assert_int_equal(err->kind, kind);
	else
		assert_null(err);
	assert_string_equal(done.data, order);
	assert_int_equal(strlen(states), l->n);
	for (size_t i = 0; i < l->n; i++)
		assert_int_equal(change_state_name(l->v[i].state)[0], states[i]);
	changes_release(l);
}

static void test_units(void **state)
{
	struct changes l = { 0 };

	(void)state;
	check(&l, "", "", -1);
	add(&l, 0, "a", -1);
	add(&l, 0, "b", -1);
	check(&l, "ab", "aa", -1);
	/* The rest of its unit is not tried. */
	add(&l, 0, "a", -1);
	add(&l, 0, "b", ERR_REFUSED);
	add(&l, 0, "c", -1);
	check(&l, "ab", "afp", ERR_REFUSED);
	/* The other units are. */
	add(&l, 0, "a", ERR_REFUSED);
	add(&l, 0, "b", -1);
	add(&l, 1, "c", -1);
	check(&l, "ac", "fpa", ERR_PARTIAL);
	add(&l, 0, "a", ERR_REFUSED);
	add(&l, 1, "b", ERR_REFUSED);
	check(&l, "ab", "ff", ERR_REFUSED);
	/* But not if AWS cannot be reached, or if the user interrupts. */
	add(&l, 0, "a", ERR_UNREACHABLE);
	add(&l, 1, "b", -1);
	check(&l, "a", "fp", ERR_UNREACHABLE);
	add(&l, 0, "a", -1);
	add(&l, 1, "b", ERR_UNREACHABLE);
	check(&l, "ab", "af", ERR_PARTIAL);
	add(&l, 0, "a", -1);
	add(&l, 1, "b", ERR_INTERRUPTED);
	add(&l, 2, "c", -1);
	check(&l, "ab", "afp", ERR_INTERRUPTED);
	add(&l, 0, "a", ERR_REFUSED);
	add(&l, 1, "b", ERR_INTERRUPTED);
	check(&l, "ab", "ff", ERR_INTERRUPTED);
}

/* Changes without apply() belong to the next one that has it. */
static void test_steps(void **state)
{
	struct changes l = { 0 };

	(void)state;
	changes_add(&l, "x", "p", NULL, "d", NULL, NULL);
	changes_add(&l, "x", "q", NULL, "d", NULL, NULL);
	add(&l, 0, "a", -1);
	add(&l, 0, "b", -1);
	assert_true(changes_have(&l, "x", "q"));
	assert_false(changes_have(&l, "a", "q"));
	check(&l, "ab", "aaaa", -1);
	changes_add(&l, "x", "p", NULL, "d", NULL, NULL);
	add(&l, 0, "a", ERR_REFUSED);
	add(&l, 0, "b", -1);
	check(&l, "a", "ffp", ERR_REFUSED);
}

static void test_failure_says_which(void **state)
{
	static const struct {
		const char *resource, *property, *current, *desired, *words;
	} cases[] = {
		{ "role 'x'", "role", NULL, "d", "role 'x' cannot be created: no" },
		{ "role 'x'", "trust policy", "c", "d",
		  "role 'x': cannot change the trust policy: no" },
		{ "role 'x'", "tag", NULL, "d", "role 'x': cannot set the tag: no" },
		{ "role 'x'", "tag", "c", NULL, "role 'x': cannot remove the tag: no" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_changes struct changes l = { 0 };
		const struct change_run run = { 0 };
		cleanup_error struct error *err = NULL;

		changes_add(&l, cases[i].resource, cases[i].property, cases[i].current,
			    cases[i].desired, apply,
			    json_pack("{ss si}", "name", "", "fail", ERR_REFUSED));
		assert_int_equal(changes_apply(&l, &run, &err), -1);
		assert_string_equal(err->msg, cases[i].words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_failure_says_which),
	};

	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	buf_release(&done);
	return failed;
}
