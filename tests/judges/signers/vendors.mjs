// The vendors' own libraries as one process: a line of JSON in, a line out.
//
// {"producer", "do": "secret"} → {"secret": what the service is given, "signs": what the producer signs with}
// {"producer", "do": "sign", "signs", "second", "note"} → {"headers", "body"}, or {"query"} in addition
// {"producer", "do": "judge", "secret", "headers", "body", "query"} → {"accepts", "why"}
//
// `sign` calls the library's signing function. Where a library has none ("confirms"), the signature is made here as its
// documentation says, and no delivery is sent before the library's verifying function (`judge`) has accepted it.
import { createHmac, generateKeyPairSync, randomBytes, sign as signature } from "node:crypto";
import { createInterface } from "node:readline";

import "@shopify/shopify-api/adapters/node";
import { Signature as hubspot } from "@hubspot/api-client";
import { validateSignature as line } from "@line/bot-sdk";
import { Mux } from "@mux/mux-node";
import * as octokit from "@octokit/webhooks-methods";
import { shopifyApi } from "@shopify/shopify-api";
import { createSHA256HMAC } from "@shopify/shopify-api/runtime";
import { WorkOS } from "@workos-inc/node";
import braintree from "braintree";
import { verifyKey as discord } from "discord-interactions";
import { verifySignature as gocardless } from "gocardless-nodejs/webhooks";
import { OpenAI } from "openai";
import { WebhooksHelper as square } from "square";
import { Webhook as StandardWebhook } from "standardwebhooks";
import Stripe from "stripe";
import { Webhook as SvixWebhook } from "svix";
import twilio from "twilio";

// Where a producer believes to send to; some sign it.
const URL_OF = (producer, query) => `https://hooks.example.com/webhook/${producer}${query ? `?${query}` : ""}`;

const word = () => randomBytes(24).toString("hex");
const whsec = () => `whsec_${randomBytes(24).toString("base64")}`;
const hmac = (secret, text, encoding) => createHmac("sha256", secret).update(text).digest(encoding);
const event = (note) => JSON.stringify({ id: `evt_${note}`, type: "user.updated", name: "Zażółć 雪 😀", note, list: [1, 2.5, null] });
const shared = (make) => () => { const secret = make(); return { secret, signs: secret }; };

// A producer of the Standard Webhooks family. The id and the time are signed.
const standard = (Webhook, id, time, name) => ({
  secret: shared(whsec),
  sign: ({ signs, second, note }) => {
    const body = event(note);
    const value = new Webhook(signs).sign(`msg_${note}`, new Date(second * 1000), body);
    return { body, headers: { [id]: `msg_${note}`, [time]: String(second), [name]: value } };
  },
  judge: ({ secret, headers, body }) => new Webhook(secret).verify(body, headers),
});

// One header with a signature over the body alone.
const plain = (header, make, judge) => ({
  secret: shared(word),
  sign: async ({ signs, note }) => {
    const body = event(note);
    return { body, headers: { [header]: await make(signs, body) } };
  },
  judge: ({ secret, headers, body }) => judge(secret, headers[header], body),
});

const gateway = (key) => new braintree.BraintreeGateway({
  environment: braintree.Environment.Sandbox, merchantId: "merchant", publicKey: "publickey1", privateKey: key,
});

const form = (body) => {
  const found = {};
  for (const [name, value] of new URLSearchParams(body)) found[name] = value;
  return found;
};
const FORM = { "Content-Type": "application/x-www-form-urlencoded" };

const producers = {
  stripe: {
    secret: shared(() => `whsec_${word()}`),
    sign: ({ signs, second, note }) => {
      const body = event(note);
      const value = Stripe.webhooks.generateTestHeaderString({ payload: body, secret: signs, timestamp: second });
      return { body, headers: { "Stripe-Signature": value } };
    },
    judge: ({ secret, headers, body }) => Stripe.webhooks.constructEvent(body, headers["Stripe-Signature"], secret),
  },
  svix: standard(SvixWebhook, "svix-id", "svix-timestamp", "svix-signature"),
  "standard-webhooks": standard(StandardWebhook, "webhook-id", "webhook-timestamp", "webhook-signature"),
  github: {
    secret: shared(word),
    sign: async ({ signs, note }) => {
      const body = event(note);
      const value = await octokit.sign(signs, body);
      return { body, headers: { "X-GitHub-Event": "push", "X-GitHub-Delivery": note, "X-Hub-Signature-256": value } };
    },
    judge: ({ secret, headers, body }) => octokit.verify(secret, body, headers["X-Hub-Signature-256"]),
  },
  "hmac-sha256": plain("X-Webhook-Signature", octokit.sign, (secret, value, body) => octokit.verify(secret, body, value)),
  "hmac-sha256-bare": plain(
    "X-Webhook-Signature",
    (secret, body) => createSHA256HMAC(secret, body, "hex"),
    (secret, value, body) => gocardless(body, secret, value),
  ),
  twilio: {
    secret: shared(word),
    sign: ({ signs, note }) => {
      const body = new URLSearchParams({ MessageSid: `SM${note}`, Body: "café 雪 & 'q'", To: "+15550001111" }).toString();
      const value = twilio.getExpectedTwilioSignature(signs, URL_OF("twilio"), form(body));
      return { body, headers: { ...FORM, "X-Twilio-Signature": value } };
    },
    judge: ({ secret, headers, body }) =>
      twilio.validateRequest(secret, headers["X-Twilio-Signature"], URL_OF("twilio"), form(body)),
  },
  "twilio-json": {
    secret: shared(word),
    sign: ({ signs, note }) => {
      const body = event(note);
      const query = `bodySHA256=${twilio.getExpectedBodyHash(body)}`;
      const value = twilio.getExpectedTwilioSignature(signs, URL_OF("twilio-json", query), {});
      return { body, query, headers: { "X-Twilio-Signature": value } };
    },
    judge: ({ secret, headers, body, query }) =>
      twilio.validateRequestWithBody(secret, headers["X-Twilio-Signature"], URL_OF("twilio-json", query), body),
  },
  shopify: {
    secret: shared(word),
    sign: async ({ signs, note }) => {
      const body = event(note);
      return {
        body,
        headers: {
          "X-Shopify-Topic": "orders/create", "X-Shopify-Hmac-Sha256": await createSHA256HMAC(signs, body),
          "X-Shopify-Shop-Domain": "example.myshopify.com", "X-Shopify-API-Version": "2026-01", "X-Shopify-Webhook-Id": note,
        },
      };
    },
    judge: async ({ secret, headers, body }) => {
      const settings = {
        apiKey: "key", apiSecretKey: secret, apiVersion: "2026-01", hostName: "example.com", isEmbeddedApp: false,
        logger: { log: () => {} },
      };
      const found = await shopifyApi(settings).webhooks.validate({ rawBody: body, rawRequest: { headers } });
      if (!found.valid) throw new Error(found.reason);
    },
  },
  square: {
    secret: shared(word),
    sign: ({ signs, note }) => {
      const body = event(note);
      return { body, headers: { "X-Square-HmacSha256-Signature": hmac(signs, URL_OF("square") + body, "base64") } };
    },
    judge: ({ secret, headers, body }) => square.verifySignature({
      requestBody: body, signatureHeader: headers["X-Square-HmacSha256-Signature"], signatureKey: secret,
      notificationUrl: URL_OF("square"),
    }),
  },
  hubspot: {
    secret: shared(word),
    sign: ({ signs, second, note }) => {
      const body = event(note);
      const options = { clientSecret: signs, requestBody: body, url: URL_OF("hubspot"), timestamp: second * 1000 };
      const value = hubspot.getSignature("POST", "v3", options);
      return { body, headers: { "X-HubSpot-Signature-v3": value, "X-HubSpot-Request-Timestamp": String(second * 1000) } };
    },
    judge: ({ secret, headers, body }) => hubspot.isValid({
      method: "POST", signatureVersion: "v3", signature: headers["X-HubSpot-Signature-v3"], clientSecret: secret,
      requestBody: body, url: URL_OF("hubspot"), timestamp: Number(headers["X-HubSpot-Request-Timestamp"]),
    }),
  },
  line: plain(
    "X-Line-Signature",
    (secret, body) => hmac(secret, body, "base64"),
    (secret, value, body) => line(body, secret, value),
  ),
  discord: {
    secret: () => {
      const { privateKey, publicKey } = generateKeyPairSync("ed25519");
      return {
        secret: Buffer.from(publicKey.export({ format: "jwk" }).x, "base64url").toString("hex"),
        signs: privateKey.export({ format: "pem", type: "pkcs8" }),
      };
    },
    sign: ({ signs, second, note }) => {
      const body = event(note);
      const value = signature(null, Buffer.from(`${second}${body}`), signs).toString("hex");
      return { body, headers: { "X-Signature-Ed25519": value, "X-Signature-Timestamp": String(second) } };
    },
    judge: ({ secret, headers, body }) =>
      discord(body, headers["X-Signature-Ed25519"], headers["X-Signature-Timestamp"], secret),
  },
  workos: {
    secret: shared(word),
    sign: async ({ signs, second, note }) => {
      const body = event(note);
      const value = await new WorkOS("key").webhooks.computeSignature(second * 1000, JSON.parse(body), signs);
      return { body, headers: { "WorkOS-Signature": `t=${second * 1000}, v1=${value}` } };
    },
    judge: ({ secret, headers, body }) =>
      new WorkOS("key").webhooks.verifyHeader({ payload: JSON.parse(body), sigHeader: headers["WorkOS-Signature"], secret }),
  },
  gocardless: plain(
    "Webhook-Signature",
    (secret, body) => hmac(secret, body, "hex"),
    (secret, value, body) => gocardless(body, secret, value),
  ),
  braintree: {
    secret: shared(word),
    sign: ({ signs, note }) => {
      const sample = gateway(signs).webhookTesting.sampleNotification(
        braintree.WebhookNotification.Kind.SubscriptionWentPastDue, note);
      return { body: new URLSearchParams(sample).toString(), headers: FORM };
    },
    judge: ({ secret, body }) => {
      const { bt_signature, bt_payload } = form(body);
      return gateway(secret).webhookNotification.parse(bt_signature, bt_payload);
    },
  },
  mux: {
    secret: shared(word),
    sign: async ({ signs, second, note }) => {
      const body = event(note);
      const mux = new Mux({ tokenId: "id", tokenSecret: "secret" });
      const value = await mux.webhooks.computeSignature(`${second}.${body}`, signs);
      return { body, headers: { "Mux-Signature": `t=${second},v1=${value}` } };
    },
    judge: ({ secret, headers, body }) =>
      new Mux({ tokenId: "id", tokenSecret: "secret" }).webhooks.verifySignature(body, headers, secret),
  },
  openai: {
    secret: shared(whsec),
    sign: ({ signs, second, note }) => {
      const body = event(note);
      const key = Buffer.from(signs.replace("whsec_", ""), "base64");
      const value = `v1,${hmac(key, `wh_${note}.${second}.${body}`, "base64")}`;
      return { body, headers: { "webhook-id": `wh_${note}`, "webhook-timestamp": String(second), "webhook-signature": value } };
    },
    judge: ({ secret, headers, body }) => new OpenAI({ apiKey: "key" }).webhooks.verifySignature(body, headers, secret),
  },
};

const answer = async (question) => {
  const producer = producers[question.producer];
  if (question.do === "secret") return producer.secret();
  if (question.do === "sign") return producer.sign(question);
  try {
    // Some libraries return false, the others throw.
    const accepts = (await producer.judge(question)) !== false;
    return { accepts, why: accepts ? "genuine" : "not genuine" };
  } catch (error) {
    return { accepts: false, why: String(error?.message ?? error) };
  }
};

// Libraries may print; only answers belong on the standard output.
console.log = console.error;
console.info = console.error;
for await (const text of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(text)))}\n`);
}
