/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "runner.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static struct {
	int passed, failed, skipped;
} count;

void runner_pass(const char *name)
{
	count.passed++;
	printf("ok %s\n", name);
}

void runner_fail(const char *name, const char *fmt, ...)
{
	va_list ap;

	count.failed++;
	printf("FAILED %s: ", name);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

void runner_skip(const char *name, const char *why)
{
	count.skipped++;
	printf("skipped %s: %s\n", name, why);
}

int runner_finish(void)
{
	printf("%d passed, %d failed, %d skipped\n", count.passed, count.failed, count.skipped);
	if (fflush(stdout) != 0 || ferror(stdout))
		return 2;
	return count.failed || count.passed + count.skipped == 0;
}

void runner_usage(const char *program, const char *words)
{
	fprintf(stderr, "usage: %s %s\n", program, words);
	exit(2);
}

json_t *runner_load(const char *path)
{
	json_error_t why;
	json_t *root = json_load_file(path, JSON_ALLOW_NUL, &why);

	if (!root) {
		fprintf(stderr, "%s: line %d: %s\n", path, why.line, why.text);
		exit(2);
	}
	return root;
}

int runner_main(int argc, char **argv, const char *member, void (*run)(const json_t *test))
{
	json_t *root, *test;
	size_t i;

	if (argc != 2)
		runner_usage(argv[0], "FILE");
	root = runner_load(argv[1]);
	json_array_foreach(member ? json_object_get(root, member) : root, i, test)
		run(test);
	json_decref(root);
	return runner_finish();
}
