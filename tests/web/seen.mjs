/* Does all looks of a file at all its places, and writes what comes out; see tests/explorer/looks.py. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { completed } from "../../convrnn_lab/explorer/web/computed.js";
import { revive } from "../../convrnn_lab/explorer/web/data.js";
import { done, seen } from "../../convrnn_lab/explorer/web/looks.js";

const folder = process.argv[2];
const { looks, sizes, places, rules, settings } = JSON.parse(readFileSync(join(folder, "looks.json"), "utf-8"));
const bytes = readFileSync(join(folder, "arrays.bin"));
let offset = 0;
const buffers = sizes.map((size) => {
  offset += size;
  return Uint8Array.from(bytes.subarray(offset - size, offset)).buffer;
});
const revived = revive(looks, buffers);
const revivedRules = revive(rules, buffers);
const plain = (key, value) => {
  if (ArrayBuffer.isView(value)) return Array.from(value);
  return value === Infinity || value === -Infinity ? String(value) : value; // JSON has no infinity
};
process.stdout.write(JSON.stringify(revive(places, buffers).map((place) => {
  const all = Object.fromEntries(Object.entries(place).map(([name, each]) => [name, done(each, {})]));
  const set = Object.fromEntries(settings.map((name) => [name, all[name]]));
  return { looks: revived.map((look) => seen(look, all)), computed: completed(revivedRules, set) };
}), plain));
