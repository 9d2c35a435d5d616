# `make package` adds functions/processor/schemas/SOURCE.json to the processor's package.
check "schemas" {
  assert {
    condition     = length(setsubtract([for file in fileset("${path.module}/../functions/processor/schemas", "*.json") : trimsuffix(file, ".json")], keys(local.sources))) == 0
    error_message = "functions/processor/schemas/ has a file whose name is no source; the processor uses it for nothing."
  }
}
