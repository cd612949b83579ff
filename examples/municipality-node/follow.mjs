// Follows one municipality's feed, keeps every message in a journal, and confirms each notice.
// A message is acknowledged only when it is in the journal: after a crash it comes again, and is recognised by its id.
import { appendFileSync, existsSync, fsyncSync, openSync, readFileSync } from "node:fs";
import { jetstream } from "@nats-io/jetstream";
import { connect, nkeyAuthenticator } from "@nats-io/transport-node";
import { HTTP } from "cloudevents";

const { NATS_URL, HAVN_MUNICIPALITY: code, HAVN_NKEY_FILE, HAVN_CA_FILE, HAVN_JOURNAL = "journal.ndjson" } = process.env;
if (!NATS_URL || !/^0\d{3}$/.test(code ?? "") || !HAVN_NKEY_FILE) {
  console.error("Set NATS_URL, HAVN_MUNICIPALITY (four digits) and HAVN_NKEY_FILE; see README.md.");
  process.exit(2);
}

const seen = new Set(
  existsSync(HAVN_JOURNAL) ? readFileSync(HAVN_JOURNAL, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line).id) : [],
);
const journal = openSync(HAVN_JOURNAL, "a");

const connection = await connect({
  servers: NATS_URL,
  name: `municipality-${code}`,
  authenticator: nkeyAuthenticator(new TextEncoder().encode(readFileSync(HAVN_NKEY_FILE, "utf8").trim())),
  inboxPrefix: `_INBOX_m${code}`,
  maxReconnectAttempts: -1,
  ...(HAVN_CA_FILE ? { tls: { caFile: HAVN_CA_FILE } } : {}),
});
console.log(`Following the feed of ${code}; ${seen.size} messages are in the journal.`);

// The platform made the consumer, and this account may not ask about it: it is named, not looked up.
const consumer = jetstream(connection).consumers.getConsumerFromInfo({
  stream_name: "FEED",
  name: `m${code}`,
  config: { durable_name: `m${code}`, ack_policy: "explicit" },
});

let stopping = false;
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => (stopping = true));
}

while (!stopping) {
  const messages = await consumer.fetch({ max_messages: 100, expires: 1000 });
  for await (const message of messages) {
    const event = read(message);
    if (!seen.has(event.id)) {
      keep(event);
    }
    if (event.data.notice_id) {
      await confirm(event.data.notice_id);
    }
    message.ack();
  }
}
await connection.drain();
console.log("Stopped.");

// CloudEvents in NATS's binary mode has the header names of HTTP's, so the package reads it as such.
function read(message) {
  const headers = { "content-type": "application/json" };
  for (const [name, values] of message.headers) {
    if (name.startsWith("ce-")) headers[name] = values[0];
  }
  return HTTP.toEvent({ headers, body: message.string() });
}

function keep(event) {
  appendFileSync(journal, `${JSON.stringify({ id: event.id, type: event.type, data: event.data })}\n`);
  fsyncSync(journal);
  seen.add(event.id);
  console.log(`${event.data.occurred_on} ${event.type.split(".")[3]} ${event.data.notice ?? event.data.notification ?? `${event.data.rule} ${event.data.change}`}`);
}

// Confirming twice is harmless, and the answer says so.
async function confirm(noticeId) {
  const reply = await connection.request(`havn.acknowledge.${code}`, JSON.stringify({ notice_id: noticeId }), { timeout: 5000 });
  const answer = reply.json();
  if (!answer.acknowledged) {
    throw new Error(`the confirmation was refused: ${answer.title}`);
  }
}
