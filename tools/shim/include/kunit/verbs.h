/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The expectations (go on) and assertions (leave the case), each with and without a message.
 * Included by kunit/test.h alone.
 */
#ifndef ENL_SHIM_KUNIT_VERBS_H
#define ENL_SHIM_KUNIT_VERBS_H

#define KUNIT_EXPECT_EQ(t, a, b) \
	ENL_SHIM_COMPARE(t, ENL_SHIM_GO_ON, a, ==, b, "")
#define KUNIT_EXPECT_EQ_MSG(t, a, b, ...) \
	ENL_SHIM_COMPARE(t, ENL_SHIM_GO_ON, a, ==, b, __VA_ARGS__)
#define KUNIT_EXPECT_NE(t, a, b) \
	ENL_SHIM_COMPARE(t, ENL_SHIM_GO_ON, a, !=, b, "")
#define KUNIT_EXPECT_NE_MSG(t, a, b, ...) \
	ENL_SHIM_COMPARE(t, ENL_SHIM_GO_ON, a, !=, b, __VA_ARGS__)
#define KUNIT_EXPECT_LT(t, a, b) \
	ENL_SHIM_COMPARE(t, ENL_SHIM_GO_ON, a, <, b, "")
#define KUNIT_EXPECT_LT_MSG(t, a, b, ...) \
	ENL_SHIM_COMPARE(t, ENL_SHIM_GO_ON, a, <, b, __VA_ARGS__)
#define KUNIT_EXPECT_LE(t, a, b) \
	ENL_SHIM_COMPARE(t, ENL_SHIM_GO_ON, a, <=, b, "")
#define KUNIT_EXPECT_LE_MSG(t, a, b, ...) \
	ENL_SHIM_COMPARE(t, ENL_SHIM_GO_ON, a, <=, b, __VA_ARGS__)
#define KUNIT_EXPECT_GT(t, a, b) \
	ENL_SHIM_COMPARE(t, ENL_SHIM_GO_ON, a, >, b, "")
#define KUNIT_EXPECT_GT_MSG(t, a, b, ...) \
	ENL_SHIM_COMPARE(t, ENL_SHIM_GO_ON, a, >, b, __VA_ARGS__)
#define KUNIT_EXPECT_GE(t, a, b) \
	ENL_SHIM_COMPARE(t, ENL_SHIM_GO_ON, a, >=, b, "")
#define KUNIT_EXPECT_GE_MSG(t, a, b, ...) \
	ENL_SHIM_COMPARE(t, ENL_SHIM_GO_ON, a, >=, b, __VA_ARGS__)
#define KUNIT_EXPECT_PTR_EQ(t, a, b) \
	ENL_SHIM_POINTERS(t, ENL_SHIM_GO_ON, a, ==, b, "")
#define KUNIT_EXPECT_PTR_EQ_MSG(t, a, b, ...) \
	ENL_SHIM_POINTERS(t, ENL_SHIM_GO_ON, a, ==, b, __VA_ARGS__)
#define KUNIT_EXPECT_PTR_NE(t, a, b) \
	ENL_SHIM_POINTERS(t, ENL_SHIM_GO_ON, a, !=, b, "")
#define KUNIT_EXPECT_PTR_NE_MSG(t, a, b, ...) \
	ENL_SHIM_POINTERS(t, ENL_SHIM_GO_ON, a, !=, b, __VA_ARGS__)
#define KUNIT_EXPECT_TRUE(t, c) \
	ENL_SHIM_TRUTH(t, ENL_SHIM_GO_ON, c, #c, "")
#define KUNIT_EXPECT_TRUE_MSG(t, c, ...) \
	ENL_SHIM_TRUTH(t, ENL_SHIM_GO_ON, c, #c, __VA_ARGS__)
#define KUNIT_EXPECT_FALSE(t, c) \
	ENL_SHIM_TRUTH(t, ENL_SHIM_GO_ON, !(c), "not " #c, "")
#define KUNIT_EXPECT_FALSE_MSG(t, c, ...) \
	ENL_SHIM_TRUTH(t, ENL_SHIM_GO_ON, !(c), "not " #c, __VA_ARGS__)
#define KUNIT_EXPECT_NULL(t, p) \
	ENL_SHIM_POINTERS(t, ENL_SHIM_GO_ON, p, ==, NULL, "")
#define KUNIT_EXPECT_NULL_MSG(t, p, ...) \
	ENL_SHIM_POINTERS(t, ENL_SHIM_GO_ON, p, ==, NULL, __VA_ARGS__)
#define KUNIT_EXPECT_NOT_NULL(t, p) \
	ENL_SHIM_POINTERS(t, ENL_SHIM_GO_ON, p, !=, NULL, "")
#define KUNIT_EXPECT_NOT_NULL_MSG(t, p, ...) \
	ENL_SHIM_POINTERS(t, ENL_SHIM_GO_ON, p, !=, NULL, __VA_ARGS__)
#define KUNIT_EXPECT_NOT_ERR_OR_NULL(t, p) \
	ENL_SHIM_TRUTH(t, ENL_SHIM_GO_ON, !IS_ERR_OR_NULL(p), "a valid pointer in " #p, "")
#define KUNIT_EXPECT_NOT_ERR_OR_NULL_MSG(t, p, ...) \
	ENL_SHIM_TRUTH(t, ENL_SHIM_GO_ON, !IS_ERR_OR_NULL(p), "a valid pointer in " #p, __VA_ARGS__)
#define KUNIT_EXPECT_STREQ(t, a, b) \
	ENL_SHIM_STRINGS(t, ENL_SHIM_GO_ON, a, b, true, "")
#define KUNIT_EXPECT_STREQ_MSG(t, a, b, ...) \
	ENL_SHIM_STRINGS(t, ENL_SHIM_GO_ON, a, b, true, __VA_ARGS__)
#define KUNIT_EXPECT_STRNEQ(t, a, b) \
	ENL_SHIM_STRINGS(t, ENL_SHIM_GO_ON, a, b, false, "")
#define KUNIT_EXPECT_STRNEQ_MSG(t, a, b, ...) \
	ENL_SHIM_STRINGS(t, ENL_SHIM_GO_ON, a, b, false, __VA_ARGS__)
#define KUNIT_EXPECT_MEMEQ(t, a, b, n) \
	ENL_SHIM_BYTES(t, ENL_SHIM_GO_ON, a, b, n, true, "")
#define KUNIT_EXPECT_MEMEQ_MSG(t, a, b, n, ...) \
	ENL_SHIM_BYTES(t, ENL_SHIM_GO_ON, a, b, n, true, __VA_ARGS__)
#define KUNIT_EXPECT_MEMNEQ(t, a, b, n) \
	ENL_SHIM_BYTES(t, ENL_SHIM_GO_ON, a, b, n, false, "")
#define KUNIT_EXPECT_MEMNEQ_MSG(t, a, b, n, ...) \
	ENL_SHIM_BYTES(t, ENL_SHIM_GO_ON, a, b, n, false, __VA_ARGS__)

#define KUNIT_ASSERT_EQ(t, a, b) \
	ENL_SHIM_COMPARE(t, ENL_SHIM_LEAVE, a, ==, b, "")
#define KUNIT_ASSERT_EQ_MSG(t, a, b, ...) \
	ENL_SHIM_COMPARE(t, ENL_SHIM_LEAVE, a, ==, b, __VA_ARGS__)
#define KUNIT_ASSERT_NE(t, a, b) \
	ENL_SHIM_COMPARE(t, ENL_SHIM_LEAVE, a, !=, b, "")
#define KUNIT_ASSERT_NE_MSG(t, a, b, ...) \
	ENL_SHIM_COMPARE(t, ENL_SHIM_LEAVE, a, !=, b, __VA_ARGS__)
#define KUNIT_ASSERT_LT(t, a, b) \
	ENL_SHIM_COMPARE(t, ENL_SHIM_LEAVE, a, <, b, "")
#define KUNIT_ASSERT_LT_MSG(t, a, b, ...) \
	ENL_SHIM_COMPARE(t, ENL_SHIM_LEAVE, a, <, b, __VA_ARGS__)
#define KUNIT_ASSERT_LE(t, a, b) \
	ENL_SHIM_COMPARE(t, ENL_SHIM_LEAVE, a, <=, b, "")
#define KUNIT_ASSERT_LE_MSG(t, a, b, ...) \
	ENL_SHIM_COMPARE(t, ENL_SHIM_LEAVE, a, <=, b, __VA_ARGS__)
#define KUNIT_ASSERT_GT(t, a, b) \
	ENL_SHIM_COMPARE(t, ENL_SHIM_LEAVE, a, >, b, "")
#define KUNIT_ASSERT_GT_MSG(t, a, b, ...) \
	ENL_SHIM_COMPARE(t, ENL_SHIM_LEAVE, a, >, b, __VA_ARGS__)
#define KUNIT_ASSERT_GE(t, a, b) \
	ENL_SHIM_COMPARE(t, ENL_SHIM_LEAVE, a, >=, b, "")
#define KUNIT_ASSERT_GE_MSG(t, a, b, ...) \
	ENL_SHIM_COMPARE(t, ENL_SHIM_LEAVE, a, >=, b, __VA_ARGS__)
#define KUNIT_ASSERT_PTR_EQ(t, a, b) \
	ENL_SHIM_POINTERS(t, ENL_SHIM_LEAVE, a, ==, b, "")
#define KUNIT_ASSERT_PTR_EQ_MSG(t, a, b, ...) \
	ENL_SHIM_POINTERS(t, ENL_SHIM_LEAVE, a, ==, b, __VA_ARGS__)
#define KUNIT_ASSERT_PTR_NE(t, a, b) \
	ENL_SHIM_POINTERS(t, ENL_SHIM_LEAVE, a, !=, b, "")
#define KUNIT_ASSERT_PTR_NE_MSG(t, a, b, ...) \
	ENL_SHIM_POINTERS(t, ENL_SHIM_LEAVE, a, !=, b, __VA_ARGS__)
#define KUNIT_ASSERT_TRUE(t, c) \
	ENL_SHIM_TRUTH(t, ENL_SHIM_LEAVE, c, #c, "")
#define KUNIT_ASSERT_TRUE_MSG(t, c, ...) \
	ENL_SHIM_TRUTH(t, ENL_SHIM_LEAVE, c, #c, __VA_ARGS__)
#define KUNIT_ASSERT_FALSE(t, c) \
	ENL_SHIM_TRUTH(t, ENL_SHIM_LEAVE, !(c), "not " #c, "")
#define KUNIT_ASSERT_FALSE_MSG(t, c, ...) \
	ENL_SHIM_TRUTH(t, ENL_SHIM_LEAVE, !(c), "not " #c, __VA_ARGS__)
#define KUNIT_ASSERT_NULL(t, p) \
	ENL_SHIM_POINTERS(t, ENL_SHIM_LEAVE, p, ==, NULL, "")
#define KUNIT_ASSERT_NULL_MSG(t, p, ...) \
	ENL_SHIM_POINTERS(t, ENL_SHIM_LEAVE, p, ==, NULL, __VA_ARGS__)
#define KUNIT_ASSERT_NOT_NULL(t, p) \
	ENL_SHIM_POINTERS(t, ENL_SHIM_LEAVE, p, !=, NULL, "")
#define KUNIT_ASSERT_NOT_NULL_MSG(t, p, ...) \
	ENL_SHIM_POINTERS(t, ENL_SHIM_LEAVE, p, !=, NULL, __VA_ARGS__)
#define KUNIT_ASSERT_NOT_ERR_OR_NULL(t, p) \
	ENL_SHIM_TRUTH(t, ENL_SHIM_LEAVE, !IS_ERR_OR_NULL(p), "a valid pointer in " #p, "")
#define KUNIT_ASSERT_NOT_ERR_OR_NULL_MSG(t, p, ...) \
	ENL_SHIM_TRUTH(t, ENL_SHIM_LEAVE, !IS_ERR_OR_NULL(p), "a valid pointer in " #p, __VA_ARGS__)
#define KUNIT_ASSERT_STREQ(t, a, b) \
	ENL_SHIM_STRINGS(t, ENL_SHIM_LEAVE, a, b, true, "")
#define KUNIT_ASSERT_STREQ_MSG(t, a, b, ...) \
	ENL_SHIM_STRINGS(t, ENL_SHIM_LEAVE, a, b, true, __VA_ARGS__)
#define KUNIT_ASSERT_STRNEQ(t, a, b) \
	ENL_SHIM_STRINGS(t, ENL_SHIM_LEAVE, a, b, false, "")
#define KUNIT_ASSERT_STRNEQ_MSG(t, a, b, ...) \
	ENL_SHIM_STRINGS(t, ENL_SHIM_LEAVE, a, b, false, __VA_ARGS__)
#define KUNIT_ASSERT_MEMEQ(t, a, b, n) \
	ENL_SHIM_BYTES(t, ENL_SHIM_LEAVE, a, b, n, true, "")
#define KUNIT_ASSERT_MEMEQ_MSG(t, a, b, n, ...) \
	ENL_SHIM_BYTES(t, ENL_SHIM_LEAVE, a, b, n, true, __VA_ARGS__)
#define KUNIT_ASSERT_MEMNEQ(t, a, b, n) \
	ENL_SHIM_BYTES(t, ENL_SHIM_LEAVE, a, b, n, false, "")
#define KUNIT_ASSERT_MEMNEQ_MSG(t, a, b, n, ...) \
	ENL_SHIM_BYTES(t, ENL_SHIM_LEAVE, a, b, n, false, __VA_ARGS__)

#define KUNIT_ASSERT_FAILURE(t, ...) \
	do { \
		KUNIT_FAIL(t, __VA_ARGS__); \
		enl_shim_abort(t); \
	} while (0)

#endif
