# `make package` puts schemas/SOURCE.json into the processor's package.
check "schemas" {
  assert {
    condition     = length(setsubtract([for file in fileset("${path.module}/../schemas", "*.json") : trimsuffix(file, ".json")], keys(var.sources))) == 0
    error_message = "schemas/ has a file that is named after none of the sources, so nothing is checked against it."
  }
}
