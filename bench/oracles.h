#pragma once

#include <memory>

#include "extractor/extractor.h"

namespace inlier {

/// Other people's extractors behind our face, to compare with: methods of this name can then be
/// asked for like our own.
///   opencv-sift      SIFT of OpenCV, our contrast threshold and budget; plain rows of 128 bytes
///   opencv-rootsift  the same, rows made RootSIFT as ours are
///   opencv-orb       ORB of OpenCV, our FAST threshold and budget
void AddOracleMethods();

/// SURF of dlib, 64 numbers a row as bytes. Only in programs that link it.
std::unique_ptr<Extractor> MakeDlibSurf(const ExtractorOptions& options);

}  // namespace inlier
