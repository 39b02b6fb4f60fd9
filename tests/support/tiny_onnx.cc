#include "tests/support/tiny_onnx.h"

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/support/files.h"

namespace inlier::test {
namespace {

// A protobuf message, in its wire format.
class Message {
 public:
  Message& Number(int field, std::uint64_t value) {
    Varint(static_cast<std::uint64_t>(field) << 3);
    Varint(value);
    return *this;
  }
  Message& Text(int field, const std::string& value) {
    Varint(static_cast<std::uint64_t>(field) << 3 | 2);
    Varint(value.size());
    bytes_ += value;
    return *this;
  }
  Message& Inner(int field, const Message& value) { return Text(field, value.bytes_); }
  const std::string& bytes() const { return bytes_; }

 private:
  void Varint(std::uint64_t value) {
    for (; value > 127; value >>= 7) bytes_ += static_cast<char>(value | 128);
    bytes_ += static_cast<char>(value);
  }
  std::string bytes_;
};

using Shape = std::vector<std::int64_t>;

// Fields as onnx.proto numbers them.
Message Attribute(const std::string& name, const Shape& values) {
  Message m;
  m.Text(1, name);
  for (const std::int64_t value : values) m.Number(8, static_cast<std::uint64_t>(value));
  return m.Number(20, 7);
}

Message Node(const std::string& type, const std::vector<std::string>& inputs,
             const std::string& output, const std::vector<Message>& attributes = {}) {
  Message m;
  for (const std::string& input : inputs) m.Text(1, input);
  m.Text(2, output).Text(4, type);
  for (const Message& attribute : attributes) m.Inner(5, attribute);
  return m;
}

template <class T>
Message Initializer(const std::string& name, const Shape& shape, const std::vector<T>& values) {
  constexpr int kFloat = 1, kInt64 = 7;
  Message m;
  for (const std::int64_t size : shape) m.Number(1, static_cast<std::uint64_t>(size));
  m.Number(2, std::is_same_v<T, float> ? kFloat : kInt64).Text(8, name);
  return m.Text(9, {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)});
}

Message Value(const std::string& name, const Shape& shape) {
  Message dims, tensor, type, value;
  for (const std::int64_t size : shape)
    dims.Inner(1, Message().Number(1, static_cast<std::uint64_t>(size)));
  tensor.Number(1, 1).Inner(2, dims);
  type.Inner(1, tensor);
  return value.Text(1, name).Inner(2, type);
}

std::string Model(const std::vector<Message>& nodes, const std::vector<Message>& constants,
                  const std::vector<Message>& outputs) {
  Message graph, model;
  for (const Message& node : nodes) graph.Inner(1, node);
  graph.Text(2, "tiny");
  for (const Message& constant : constants) graph.Inner(5, constant);
  graph.Inner(11, Value("image", {1, 3, 32, 32}));
  for (const Message& output : outputs) graph.Inner(12, output);
  return model.Number(1, 6).Inner(7, graph).Inner(8, Message().Text(1, "").Number(2, 11)).bytes();
}

}  // namespace

void WriteTinyModel(const std::filesystem::path& folder) {
  const std::vector<Message> windows = {Attribute("kernel_shape", {8, 8}),
                                        Attribute("strides", {8, 8})};
  const Message rows = Attribute("perm", {0, 2, 1});
  WriteBytes(folder / "tiny-detector.onnx",
             Model({Node("AveragePool", {"image"}, "means", windows),
                    Node("Reshape", {"means", "three"}, "columns"),
                    Node("Transpose", {"columns"}, "scores", {rows}),
                    Node("Conv", {"image", "nothing", "sides"}, "distances", windows),
                    Node("Reshape", {"distances", "four"}, "lines"),
                    Node("Transpose", {"lines"}, "boxes", {rows})},
                   {Initializer<std::int64_t>("three", {3}, {1, 3, 16}),
                    Initializer<std::int64_t>("four", {3}, {1, 4, 16}),
                    Initializer<float>("nothing", {4, 3, 8, 8}, std::vector<float>(4 * 3 * 64)),
                    Initializer<float>("sides", {4}, {12, 12, 4, 4})},
                   {Value("scores", {1, 16, 3}), Value("boxes", {1, 16, 4})}));
  std::mt19937 random(5);
  std::vector<float> filters(16 * 3 * 64);
  for (float& weight : filters)
    weight = static_cast<float>(static_cast<double>(random()) / 4294967296.0 - 0.5);
  WriteBytes(folder / "tiny-embedding.onnx",
             Model({Node("Conv", {"image", "filters"}, "filtered", windows),
                    Node("Relu", {"filtered"}, "map"), Node("GlobalAveragePool", {"map"}, "vector"),
                    Node("Reshape", {"map", "places"}, "channels"),
                    Node("Transpose", {"channels"}, "tokens", {rows})},
                   {Initializer<float>("filters", {16, 3, 8, 8}, filters),
                    Initializer<std::int64_t>("places", {3}, {1, 16, 16})},
                   {Value("map", {1, 16, 4, 4}), Value("vector", {1, 16, 1, 1}),
                    Value("tokens", {1, 16, 16})}));
  WriteBytes(folder / "tiny.json", kTinyConfig);
}

}  // namespace inlier::test
