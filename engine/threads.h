#pragma once

namespace inlier {

/// OpenCV and OpenBLAS would start threads of their own inside ours: too many threads, and sums
/// whose order depends on how many there are. Called once by the engine; Inlier's own threads are
/// the only ones. (FAISS's OpenMP is held to one thread where it is called.)
void UseSingleThreadedLibraries();

/// Makes the allocator keep freed memory for the next photo, a setting of the whole process: for
/// programs, not for the library. By default large blocks are given back to the system and fetched
/// anew for each photo, and where page faults are dear (virtual machines) that costs as much as the
/// work.
void KeepFreedMemory();

}  // namespace inlier
