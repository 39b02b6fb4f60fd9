#pragma once

namespace inlier {

/// OpenCV and OpenBLAS would start threads of their own inside ours: too many threads, and sums whose
/// order depends on how many there are. Called once by the engine; Inlier's own threads are the only
/// ones. (FAISS's OpenMP is held to one thread where it is called.)
void UseSingleThreadedLibraries();

}  // namespace inlier
