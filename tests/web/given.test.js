import assert from "node:assert/strict";
import test from "node:test";

import { completed } from "../../convrnn_lab/explorer/web/computed.js";
import { Givens } from "../../convrnn_lab/explorer/web/given.js";
import { seen } from "../../convrnn_lab/explorer/web/looks.js";
import { lineOver } from "../../convrnn_lab/explorer/web/pen.js";
import { asDigit, reduced } from "../../convrnn_lab/explorer/web/pictures.js";
import { Weights, moved, numberOf, stepFor } from "../../convrnn_lab/explorer/web/weights.js";
import { fakePage } from "./fake_page.mjs";

const tensor = (shape, ...numbers) => ({ shape, data: new Float32Array(numbers) });
const given = (name, array) => ({ look: ["given", name, array] });
const settings = { stride: [1], padding: [[0, 0]], dilation: [1] };
const signal = given("signal", tensor([4], 1, 2, 3, 4));
const weight = given("weight", tensor([2], 1, 1));
const rules = [
  ["output", { look: ["convolution", signal, weight, 0.5, settings] }],
  ["after", { look: ["relu", given("output", tensor([3], 3.5, 5.5, 7.5))] }],
];
const content = { given: { signal, weight }, computed: rules };

test("what follows from a given array is computed in its order, and nothing else is", () => {
  assert.deepEqual(completed(rules, {}), {});

  const { output, after } = completed(rules, { weight: tensor([2], -1, 0.25) });

  assert.deepEqual([...output.data], [0, -0.75, -1.5]); // −1·1 + 0.25·2 + 0.5 = 0, ...
  assert.deepEqual([...after.data], [0, 0, 0]);
});

test("a given array goes with the array that it stands for, and stays while that does", () => {
  const givens = new Givens();
  let told = 0;
  givens.onChange(() => { told += 1; });
  givens.settle(content);
  givens.give("weight", tensor([2], 0, 2));

  givens.settle({ ...content, computed: [["output", { look: ["convolution", signal, weight, 1.5, settings] }]] });
  assert.deepEqual([...givens.places.output.data], [5.5, 7.5, 9.5]);
  givens.settle({ ...content, given: { signal, weight: given("weight", tensor([2], 1, 3)) } });
  assert.deepEqual(givens.places, {});
  assert.equal(told, 1);
});

test("the array that was there, given again, is none that was given; null brings it back", () => {
  const givens = new Givens();
  givens.settle(content);

  givens.give("weight", tensor([2], 1, 1));
  assert.deepEqual(givens.arrays, {});
  givens.give("weight", tensor([2], 1, 2));
  givens.give("weight", null);
  assert.deepEqual([givens.arrays, givens.places], [{}, {}]);
  givens.give("unknown", tensor([1], 1));
  assert.deepEqual(givens.arrays, {});
});

test("sums beyond single precision are infinite, and are written so", () => {
  const { output } = completed(rules, { weight: tensor([2], 9e37, 9e37) });

  assert.deepEqual([...output.data.subarray(1)], [Infinity, Infinity]);
  assert.equal(seen({ look: ["number", { look: ["single", 9e38] }] }, {}), "∞");
});

test("a text or an array depends on whether something was given", () => {
  const text = { look: ["where_given", "weight", { look: ["listed", weight] }, "data.kernel()"] };

  assert.equal(seen(text, {}), "data.kernel()");
  assert.equal(seen(text, { weight: tensor([2, 2], 0.1, -1, 1 / 3, 2e-7) }), "[[0.1, -1.0], [0.33333334, 2e-07]]");
});

test("a typed number is taken with a comma or a real minus sign", () => {
  assert.deepEqual(["2.5", " −1 ", "0,25", "1e-3", "-,5", "1e37"].map(numberOf), [2.5, -1, 0.25, 0.001, -0.5, 1e37]);
});

test("what is no weight is refused in one sentence", () => {
  for (const [text, got] of [["NaN", "NaN"], ["1e38", "1e38"], ["", "nothing"], ["-", "-"], ["Infinity", "Infinity"], ["<b>", "<b>"]]) {
    assert.throws(() => numberOf(text), { message: `A weight must be a number between −1e38 and 1e38; got ${got}.` });
  }
});

test("a step is a power of ten that goes with the kernel, and sums of steps have no dust", () => {
  assert.deepEqual([[2, -1], [0.02], [0], [-25, 3]].map(stepFor), [0.1, 0.001, 0.1, 1]);
  assert.equal(moved(0.1, 2, 0.1), 0.3);
  assert.equal(moved(0.12, -1, 0.1), 0);
});

test("some rows of several arrays stand side by side, and the number of a cell is changed in its array", (t) => {
  fakePage(t);
  const givens = new Givens();
  const [wide, flat] = [given("wide", tensor([3, 2], 1, 2, 3, 4, 5, 6)), given("flat", tensor([3], 7, 8, 9))];
  givens.settle({ given: { wide, flat }, computed: [] });
  const said = [];
  const weights = new Weights(givens, (words) => said.push(words));

  const columns = weights.place([{ name: "wide", starts: [4, 0], count: 2 }, { name: "flat", starts: [2, 0], count: 1 }]);

  assert.equal(columns, 3);
  assert.deepEqual(weights.values(), [5, 6, 9, 1, 2, 7]);
  weights.change(2, 0.5);
  weights.change(4, -3);
  assert.deepEqual([...givens.arrays.wide.data, ...givens.arrays.flat.data], [1, -3, 3, 4, 5, 6, 7, 8, 0.5]);
  assert.deepEqual([weights.values(), weights.values("original")], [[5, 6, 0.5, 1, -3, 7], [5, 6, 9, 1, 2, 7]]);
  weights.change(0, 2e38);
  assert.deepEqual(said, ["", "", "A weight must be a number between −1e38 and 1e38; got 2e+38."]);
  assert.equal(weights.values()[0], 5);
  assert.equal(weights.place([{ name: "wide" }]), 2);
  assert.deepEqual(weights.values(), [1, -3, 3, 4, 5, 6]);
});

test("a picture is cut to the form that it stands for, and each value is the mean of what it covers", () => {
  const picture = tensor([2, 4], 9, 1, 2, 9, 9, 3, 4, 9);

  assert.deepEqual([...reduced(picture, [1, 1]).data], [2.5]);
  assert.deepEqual([...reduced(picture, [2, 2]).data], [1, 2, 3, 4]);
  assert.deepEqual([...reduced(tensor([1, 1], 7), [2, 2]).data], [7, 7, 7, 7]);
});

test("a sheet of paper without ink is a digit of zeros", () => {
  assert.ok(asDigit({ shape: [40, 40], data: new Float32Array(1600).fill(1) }).data.every((value) => value === 0));
});

test("a quick stroke sets the samples between its ends, too, and stays on the signal", () => {
  const samples = new Float32Array(6);

  assert.deepEqual([...lineOver(samples, { x: 1.2, y: 1 }, { x: 2.9, y: 2 })], [0, 1, 1.5, 2, 0, 0]);
  assert.deepEqual([...lineOver(samples, { x: 4, y: 0 }, { x: 9, y: 4 })], [0, 0, 0, 0, 0, 4]);
  assert.deepEqual([...lineOver(samples, { x: 2, y: 7 }, { x: 2, y: 8 })], [0, 0, 8, 0, 0, 0]);
});

/** A kernel of two sizes, and a stride, that are set here. */
const table = [tensor([1], 2), tensor([2], 1, 1)];
const size = { look: ["look", "size"] };
const sized = given("weight", { look: ["given", "kernel weights", null] });
const set = { stride: [{ look: ["look", "stride"] }], padding: [[0, 0]], dilation: [1] };
const computing = {
  panels: [],
  given: { weight: given("weight", { look: ["itself", { look: ["pick", table, { look: ["subtract", size, 1] }] }] }) },
  computed: [
    ["kernel weights", { look: ["itself", { look: ["pick", table, { look: ["subtract", size, 1] }] }] }],
    ["output", { look: ["convolution", tensor([4], 1, 2, 3, 4), sized, 0, set] }],
  ],
};

test("what follows from settings is computed for each of them, and not again where one only looks", () => {
  const givens = new Givens();
  givens.settle(computing, { size: 2, stride: 1 });
  const { output } = givens.places;
  assert.deepEqual([...output.data], [3, 5, 7]);

  givens.settle(computing, { size: 2, stride: 1 });
  assert.equal(givens.places.output, output);
  givens.settle(computing, { size: 2, stride: 2 });
  assert.deepEqual([...givens.places.output.data], [3, 7]);
  givens.settle(computing, { size: 1, stride: 2 });
  assert.deepEqual([...givens.places.output.data], [2, 6]);
});

test("an edited kernel stays while the stride moves, and goes with its size", () => {
  const givens = new Givens();
  let told = 0;
  givens.onComputed(() => { told += 1; });
  givens.settle(computing, { size: 2, stride: 1 });
  givens.give("weight", tensor([2], 0, 1));
  assert.deepEqual([...givens.places.output.data], [2, 3, 4]);

  givens.settle(computing, { size: 2, stride: 2 });
  assert.deepEqual([...givens.places.output.data], [2, 4]);
  assert.deepEqual(givens.tensors().map(([name]) => name), ["weight", "kernel weights", "output"]);
  givens.settle(computing, { size: 1, stride: 2 });

  assert.deepEqual([Object.keys(givens.arrays), [...givens.places.output.data]], [[], [2, 6]]);
  assert.equal(told, 3); // not when the figure is first shown
});
