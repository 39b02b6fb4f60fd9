#pragma once

#include <filesystem>

#include "bench/gallery.h"

namespace inlier {

/// What a folder holds; kCatalogue when it is none of the others.
DatasetKind KindOf(const std::filesystem::path& folder);

/// The ground truth of Oxford and Paris buildings (Philbin et al., CVPR 2007): `gt/NAME_query.txt`
/// has a picture's name (a prefix `oxc1_` is dropped) and the box of the part that is asked for;
/// `NAME_good.txt` and `NAME_ok.txt` list what is right, `NAME_junk.txt` what counts neither way.
/// `gt` may be named `gt_files` or `groundtruth`, and pictures lie anywhere below the folder; their
/// id is the name without its ending. As usual, the picture that is asked with stays in the gallery
/// and counts as its list says. Ids have no dataset in front yet. Errors: kInvalidArgument naming
/// the file.
Result<Dataset> ReadOxford(const std::filesystem::path& folder);

/// UKBench (Nistér and Stewénius, CVPR 2006): pictures 4n … 4n+3 show one object, each asks for all
/// four, itself among them. Errors: kInvalidArgument when a group is not whole.
Result<Dataset> ReadUkbench(const std::filesystem::path& folder);

}  // namespace inlier
