// ENTENTE_CHECK(condition) aborts with file and line when one of OUR OWN invariants is broken.
// Never for bytes of a peer, a file, the database or an operator: those return an Error.
#pragma once

#include <cstdio>
#include <cstdlib>

#define ENTENTE_CHECK(condition)                                                                  \
  do {                                                                                            \
    if (!(condition)) {                                                                           \
      static_cast<void>(                                                                          \
          std::fprintf(stderr, "%s:%d: broken invariant: %s\n", __FILE__, __LINE__, #condition)); \
      std::abort();                                                                               \
    }                                                                                             \
  } while (false)
