/* Computes what follows from given arrays, for the cases of a file; see tests/explorer/test_computed.py. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { completed } from "../../convrnn_lab/explorer/web/computed.js";
import { revive } from "../../convrnn_lab/explorer/web/data.js";

const folder = process.argv[2];
const { cases, sizes } = JSON.parse(readFileSync(join(folder, "cases.json"), "utf-8"));
const bytes = readFileSync(join(folder, "arrays.bin"));
let offset = 0;
const buffers = sizes.map(([size]) => {
  offset += size;
  return Uint8Array.from(bytes.subarray(offset - size, offset)).buffer;
});
const written = (key, value) => (ArrayBuffer.isView(value) ? Array.from(value, String) : value);
process.stdout.write(JSON.stringify(cases.map(({ computed, given }) => {
  const arrays = Object.entries(revive(given, buffers)).map(([name, { look: [, , array] }]) => [name, array]);
  return completed(revive(computed, buffers), Object.fromEntries(arrays));
}), written));
