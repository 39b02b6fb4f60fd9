#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "bench/bench_method.h"
#include "bench/bench_options.h"
#include "bench/gallery.h"
#include "core/result.h"
#include "inlier/options.h"

namespace inlier {

/// True for the two methods that are too slow to be asked about every photo.
bool IsReferenceMethod(std::string_view name);

/// True for methods whose index compares the photo with every item, so that it loses nothing.
bool ComparesAllItems(std::string_view name);

/// Checks the name of a method:
///   sift, surf, orb, brief     the engine with one of its local features
///   xfeat                      the engine with local features from a network
///   look                       the engine with the colours of the whole
///   deep, deep-raw             the engine with a network's embeddings, with a projection that was
///                              learnt on the gallery, and without one
///   deep-nanodet               as deep, with the regions and the embedding of NanoDet-g
///   hybrid                     the engine with sift, look and deep in one database
///   opencv-sift, opencv-rootsift, opencv-orb
///                              the engine with the features of OpenCV
///   exact                      a reference: the engine with QueryOptions::exact
///   opencv-tutorial            a reference: see bench/tutorial_method.h
///   a name of BenchOptions::answers
///                              answers that another program has given
/// Errors: kInvalidArgument for an unknown name, with a list of the known ones; kNotFound when the
/// method needs a network that is not installed.
Status CheckMethod(const BenchOptions& options, const std::string& name);

/// Opens a method. What it needs of the gallery is built in `options.out`, or brought up to date
/// there. Errors: as Engine's.
Result<std::unique_ptr<BenchMethod>> OpenMethod(const BenchOptions& options, const Gallery& gallery,
                                                const std::string& data_hash,
                                                const std::string& name);

/// The engine's options that a method queries with. Errors: as SetOption; kInvalidArgument for
/// answers that were given.
Result<EngineOptions> OptionsOfMethod(const BenchOptions& options, const std::string& name);

}  // namespace inlier
