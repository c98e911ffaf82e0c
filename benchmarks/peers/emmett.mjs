// One event an append, by so many promises at once, through emmett's PostgreSQL event store.
//
//     node emmett.mjs HOST USER DATABASE WRITERS SECONDS
//
// prints how often a second and how long one took, as JSON. Each append begins a stream of its own,
// as the other contenders' do; its event carries the same payment.

import { randomUUID } from "node:crypto";
import { performance } from "node:perf_hooks";
import { getPostgreSQLEventStore } from "@event-driven-io/emmett-postgresql";
import pg from "pg";

const [host, user, database, writers, seconds] = process.argv.slice(2);
const pool = new pg.Pool({ host, user, database, max: Number(writers) });
const store = getPostgreSQLEventStore(
  `postgresql://${user}@localhost/${database}?host=${encodeURIComponent(host)}`,
  { schema: { autoMigration: "None" }, connectionOptions: { pool } },
);
await store.schema.migrate();

const append = () => {
  const claim = randomUUID();
  return store.appendToStream(`claim-${claim}`, [
    {
      type: "claim.paid",
      data: {
        claim_id: claim,
        facility_id: claim,
        payer_id: claim,
        currency: "USD",
        entry: 2,
        line: 1,
        amount: "70.00",
        paid_by: "payer",
        method: "electronic",
        reference: "EFT 20260301-0042",
        received_on: "2026-03-01",
        balance_after: "30.00",
        patient_balance_after: "30.00",
      },
    },
  ]);
};

const taken = [];
const write = async (until) => {
  for (let began = performance.now(); began < until; began = performance.now()) {
    await append();
    taken.push(performance.now() - began);
  }
};

const all = Array.from({ length: Number(writers) });
await Promise.all(all.map(append));
const began = performance.now();
await Promise.all(all.map(() => write(began + Number(seconds) * 1000)));
const elapsed = (performance.now() - began) / 1000;

taken.sort((one, other) => one - other);
const at = (percent) => taken[Math.min(taken.length - 1, Math.floor((taken.length * percent) / 100))];
console.log(
  JSON.stringify({
    per_second: taken.length / elapsed,
    p50_ms: at(50),
    p95_ms: at(95),
    p99_ms: at(99),
  }),
);
await store.close();
await pool.end();
