#pragma once

namespace inlier {

/// Adds the features of OpenCV as extractors beside our own, to compare with:
///   opencv-sift      OpenCV's SIFT with our contrast threshold and budget; rows of 128 bytes as
///                    OpenCV computes them
///   opencv-rootsift  the same, with the rows made RootSIFT like ours (Arandjelović and Zisserman,
///                    CVPR 2012)
///   opencv-orb       OpenCV's ORB with our FAST threshold and budget
/// Call it before any thread creates an extractor; later calls change nothing.
void AddOpenCvExtractors();

}  // namespace inlier
