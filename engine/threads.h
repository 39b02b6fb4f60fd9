#pragma once

namespace inlier {

/// Keeps OpenCV and OpenBLAS from starting threads of their own inside ours. There would be too
/// many threads, and the order of their sums, and so the result, would depend on how many there
/// are. The engine calls this when it is opened. FAISS's OpenMP is held to one thread where it is
/// called.
void UseSingleThreadedLibraries();

/// Makes the allocator keep freed memory for the next photo. By default it returns large blocks to
/// the system and asks for them again with each photo, and where page faults are expensive, as in
/// virtual machines, that costs as much as the work itself. The setting is of the whole process, so
/// programs make it and the library does not.
void KeepFreedMemory();

}  // namespace inlier
