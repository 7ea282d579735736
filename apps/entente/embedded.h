// Files of the source tree that the binary carries.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace entente::app {

// Language → the text of locales/LANGUAGE.json.
const std::map<std::string, std::string_view>& EmbeddedLocales();

}  // namespace entente::app
