# What of the sources other parts of the deployment need.
locals {
  # The presets of the functions. tests/infrastructure compares this list with the code.
  presets = [
    "adyen-platform", "aftership", "aiprise", "airship", "airtable", "airwallex", "akeneo", "alchemy", "alertmanager",
    "anthropic-agents", "ashby", "attentive", "auth0", "authorize-net", "autodesk-aps", "azure-devops", "bitbucket", "box",
    "braintree", "brevo", "brex", "bridge-api", "buildkite", "calcom", "calendly", "chargebee", "chargify", "checkout-com",
    "checkr", "circleci", "clerk", "clickup", "cloudevents", "cloudflare-stream", "cloudsignal", "coinbase-commerce",
    "commercelayer", "configcat", "convoy", "courier", "cronofy", "customerio", "datadog", "deel", "dialpad", "discord",
    "discourse", "docusign", "doppler", "dropbox", "dub", "dwolla", "easypost", "elevenlabs", "enode", "ethoca",
    "event-grid", "fastspring", "favro", "figma", "finch", "fireflies", "flexport", "framer", "front", "gitea", "gitea-form",
    "github", "github-form", "gitlab", "gocardless", "google-drive", "grafana", "helpscout", "heroku", "hmac-sha256",
    "hookdeck", "hubspot", "incident-io", "increase", "intercom", "jira", "kick", "klaviyo", "launchdarkly", "lemonsqueezy",
    "line", "linear", "linkedin", "lithic", "livekit", "mailchimp", "mailgun", "mandrill", "meraki", "mercadopago",
    "messagebird", "meta", "microsoft-graph", "microsoft-sharepoint", "modern-treasury", "mollie-next", "monday",
    "mongodb-atlas", "mux", "netlify", "nmi", "none", "nylas", "okta", "onfleet", "openai", "orb", "oura", "paddle",
    "pagerduty", "paymob", "paystack", "polar", "postmark", "primer", "pusher", "pylon", "razorpay", "recurly", "render",
    "replicate", "resend", "retell", "revolut", "ringcentral", "sanity", "scrapfly", "segment", "sendbird", "sendgrid",
    "sentry", "shipbob", "shiphero", "shippo", "shopify", "shopline", "sinch", "slack", "smartcar", "smartsheet", "smile",
    "snyk", "sonarqube", "sparkpost", "square", "standard-webhooks", "statsig", "stripe", "stytch", "svix", "synctera",
    "telegram", "telnyx", "terraform-cloud", "tiktok-shop", "trello", "twilio", "twitch", "typeform", "uber", "usps",
    "utila", "vanta", "vercel", "vercel-log-drains", "viber", "vonage", "walmart", "webflow", "websub", "wechat-pay",
    "whatsapp", "wise", "wix", "woocommerce", "workos", "worldpay", "x", "xero", "zapier", "zendesk", "zerohash", "zoom",
  ]

  # The header of the signature of the presets whose signature is the HMAC-SHA256 of the body in hex. tests/infrastructure
  # compares this map with the code.
  headers_of_presets = {
    "github"      = "X-Hub-Signature-256"
    "hmac-sha256" = "X-Webhook-Signature"
  }

  # The header of each source's signature; null where this map does not have it.
  headers_of_sources = {
    for name, source in var.sources : name => try(source.verify, null) == null ? lookup(local.headers_of_presets, try(source.preset, ""), null) : null
  }

  # The headers of the signatures of all sources; none when that of one is not known, or a source takes unsigned webhooks.
  signature_headers = anytrue([for header in values(local.headers_of_sources) : header == null]) ? [] : distinct(values(local.headers_of_sources))
}
