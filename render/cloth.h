#pragma once

#include <array>
#include <vector>

#include "render/draws.h"

namespace inlier {

/// A sheet of cloth with folds. Coordinates are those of the flat sheet about its middle: x right,
/// y down, z away from who looks at it, its long side 1.
class Cloth {
 public:
  /// `amplitude`: how far the folds rise, of the long side; 0 is flat.
  Cloth(double amplitude, Draws draws);

  /// Where the folds take the point (x, y, 0) of the flat sheet. A fold keeps lengths, so across it
  /// the sheet draws together (to second order in its slope); besides, the weave shears smoothly,
  /// by as much as the folds rise.
  std::array<double, 3> At(double x, double y) const;
  bool flat() const { return folds_.empty(); }

 private:
  struct Wave {
    double x = 0, y = 0;   // direction
    double frequency = 0;  // radians a long side
    double phase_rad = 0;
    double amplitude = 0;
  };
  std::vector<Wave> folds_, shears_;
};

}  // namespace inlier
