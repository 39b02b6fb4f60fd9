// Decodes WebP by libwebp. Its demuxer finds the picture, or the first frame of an animation, and
// its incremental decoder knows how many rows are there when a file is cut off.
#include <algorithm>
#include <cmath>
#include <memory>

#include <fmt/format.h>
#include <webp/decode.h>
#include <webp/demux.h>

#include "core/bytes.h"
#include "core/decode/decoder_memory.h"
#include "core/decode/embedded_profile.h"
#include "core/decode/formats.h"

namespace inlier {
namespace {

struct Deleter {
  void operator()(WebPDemuxer* demuxer) const { WebPDemuxDelete(demuxer); }
  void operator()(WebPIDecoder* decoder) const { WebPIDelete(decoder); }
};
using Demuxer = std::unique_ptr<WebPDemuxer, Deleter>;
using Decoder = std::unique_ptr<WebPIDecoder, Deleter>;

// The iterators point into the demuxer and the file.
struct Frame : WebPIterator {
  Frame() : WebPIterator{} {}
  ~Frame() { WebPDemuxReleaseIterator(this); }
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;
};

struct Chunk : WebPChunkIterator {
  Chunk() : WebPChunkIterator{} {}
  ~Chunk() { WebPDemuxReleaseChunkIterator(this); }
  Chunk(const Chunk&) = delete;
  Chunk& operator=(const Chunk&) = delete;
};

// What is handed over: the canvas, or the picture that the decoder has scaled.
struct Canvas {
  int width_px = 0;
  int height_px = 0;
  bool alpha = false;
  bool scaled = false;

  std::size_t row_bytes() const { return static_cast<std::size_t>(width_px) * (alpha ? 4U : 3U); }
};

Canvas CanvasFor(const DecodeTask& task, const WebPIterator& frame) {
  Canvas canvas{.width_px = static_cast<int>(task.header.width_px),
                .height_px = static_cast<int>(task.header.height_px)};
  const bool whole = frame.width == canvas.width_px && frame.height == canvas.height_px;
  canvas.alpha = frame.has_alpha != 0 || !whole;
  const int side = std::max(canvas.width_px, canvas.height_px);
  if (!whole || task.least_side_px <= 0 || side <= task.least_side_px) return canvas;
  const double scale = static_cast<double>(task.least_side_px) / side;
  canvas.scaled = true;
  canvas.width_px = std::max(1, static_cast<int>(std::lround(canvas.width_px * scale)));
  canvas.height_px = std::max(1, static_cast<int>(std::lround(canvas.height_px * scale)));
  return canvas;
}

// Lossless pictures are kept in 4 bytes a pixel until they are complete, and alpha in up to 5.
std::int64_t MemoryFor(const Canvas& canvas, const WebPIterator& frame) {
  const std::int64_t frame_px = std::int64_t{frame.width} * frame.height;
  const Bytes data{frame.fragment.bytes, frame.fragment.size};
  const std::int64_t inside_bytes = HasPrefix(data, "VP8 ") ? 0 : frame_px * 5;
  return inside_bytes + static_cast<std::int64_t>(canvas.row_bytes()) * canvas.height_px;
}

Status WhyNot(VP8StatusCode code, WebPIDecoder* decoder, int height_px) {
  if (code == VP8_STATUS_OUT_OF_MEMORY) return NoMemory();
  if (code == VP8_STATUS_UNSUPPORTED_FEATURE) return Bad("WebP: uses an unsupported feature");
  int rows = 0;
  if (decoder == nullptr || WebPIDecGetRGB(decoder, &rows, nullptr, nullptr, nullptr) == nullptr) {
    rows = 0;
  }
  return Bad(fmt::format("WebP: {}; {} of {} rows are missing",
                         code == VP8_STATUS_SUSPENDED ? "truncated" : "damaged",
                         height_px - std::max(rows, 0), height_px));
}

// Decodes the frame to its place on the canvas, whose pixels have been cleared.
Status DecodeFrame(const WebPIterator& frame, const Canvas& canvas,
                   std::vector<std::uint8_t>& pixels) {
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0) return Bad("WebP: another version of libwebp");
  config.options.use_scaling = canvas.scaled ? 1 : 0;
  config.options.scaled_width = canvas.width_px;
  config.options.scaled_height = canvas.height_px;
  const std::size_t first = static_cast<std::size_t>(frame.y_offset) * canvas.row_bytes() +
                            static_cast<std::size_t>(frame.x_offset) * (canvas.alpha ? 4U : 3U);
  config.output.colorspace = canvas.alpha ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA = {pixels.data() + first, static_cast<int>(canvas.row_bytes()),
                          pixels.size() - first};
  const Decoder decoder(WebPIDecode(nullptr, 0, &config));
  if (!decoder) return NoMemory();
  const VP8StatusCode code = WebPIUpdate(decoder.get(), frame.fragment.bytes, frame.fragment.size);
  if (code == VP8_STATUS_OK) return {};
  return WhyNot(code, decoder.get(), canvas.scaled ? canvas.height_px : frame.height);
}

Status CheckFrame(const WebPIterator& frame, const ImageHeader& header) {
  const bool inside = frame.width > 0 && frame.height > 0 && frame.x_offset >= 0 &&
                      frame.y_offset >= 0 && frame.x_offset + frame.width <= header.width_px &&
                      frame.y_offset + frame.height <= header.height_px;
  if (!inside) return Bad("WebP: damaged: its first picture does not fit on its canvas");
  // The frame says how large it is, and so does the picture in it.
  WebPBitstreamFeatures features;
  const VP8StatusCode code = WebPGetFeatures(frame.fragment.bytes, frame.fragment.size, &features);
  if (code == VP8_STATUS_NOT_ENOUGH_DATA)
    return WhyNot(VP8_STATUS_SUSPENDED, nullptr, frame.height);
  if (code != VP8_STATUS_OK) return WhyNot(code, nullptr, frame.height);
  if (features.width != frame.width || features.height != frame.height) {
    return Bad("WebP: damaged: its sizes do not agree");
  }
  return {};
}

}  // namespace

Status DecodeWebp(const DecodeTask& task, RowSink& sink) {
  const WebPData file{task.file.data(), task.file.size()};
  WebPDemuxState state = WEBP_DEMUX_PARSE_ERROR;
  const Demuxer demuxer(WebPDemuxPartial(&file, &state));
  if (!demuxer || state == WEBP_DEMUX_PARSE_ERROR) return Bad("WebP: damaged");
  Frame frame;
  if (WebPDemuxGetFrame(demuxer.get(), 1, &frame) == 0) {
    return Bad("WebP: truncated: all of its pixels are missing");
  }
  const bool animated = (WebPDemuxGetI(demuxer.get(), WEBP_FF_FORMAT_FLAGS) & ANIMATION_FLAG) != 0;
  if (!animated && (frame.width != task.header.width_px || frame.height != task.header.height_px)) {
    return Bad("WebP: damaged: its sizes do not agree");
  }
  INLIER_RETURN_IF_ERROR(CheckFrame(frame, task.header));
  const Canvas canvas = CanvasFor(task, frame);
  INLIER_RETURN_IF_ERROR(CheckDecoderMemory(MemoryFor(canvas, frame), task.limits));
  RowLayout layout{.width_px = canvas.width_px,
                   .height_px = canvas.height_px,
                   .samples = canvas.alpha ? Samples::kRgba : Samples::kRgb};
  Chunk icc;
  if (WebPDemuxGetChunk(demuxer.get(), "ICCP", 1, &icc) != 0) {
    layout.colour.icc = BoundedProfile({icc.chunk.bytes, icc.chunk.size}, task.warnings);
  }
  INLIER_RETURN_IF_ERROR(sink.Begin(layout));
  std::vector<std::uint8_t> pixels(canvas.row_bytes() * static_cast<std::size_t>(canvas.height_px));
  INLIER_RETURN_IF_ERROR(DecodeFrame(frame, canvas, pixels));
  if (state != WEBP_DEMUX_DONE) {
    task.warnings.emplace_back("the file is shorter than it claims; all of its pixels are there");
  }
  for (int y = 0; y < canvas.height_px; ++y) {
    sink.Row(pixels.data() + static_cast<std::size_t>(y) * canvas.row_bytes());
  }
  return {};
}

}  // namespace inlier
