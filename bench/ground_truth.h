#pragma once

#include <filesystem>

#include "bench/dataset.h"

namespace inlier {

/// The kind of dataset in a folder; kCatalogue when it is none of the others.
DatasetKind KindOf(const std::filesystem::path& folder);

/// Reads the ground truth of the Oxford and Paris buildings (Philbin et al., CVPR 2007). For each
/// query, `gt/NAME_query.txt` has the name of a picture (its prefix `oxc1_` is dropped) and the box
/// of the part to query with; `NAME_good.txt` and `NAME_ok.txt` list what is right, and
/// `NAME_junk.txt` lists what counts neither way. The folder `gt` may also be called `gt_files` or
/// `groundtruth`. Pictures lie anywhere below the folder, and their id is the file's name without
/// its ending. As is usual with this benchmark, the picture of a query stays in the gallery and
/// counts as the lists say. Ids do not have the dataset's name in front yet. Errors:
/// kInvalidArgument naming the file.
Result<Dataset> ReadOxford(const std::filesystem::path& folder);

/// Reads UKBench (Nistér and Stewénius, CVPR 2006): pictures 4n … 4n+3 show one object, and each of
/// them is a query for all four, itself among them. Ids do not have the dataset's name in front
/// yet. Errors: kInvalidArgument when one of the four pictures is missing.
Result<Dataset> ReadUkbench(const std::filesystem::path& folder);

}  // namespace inlier
