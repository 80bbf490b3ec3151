import assert from "node:assert/strict";
import test from "node:test";

import { TEXT } from "../../convrnn_lab/explorer/web/computed_text.js";
import { codesOf } from "../../convrnn_lab/explorer/web/typed.js";
import { TYPED } from "../../convrnn_lab/explorer/web/typed_looks.js";

const vector = (...numbers) => ({ shape: [numbers.length], data: new Float32Array(numbers) });

test("a line is the places of its characters in the alphabet", () => {
  assert.deepEqual(codesOf("cab a", " abc", 9), vector(3, 1, 2, 0, 1));
});

test("what is no line is refused in one sentence", () => {
  const most = "A line must have 1 to 128 characters; got";
  const known = "The model knows letters, digits and signs of ASCII only; got";
  const cases = [
    ["", `${most} none.`], ["a".repeat(10_000), `${most} 10,000.`], ["a".repeat(129), `${most} 129.`],
    ["aé", `${known} é.`], ["a\t", `${known} U+0009.`], ["a\u00a0", `${known} U+00A0.`], ["😀a", `${known} 😀.`],
  ];
  for (const [text, message] of cases) assert.throws(() => codesOf(text, "ab", 128), { message });
  assert.equal(codesOf("a".repeat(128), "ab", 128).shape[0], 128);
});

test("characters become vectors with a single 1, and the last step of the first part is taken", () => {
  assert.deepEqual(TEXT.one_hot(vector(1, 0, 1), 2), { shape: [2, 3], data: new Float32Array([0, 1, 0, 1, 0, 1]) });
  const states = { shape: [2, 2, 3], data: Float32Array.from({ length: 12 }, (_, at) => at) };
  assert.deepEqual(TEXT.last_step(states), vector(2, 5));
});

test("a line is cut into rows, named, averaged, counted, and written as Python's code", () => {
  assert.deepEqual(TYPED.cut(["a", "b", "c"], 2), [["a", "b"], ["c", ""]]);
  assert.deepEqual(TYPED.named(vector(2, 0), ["x", "y", "z"]), ["z", "x"]);
  assert.deepEqual([TYPED.average(vector(1, 2, 6)), TYPED.length(vector(1, 2, 6))], [3, 3]);
  assert.equal(TYPED.quoted(["\\", '"', "<", "\n", "\ufffd"]), '"\\\\\\"<\\n\ufffd"');
});
