#pragma once

#include "core/image.h"

namespace inlier {

/// How much of an item a photo shows in detail, [0, 1]: the share of the item's strongest SIFT
/// keypoints (Lowe, IJCV 2004) at which the photo has nearly the same descriptor. `item` is the
/// item's picture, of a few hundred pixels, and `seen` the photo warped onto it, of the same size.
/// Both are grey. Where the item has few keypoints, the share is drawn towards the usual one.
double DetailAgreement(const Image& item, const Image& seen);

}  // namespace inlier
