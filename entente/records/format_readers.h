// One reader for each format. Internal to this module; callers use OpenReader (reader.h).
#pragma once

#include <memory>

#include "entente/base/result.h"
#include "entente/records/intake.h"
#include "entente/records/reader.h"

namespace entente::records {

// Reads the header row. Errors: kInvalidInput if it lacks a mapped column or one stands twice.
Result<std::unique_ptr<RecordReader>> OpenCsv(std::unique_ptr<Intake> main,
                                              const CsvMapping* mapping);
// `alt` and `add` may be null.
std::unique_ptr<RecordReader> OpenOfac(std::unique_ptr<Intake> main, std::unique_ptr<Intake> alt,
                                       std::unique_ptr<Intake> add);
std::unique_ptr<RecordReader> OpenUn(std::unique_ptr<Intake> main);
std::unique_ptr<RecordReader> OpenEu(std::unique_ptr<Intake> main);
std::unique_ptr<RecordReader> OpenFtm(std::unique_ptr<Intake> main);

}  // namespace entente::records
