#include <sys/wait.h>
#include <unistd.h>

#include "tests/index/child.h"

namespace inlier::test {

int RunChild(const std::vector<std::string>& arguments) {
  std::vector<std::string> words{INLIER_CHILD};  // execv() wants text that may change
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    execv(INLIER_CHILD, argv.data());
    _exit(127);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

}  // namespace inlier::test
