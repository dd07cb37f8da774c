/* SPDX-License-Identifier: MIT */
/*
 * bench/compare N COMMAND... -- COMMAND...: runs the two in turn, N times each, and
 * prints the medians of time and memory and their ratios. Who comes first alternates, and
 * the differences within the pairs are printed too: on a busy machine they say more. The shell runs $BEFORE
 * before each, and that does not count. A small program, because a child's memory
 * is never less than that of the process which forked it.
 */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "base/xalloc.h"

struct series {
	char **argv;
	double *ms, *cpu_ms, *kb;
};

static double wall_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double tv_ms(struct timeval t)
{
	return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

static void quiet_exec(char **argv)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	dup2(null, 0);
	dup2(null, 1);
	execvp(argv[0], argv);
	perror(argv[0]);
	_exit(127);
}

static void run_once(struct series *s, int64_t i)
{
	const char *before = getenv("BEFORE");
	struct rusage used;
	double start;
	int status;
	pid_t pid;

	if (before && system(before) != 0) {
		fprintf(stderr, "compare: '%s' failed\n", before);
		exit(1);
	}
	start = wall_ms();
	pid = fork();
	if (pid == 0)
		quiet_exec(s->argv);
	if (pid < 0 || wait4(pid, &status, 0, &used) < 0 || status != 0) {
		fprintf(stderr, "compare: '%s' failed\n", s->argv[0]);
		exit(1);
	}
	s->ms[i] = wall_ms() - start;
	s->cpu_ms[i] = tv_ms(used.ru_utime) + tv_ms(used.ru_stime);
	s->kb[i] = (double)used.ru_maxrss;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v, int64_t n)
{
	qsort(v, (size_t)n, sizeof(*v), by_value);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static void print(const char *name, const struct series *s, int64_t n)
{
	double ms = median(s->ms, n);

	printf("  %s  %8.2f ms (%.2f to %.2f)  CPU %8.2f ms  %8.0f kB  %s\n", name, ms, s->ms[0],
	       s->ms[n - 1], median(s->cpu_ms, n), median(s->kb, n), s->argv[0]);
}

int main(int argc, char **argv)
{
	struct series s[2] = { 0 };
	double *pairs, half;
	int64_t n;
	int i = 2;

	while (i < argc && !str_eq(argv[i], "--"))
		i++;
	if (argc < 5 || i == 2 || i + 1 >= argc || !str_to_int64(argv[1], 1, 10000, &n)) {
		fprintf(stderr, "usage: compare N COMMAND... -- COMMAND...\n");
		return 2;
	}
	argv[i] = NULL;
	s[0].argv = argv + 2;
	s[1].argv = argv + i + 1;
	for (i = 0; i < 2; i++) {
		s[i].ms = xcalloc((size_t)n + 1, sizeof(double));
		s[i].cpu_ms = xcalloc((size_t)n + 1, sizeof(double));
		s[i].kb = xcalloc((size_t)n + 1, sizeof(double));
		run_once(&s[i], 0); /* the first finds cold caches, and does not count */
	}
	pairs = xcalloc((size_t)n, sizeof(double));
	for (int64_t r = 0; r < n; r++) {
		for (i = 0; i < 2; i++)
			run_once(&s[(i + r) % 2], r);
		pairs[r] = s[1].ms[r] - s[0].ms[r];
	}
	print("A", &s[0], n);
	print("B", &s[1], n);
	half = median(pairs, n);
	printf("  B/A  time %.2f  CPU %.2f  memory %.2f\n", median(s[1].ms, n) / median(s[0].ms, n),
	       median(s[1].cpu_ms, n) / median(s[0].cpu_ms, n),
	       median(s[1].kb, n) / median(s[0].kb, n));
	printf("  B-A  %.2f ms in the median of the pairs, half of them %.2f to %.2f\n", half,
	       pairs[n / 4], pairs[n - 1 - n / 4]);
	free(pairs);
	for (i = 0; i < 2; i++) {
		free(s[i].ms);
		free(s[i].cpu_ms);
		free(s[i].kb);
	}
	return 0;
}
