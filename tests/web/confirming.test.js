import assert from "node:assert/strict";
import test from "node:test";

import { Confirming, apartInWords } from "../../convrnn_lab/explorer/web/confirming.js";
import { Givens } from "../../convrnn_lab/explorer/web/given.js";

const tensor = (shape, ...numbers) => ({ shape, data: new Float32Array(numbers) });
const weight = { look: ["given", "weight", tensor([2], 1, 1)] };
const content = { given: { weight }, computed: [["output", { look: ["relu", weight] }]] };

/** A figure whose edits are confirmed, and what it asks. */
function confirming(t, shown = () => "[3]") {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const element = { textContent: "", classList: { toggle() {} }, setAttribute() {}, append() {} };
  globalThis.document = { createElement: () => element };
  t.after(() => { delete globalThis.document; });
  const sent = [];
  const channel = { pending: {}, send: (message, buffers) => sent.push([message, buffers]) };
  const givens = new Givens();
  givens.settle(content);
  return { it: new Confirming(channel, shown, givens), givens, sent, channel, element };
}

test("the kernel is asked once an edit has rested, in one message with what was given and computed", (t) => {
  const { givens, sent } = confirming(t);

  givens.give("weight", tensor([2], -1, 2));
  t.mock.timers.tick(200);
  givens.give("weight", tensor([2], -1, 3));
  t.mock.timers.tick(249);
  assert.equal(sent.length, 0);
  t.mock.timers.tick(1);

  const [[message, buffers]] = sent;
  const shapes = [["weight", [2]], ["output", [2]]];
  assert.deepEqual(message, { type: "confirm", age: 2, values: [3], given: ["weight"], places: {}, shapes });
  assert.deepEqual(buffers.map((each) => [...new Float32Array(each)]), [[-1, 3], [0, 3]]);
});

test("an answer to an edit that is no longer there is not shown", (t) => {
  const { givens, channel, element } = confirming(t);
  givens.give("weight", tensor([2], -1, 2));
  t.mock.timers.tick(250);

  channel.pending.confirmed({ age: 1, difference: 0, problem: "" });
  assert.equal(element.textContent, "= PyTorch, in every digit");
  givens.give("weight", tensor([2], -1, 4));
  assert.equal(element.textContent, "");
  channel.pending.confirmed({ age: 1, difference: 0, problem: "" });
  assert.equal(element.textContent, "");
  channel.pending.confirmed({ age: 2, difference: null, problem: "ArithmeticError: …" });
  assert.equal(element.textContent, "ArithmeticError: …");
});

test("nothing is asked where nothing is given, or before the setting is shown", (t) => {
  const key = { now: null };
  const { givens, sent } = confirming(t, () => key.now);

  givens.give("weight", tensor([2], -1, 2));
  t.mock.timers.tick(1000);
  assert.equal(sent.length, 0);
  key.now = "[1]";
  t.mock.timers.tick(250);
  assert.equal(sent.length, 1);
  givens.give("weight", null);
  t.mock.timers.tick(1000);
  assert.equal(sent.length, 1);
});

test("a difference is rounded up to one digit", () => {
  assert.deepEqual([0, 5.96e-8, 9.5e-7, 1e-6, 2e-5].map(apartInWords), [
    "= PyTorch, in every digit", "= PyTorch, within 6e−8", "= PyTorch, within 1e−6", "= PyTorch, within 1e−6",
    "= PyTorch, within 2e−5",
  ]);
});

test("the kernel is asked once a computed setting has rested, with where it is", (t) => {
  const { givens, sent } = confirming(t);
  const scaled = { look: ["multiply", tensor([2], 1, 1), { look: ["look", "factor"] }] };
  const computing = { panels: [], computed: [["output", { look: ["relu", scaled] }]] };
  givens.settle(computing, { factor: 1 });
  t.mock.timers.tick(1000);
  const before = sent.length;

  givens.settle(computing, { factor: 3 });
  t.mock.timers.tick(250);

  const [message, buffers] = sent[sent.length - 1];
  assert.equal(sent.length, before + 1);
  assert.deepEqual([message.given, message.places, message.shapes], [[], { factor: 3 }, [["output", [2]]]]);
  assert.deepEqual([...new Float32Array(buffers[0])], [3, 3]);
});
