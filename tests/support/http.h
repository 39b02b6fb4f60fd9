#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A client that speaks HTTP badly or well, as it is told, and knows nothing of the server.
namespace inlier::test {

/// An answer as it came over the line.
struct HttpAnswer {
  int status = 0;                              // 0: the server closed without one
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;                            // without its chunks

  std::string Header(const std::string& name) const;
};

/// A connection that sends any bytes, well-formed or not. Reads wait at most ten seconds.
class RawConnection {
 public:
  explicit RawConnection(int port);
  ~RawConnection();
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  /// False when the server has closed.
  bool Send(std::string_view bytes) const;
  /// The next answer; `head` when it answers HEAD, and so has no body.
  HttpAnswer Receive(bool head = false);
  /// True when the server closes before it sends anything more.
  bool IsClosed();
  void Close();

 private:
  bool Fill();

  int socket_ = -1;
  std::string received_;
};

/// The text of one request.
std::string RequestText(const std::string& method, const std::string& target,
                        std::string_view body = {}, const std::vector<std::string>& headers = {});
/// A multipart body with the boundary "edge". Each part is {headers without their line ends joined
/// by "\r\n", content}.
std::string MultipartBody(const std::vector<std::pair<std::string, std::string>>& parts);
inline constexpr const char* kMultipartHeader = "Content-Type: multipart/form-data; boundary=edge";
/// {Content-Disposition of a part with this name and file name, content}.
std::pair<std::string, std::string> FilePart(const std::string& name, const std::string& filename,
                                             std::string content);

}  // namespace inlier::test
