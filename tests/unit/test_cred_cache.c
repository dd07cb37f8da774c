/* SPDX-License-Identifier: MIT */
/* Writing the caches of logins: completely, and synced to disk before they are renamed. */
#include "config.h"

#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "aws/cred/cache.h"
#include "base/json.h"
#include "world.h"

/* Replacements of libc's functions that record the order in which cache_write() calls them. */
static struct buf disk = { .data = buf_empty, .max = 256 };

int fsync(int fd)
{
	buf_adds(&disk, "fsync ");
	return fd < 0 ? -1 : 0;
}

int rename(const char *from, const char *to)
{
	buf_adds(&disk, "rename ");
	return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

/* Otherwise a power failure could replace the file by an empty one. */
static void test_cache_is_on_the_disk_before_its_name(void **state)
{
	struct world *w = *state;
	cleanup_json json_t *doc = json_pack("{ss}", "refreshToken", "new");
	cleanup_free char *left = NULL;

	buf_clear(&disk);
	world_file(w, "/c.json", "{}");
	assert_int_equal(cache_write(&w->ctx, "/c.json", doc, NULL), 0);
	assert_string_equal(disk.data, "fsync rename ");
	left = world_read(w, "/c.json");
	assert_string_equal(left, "{\"refreshToken\":\"new\"}");
	buf_release(&disk);
}

/* What is too large does not replace the existing file. */
static void test_cache_is_whole_or_not_written(void **state)
{
	static char text[2 << 20];
	struct world *w = *state;
	cleanup_free char *left = NULL;
	cleanup_json json_t *doc = NULL;

	memset(text, 'x', sizeof(text) - 1);
	doc = json_pack("{ss}", "refreshToken", text);
	world_file(w, "/c.json", "{\"refreshToken\":\"good\"}");
	assert_int_equal(cache_write(&w->ctx, "/c.json", doc, NULL), -1);
	left = world_read(w, "/c.json");
	assert_string_equal(left, "{\"refreshToken\":\"good\"}");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_cache_is_whole_or_not_written),
		TEST(test_cache_is_on_the_disk_before_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
