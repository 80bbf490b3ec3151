import assert from "node:assert/strict";
import test from "node:test";

import { besideIn, picked } from "../../convrnn_lab/explorer/web/layout.js";
import { AllControls, LookControls, settled } from "../../convrnn_lab/explorer/web/look_controls.js";
import { looksOf, seen } from "../../convrnn_lab/explorer/web/looks.js";
import { stepOnGrid, within } from "../../convrnn_lab/explorer/web/pointing.js";
import { fakePage } from "./fake_page.mjs";

const values = { shape: [2, 3], data: new Float32Array([1, 2, 3, 4, 5, 6]) };
const look = (...what) => ({ look: what });

test("a look takes a part of an array, and computes with it", () => {
  const row = look("take", values, look("look", "row"));

  assert.deepEqual(Array.from(seen(row, { row: 1 })), [4, 5, 6]);
  assert.equal(seen(look("total", row), { row: 0 }), 6);
  assert.equal(seen(look("words", "row {}: {}", look("look", "row"), look("number", look("total", row))), { row: 1 }), "row 1: 15");
});

test("a window that hangs over the edge has what stands outside", () => {
  const window = look("window", values, [[look("subtract", look("look", "row"), 1), 2, 1], [1, 2, 2]], -1);

  assert.deepEqual(seen(window, { row: 0 }).map((row) => Array.from(row)), [[-1, -1], [2, -1]]);
});

test("values one after another stand in rows, the last filled with gaps", () => {
  const rows = look("in_rows", [look("take", values, look("look", "row")), look("take", values, 0)], 4);

  assert.deepEqual(seen(rows, { row: 1 }).map((row) => Array.from(row)), [[4, 5, 6, 1], [2, 3, NaN, NaN]]);
});

test("a tanh is taken value by value, and a number rounded to the even one of two as near", () => {
  const row = look("take", values, look("look", "row"));

  assert.deepEqual(Array.from(seen(look("tanh", row), { row: 0 })), [1, 2, 3].map(Math.tanh));
  const halves = { shape: [5], data: new Float64Array([-1.5, -0.6, 0.5, 1.5, 2.4]) };
  assert.deepEqual(Array.from(seen(look("rounded", halves), {})), [-2, -1, 0, 2, 2]);
});

test("what has no look is returned itself, and what is not picked is not done", () => {
  const panel = { z: [new Float32Array(2)], n: 1 };
  assert.equal(seen(panel, {}), panel);

  assert.equal(seen(look("pick", [look("fails"), "b"], look("look", "which")), { which: 1 }), "b");
});

test("an array that a reader gives stands in the place of what was there", () => {
  const first = look("take", look("given", "weight", values), 0, 0);

  assert.equal(seen(first, {}), 1);
  assert.equal(seen(first, { weight: { shape: [2, 3], data: new Float32Array(6).fill(9) } }), 9);
});

test("the looks that something depends on are known by name", () => {
  assert.deepEqual([...looksOf({ a: [look("take", values, look("look", "row"))], b: look("look", "unit") })], ["row", "unit"]);
});

test("a place beyond a new range gives way to the nearest, or stays where it lay in it", () => {
  assert.equal(settled(9, [0, 4]), 4);
  assert.equal(settled(-1, [0, 4]), 0);
  assert.equal(settled(32, [0, 31], [0, 63]), 16);
  assert.equal(settled(3, [0, 9], [0, 9]), 3);
});

test("what the pointer gives stays inside what a control offers", () => {
  const controls = { offered: (name) => ({ lag: [0, 1, 2], length: ["4", "8"], cell: ["RNN", "LSTM", "GRU"] }[name]) };

  assert.deepEqual(within(controls, [["lag", 7], ["cell", -2], ["cell", 9]]), [["lag", 2], ["cell", 0], ["cell", 2]]);
});

test("a click counts from where the values of the control begin on the axis", () => {
  const click = { x: { control: "column", start: -0.5, step: 2 }, y: "row" };

  assert.deepEqual(picked(click, { x: 7.6, y: 3.4 }), [["column", 4], ["row", 3]]);
});

test("a click on a row, and the arrows, know which value is in it", () => {
  const click = { x: "time", y: { control: "unit", order: new Int32Array([2, 0, 1]) } };

  assert.deepEqual(picked(click, { x: 4, y: 0 }), [["time", 4], ["unit", 2]]);
  assert.deepEqual(picked(click, { x: 4, y: 9 }), [["time", 4], ["unit", 1]]);
  assert.deepEqual([besideIn(click.y.order, 2, 1), besideIn(click.y.order, 2, -1), besideIn(click.y.order, 0, 1)], [0, 2, 1]);
});

test("settings and looks are moved by name, each where it belongs", () => {
  const moved = [];
  const settings = { get: () => 3, offered: () => [3], set: (moves) => moved.push(...moves), key: () => "[3]" };
  const looks = Object.assign(Object.create(LookControls.prototype), {
    places: { row: 0 }, has: (name) => name === "row", set: (moves) => moved.push(["look", ...moves]),
  });

  new AllControls(settings, looks).set([["row", 1], ["stride", 2]]);

  assert.deepEqual(moved, [["look", ["row", 1]], ["stride", 2]]);
});

test("rows and columns of an array are taken, and a matrix is multiplied", () => {
  const at = look("look", "at");

  const order = look("take", { shape: [2, 2], data: new Int32Array([0, 1, 1, 0]) }, at);
  assert.deepEqual(seen(look("rows", values, order), { at: 1 }).map((row) => Array.from(row)), [[4, 5, 6], [1, 2, 3]]);
  const beside = { shape: [2], data: new Float32Array([7, 8]) };
  const columns = [1, -1, 3].map((place) => Array.from(seen(look("column", values, at, beside), { at: place })));
  assert.deepEqual(columns, [[2, 5], [7, 8], [7, 8]]);
  assert.deepEqual(Array.from(seen(look("product", values, look("take", values, at)), { at: 0 })), [14, 32]);
  assert.equal(seen(look("dot", look("take", values, 0), look("take", values, at)), { at: 1 }), 32);
  assert.deepEqual([2, 3, NaN].map((value) => seen(look("reaches", at, 3), { at: value })), [0, 1, 0]);
  assert.equal(seen(look("root", at), { at: 9 }), 3);
  assert.deepEqual(Array.from(seen(look("sigmoid", look("take", { shape: [1, 1], data: new Float32Array(1) }, at)), { at: 0 })), [0.5]);
});

test("a gate adds up its shares, the last two with a factor, and bends the sum", () => {
  const shares = [look("look", "at"), 1, 2, -4];

  assert.deepEqual(Array.from(seen(look("summed", "sigmoid", shares), { at: 1 })), [1, 1, 2, -4, 0, 0.5]);
  assert.deepEqual(Array.from(seen(look("summed", "tanh", shares, 0.5), { at: 0 })), [0, 1, 1, -2, 0, 0]);
  assert.equal(seen(look("bent", "σ", look("summed", "sigmoid", shares)), { at: 1 }), "σ(1 + 1 + 2 − 4) = 0.5");
});

test("sums, factors and parts of texts are written", () => {
  const at = look("look", "at");

  assert.equal(seen(look("added", [at, -0.52, 0]), { at: 0.31 }), "0.31 − 0.52 + 0");
  assert.deepEqual([-0.5, 2].map((value) => seen(look("factor", at), { at: value })), ["(−0.5)", "2"]);
  const written = [1234567, -1125000, 999999, NaN].map((value) => seen(look("written", at), { at: value }));
  assert.deepEqual(written, ["1.23e06", "−1.13e06", "999,999", "NaN"]);
  assert.deepEqual([2, 1, -1].map((value) => seen(look("letters", "añb", look("subtract", at, 1), at), { at: value })), ["ñ", "a", ""]);
});

test("arrow keys walk over a grid of pictures, and stop at its ends", () => {
  const moved = [];
  const controls = { get: () => 5, offered: () => [0, 1, 2, 3, 4, 5, 6], set: (moves) => moved.push(...moves) };
  const grid = { control: "channel", columns: 3 };

  for (const [axis, direction] of [["x", 1], ["x", -1], ["y", -1], ["y", 1]]) stepOnGrid(controls, grid, axis, direction);

  assert.deepEqual(moved, [["channel", 6], ["channel", 4], ["channel", 2]]);
});

/** A size, and a list whose options depend on it. */
function sizeAndPadding(t) {
  fakePage(t);
  const lists = [["0", "same"], ["0", "1", "same"], ["0", "1", "2", "same"]];
  const options = look("pick", lists, look("subtract", look("look", "size"), 1));
  const looks = new LookControls({ size: 3, padding: 3, row: 5 });
  looks.settle([
    { name: "size", label: "size", low: 1, high: 3, computed: true },
    { name: "padding", label: "padding", low: 0, high: 0, options, ordered: true, computed: true },
    { name: "row", label: "row", low: 0, high: look("pick", [NaN, 4, 9], look("subtract", look("look", "size"), 1)) },
  ]);
  return looks;
}

test("a word stays when the list that it stands in gets other options, and a number goes to the nearest", (t) => {
  const looks = sizeAndPadding(t);
  assert.equal(looks.get("padding"), "same");

  looks.set([["size", 2]]);
  assert.deepEqual([looks.get("padding"), looks.offered("padding")], ["same", ["0", "1", "same"]]);
  looks.set([["size", 3]]);
  looks.set([["padding", "2"]]);
  looks.set([["size", 2]]);

  assert.equal(looks.get("padding"), "1");
  assert.deepEqual(looks.settings(), { size: 2, padding: 1 });
});

test("where settings do not go together, what depends on them stays as it was", (t) => {
  const looks = sizeAndPadding(t);

  looks.set([["size", 1]]);
  assert.deepEqual([looks.get("row"), looks.ranges.row], [5, [0, 9]]);
  looks.set([["size", 2]]);
  assert.deepEqual([looks.get("row"), looks.ranges.row], [4, [0, 4]]);
});

test("places are set together with the settings that make room for them", (t) => {
  fakePage(t);
  const looks = new LookControls({ row: 5 });
  const row = (high) => [{ name: "row", label: "row", low: 0, high, relative: true }];
  looks.settle(row(20));
  const settings = { token: "small", key() { return this.token; }, set([[, token]]) { this.token = token; } };
  const all = new AllControls(settings, looks);

  all.set([["size", "large"], ["row", 21]]);
  assert.equal(looks.get("row"), 20); // the state is still the old one
  looks.settle(row(21));
  assert.equal(looks.get("row"), 21);

  all.set([["size", "small"], ["row", 3]]);
  looks.settle(row(9));
  assert.equal(looks.get("row"), 3); // not where it would lie in the new range

  all.set([["size", "small"], ["row", 30]]); // nothing changes, and no state comes
  looks.settle(row(40));
  assert.ok(looks.get("row") < 40 && looks.get("row") !== 30);
});

test("a name that only the next state has waits for it", (t) => {
  fakePage(t);
  const looks = new LookControls({ layer: 1 });
  const layers = (...names) => [{ name: "layer", label: "layer", low: 0, high: 0, options: names, ordered: true }];
  looks.settle(layers("conv", "pool"));
  const settings = { token: "a", key() { return this.token; }, set([[, token]]) { this.token = token; } };

  new AllControls(settings, looks).set([["model", "b"], ["layer", "head"]]);
  assert.equal(looks.get("layer"), "pool"); // the state is still the old one
  looks.settle(layers("recurrent", "x", "head"));

  assert.equal(looks.get("layer"), "head");
});

test("a place that is set with another layer stays; what is not set is scaled with the range", (t) => {
  fakePage(t);
  const looks = new LookControls({ layer: 0, row: 3, column: 3 });
  const high = look("pick", [7, 15], look("look", "layer"));
  const place = (name) => ({ name, label: name, low: 0, high, relative: true });
  const layer = { name: "layer", label: "layer", low: 0, high: 0, options: ["conv", "pool"], ordered: true };
  looks.settle([layer, place("row"), place("column")]);

  looks.set([["layer", "pool"], ["row", 7]]);

  assert.deepEqual([looks.get("row"), looks.get("column")], [7, 7]);
  looks.set([["layer", "conv"]]);
  assert.deepEqual([looks.get("row"), looks.get("column")], [3, 3]);
});
