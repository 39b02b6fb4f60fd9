#pragma once

/// Marks what the shared library shows to other programs. Everything else is compiled with hidden
/// visibility, so that FAISS, OpenBLAS and our own internals cannot clash with another library's.
/// tests/package holds the list of symbols that may be visible.
#define INLIER_EXPORT __attribute__((visibility("default")))

/// Hides what lies within an exported class again.
#define INLIER_HIDDEN __attribute__((visibility("hidden")))
