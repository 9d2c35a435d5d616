# `make package` adds functions/processor/schemas/SOURCE.json to the processor's package.
check "schemas" {
  assert {
    condition     = length(setsubtract([for file in fileset("${path.module}/../functions/processor/schemas", "*.json") : trimsuffix(file, ".json")], keys(local.sources))) == 0
    error_message = "functions/processor/schemas/ has a file whose name is no source; the processor uses it for nothing."
  }
}

check "custom_domain" {
  assert {
    condition     = var.custom_domain != null || contains(var.accepted_warnings, "custom_domain")
    error_message = "The URL that producers get is API Gateway's own and ends with the API: after a destroy every producer has to be told another one. A custom_domain outlives it."
  }
}

check "secrets" {
  assert {
    condition     = length(local.secrets_by_hand) == 0 || contains(var.accepted_warnings, "secrets")
    error_message = "The secrets of these sources come from their producers and are put by hand; until then their webhooks are answered 503: ${join(", ", local.secrets_by_hand)}."
  }
}

check "runbooks" {
  assert {
    condition     = startswith(var.runbooks_url, "https://") || contains(var.accepted_warnings, "runbooks")
    error_message = "runbooks_url is a relative link, which leads nowhere in an e-mail or a dashboard. Set it to where alarms/runbooks can be read."
  }
}

check "subscriptions" {
  assert {
    condition     = contains(keys(var.topics), "page") || anytrue([for s in values(var.subscriptions) : s.severity == "page"]) || contains(var.accepted_warnings, "subscriptions")
    error_message = "Nobody is paged: subscriptions has no entry of the severity page."
  }

  assert {
    condition     = length(module.alarms.unconfirmed_subscriptions) == 0
    error_message = "These subscriptions are not confirmed, so nobody is told of an alarm: ${join(", ", module.alarms.unconfirmed_subscriptions)}. AWS drops them after two days; then an apply makes them anew."
  }
}

# An apply that failed between the upload of a function's code and its publication leaves the new code in the state while the
# alias serves the last one, and the next plan shows no change.
data "aws_lambda_function" "live" {
  for_each = local.functions

  function_name = module.functions.functions[each.key].name
  qualifier     = module.functions.functions[each.key].alias

  lifecycle {
    postcondition {
      condition     = contains([self.code_sha256, null], module.functions.functions[each.key].package_sha256)
      error_message = "${self.function_name} serves other code than its package. ${var.package_bucket == null ? "An apply failed before it was published: run `aws lambda publish-version --function-name ${self.function_name}`" : "The bucket had other bytes than package_bucket.sha256sums says, or an apply failed before they were published: put the release there and run `aws lambda update-function-code --publish --function-name ${self.function_name} --s3-bucket ${var.package_bucket.name} --s3-key ${var.package_bucket.prefix}${var.architecture}/${each.key}/bootstrap.zip`"}, then apply again."
    }
  }

  depends_on = [module.functions]
}
