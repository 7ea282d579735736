// The opened input of a reader: unpacked, counted, and readable through a growing window.
// Internal to this module. Threads: one object, one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "entente/base/result.h"
#include "entente/records/reader.h"

namespace entente::records {

class Intake {
 public:
  // Requires input.source. Unpacks if it is gzip.
  explicit Intake(ReaderInput input);

  // The unread bytes at hand. Valid until the next Grow().
  std::string_view window() const { return {buffer_.data() + at_, size_ - at_}; }
  // Adds bytes behind window(); false at the end of the input.
  // Errors: of the source, the file's name in front.
  Result<bool> Grow();
  // Grows until `size` bytes are at hand or the input ends.
  Status GrowTo(std::size_t size);
  // Passes over a UTF-8 byte order mark. Call at the start of a text.
  // Errors: kInvalidInput if it is UTF-16, by its mark or by its zero bytes.
  Status BeginText();
  void Consume(std::size_t size) { at_ += size; }

  const std::string& name() const { return name_; }
  std::uint64_t bytes_read() const { return *bytes_read_; }

 private:
  std::string name_;
  std::unique_ptr<std::uint64_t> bytes_read_;
  std::unique_ptr<ByteSource> source_;
  std::vector<char> buffer_;
  std::size_t at_ = 0;
  std::size_t size_ = 0;
};

}  // namespace entente::records
