import assert from "node:assert/strict";
import test from "node:test";
import { gzipSync } from "node:zlib";

import {
  Table, bytesOfText, gunzip, patched, revive, same, ungrouped, unpacked,
} from "../../convrnn_lab/explorer/web/data.js";

test("arrays come back in the places that refer to them, matrices as rows", () => {
  const buffers = [new Float32Array([1, 2, 3, 4, 5, 6]).buffer, new Uint8Array([1, 0]).buffer];

  const revived = revive(
    { z: { array: 0, dtype: "float32", shape: [2, 3] }, seen: [{ array: 1, dtype: "bool", shape: [2] }], n: null },
    buffers,
  );

  assert.deepEqual(revived.z.map((row) => [...row]), [[1, 2, 3], [4, 5, 6]]);
  assert.deepEqual([...revived.seen[0]], [1, 0]);
  assert.equal(revived.n, null);
});

test("a patch changes a copy, makes what is missing and takes out what is null", () => {
  const base = { data: [{ y: [1] }], layout: { title: "a", old: 1 } };

  const result = patched(base, [
    [["layout", "title"], "b"], [["layout", "old"], null], [["layout", "axis", "range"], [0, 1]],
  ]);

  assert.deepEqual(result, { data: [{ y: [1] }], layout: { title: "b", axis: { range: [0, 1] } } });
  assert.deepEqual(base, { data: [{ y: [1] }], layout: { title: "a", old: 1 } });
});

test("an array keeps its bytes when it is patched into a copy", () => {
  const row = new Float32Array([1, 2]);

  assert.equal(patched({}, [[["z"], row]]).z, row);
  assert.equal(patched({}, [[["z"], [row]]]).z[0], row);
});

test("same compares by value, arrays too", () => {
  assert.ok(same({ a: [1, { b: NaN }] }, { a: [1, { b: NaN }] }));
  assert.ok(same(new Float32Array([1, 2]), new Float32Array([1, 2])));
  assert.ok(!same({ a: 1 }, { a: 1, b: undefined }));
  assert.ok(!same(null, {}));
  assert.ok(!same([1], [2]));
});

test("bytes grouped by their place in a number are put back", () => {
  const numbers = new Float64Array([1.5, -2, 3e8]);
  const bytes = new Uint8Array(numbers.buffer);
  const grouped = new Uint8Array(24);
  for (let place = 0; place < 8; place += 1) {
    for (let index = 0; index < 3; index += 1) grouped[place * 3 + index] = bytes[index * 8 + place];
  }

  assert.deepEqual([...new Float64Array(ungrouped(grouped, 8))], [...numbers]);
});

test("a page's states are a length, a header and arrays", () => {
  const header = new TextEncoder().encode(JSON.stringify({ buffers: [[2, 1], [4, 2]], holds: "é" }));
  const bytes = new Uint8Array(4 + header.length + 6);
  new DataView(bytes.buffer).setUint32(0, header.length, true);
  bytes.set(header, 4);
  bytes.set([7, 8, 1, 3, 2, 4], 4 + header.length);

  const { content, buffers } = unpacked(bytes.buffer);

  assert.equal(content.holds, "é");
  assert.deepEqual(buffers.map((each) => [...new Uint8Array(each)]), [[7, 8], [1, 2, 3, 4]]);
});

test("packed bytes in base 64 are unpacked", async () => {
  const text = `\n${gzipSync("a text").toString("base64")}\n`;

  assert.equal(new TextDecoder().decode(await gunzip(bytesOfText(text))), "a text");
});

test("a table forgets what was used longest ago, and keeps what it has just got", () => {
  const table = new Table(100);
  table.add("a", { bytes: 40 });
  table.add("b", { bytes: 40 });
  table.find("a");
  table.add("c", { bytes: 40 });
  assert.deepEqual([...table.states.keys()], ["a", "c"]);

  table.add("huge", { bytes: 500 });
  assert.deepEqual([...table.states.keys()], ["huge"]);
  assert.equal(table.bytes, 500);
  table.add("huge", { bytes: 10 });
  assert.equal(table.bytes, 10);
  table.clear();
  assert.equal(table.find("huge"), undefined);
});
