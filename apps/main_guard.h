// What the main() of every program does with an exception that nobody caught.
#pragma once

#include <exception>
#include <iostream>

#include "entente/base/error_table.h"

namespace entente {

// The exit code of `run`; an exception is a bug of ours, and both standard error and the code say
// so.
inline int GuardMain(const char* program, int (*run)(int, char**), int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << program << ": a bug: " << error.what() << "\n";
    return ErrorRowFor(ErrorCode::kInternal).exit_code;
  }
}

}  // namespace entente
