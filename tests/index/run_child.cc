#include <sys/wait.h>
#include <unistd.h>

#include "tests/index/child.h"

namespace inlier::test {

int RunChild(const std::vector<std::string>& arguments) {
  std::vector<char*> argv{const_cast<char*>(INLIER_CHILD)};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
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
