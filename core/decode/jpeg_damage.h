#pragma once

#include <string>
#include <vector>

#include "core/decode/jpeg_session.h"
#include "core/decode/jpeg_zeros.h"

namespace inlier {

/// Fails when zeros stand where an encoder would not have written them. Needs no decoding.
Status CheckHoles(const std::vector<ZeroRun>& zeros);

/// Fails when pixels of a picture whose rows have been read were missing or invented, and says how
/// much. It must be called before the rest of the file is read, since that may change what
/// `session` knows.
Status CheckRows(const JpegSession& session);

/// Fails when what follows the last pixel shows that the pixels are wrong.
Status CheckRest(const JpegComplaints& complaints, const std::vector<ZeroRun>& zeros,
                 bool arithmetic);

/// Says what is odd about a picture that is whole.
void WarnOfOddities(const JpegComplaints& complaints, std::vector<std::string>& warnings);

}  // namespace inlier
