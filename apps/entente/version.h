#pragma once

namespace entente::app {

inline constexpr const char* kVersion = "0.1.0";

}  // namespace entente::app
