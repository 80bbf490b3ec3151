import assert from "node:assert/strict";
import test from "node:test";

import {
  Columns, address, compareValues, distinct, plottable, scale, short, shown, startOf, steps,
} from "../../convrnn_lab/sweeps/index_scales.js";

test("values are written shortly", () => {
  const texts = [null, 3, 0.123456, 1e-5, 1234567.5, true, "a"].map(shown);

  assert.deepEqual(texts, ["–", "3", "0.1235", "1.00e-5", "1.23e+6", "true", "a"]);
});

test("numbers are sorted by size, texts with numbers by these, and what is missing comes last", () => {
  assert.deepEqual(distinct([10, 9, 10, 1]), [1, 9, 10]);
  assert.deepEqual(distinct(["k 10", "k 9", "k 10"]), ["k 9", "k 10"]);
  assert.deepEqual([null, 10, 9].sort(compareValues), [9, 10, null]);
  assert.deepEqual(["b", null, "a"].sort(compareValues), ["a", "b", null]);
});

test("steps on an axis are round numbers", () => {
  assert.deepEqual(steps(0, 1, false), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(steps(-1, 2, true), [0.1, 1, 10, 100]);
  assert.deepEqual(steps(Math.log10(2), Math.log10(8.5), true), [2, 4, 6, 8]);
});

test("a scale of numbers leaves a margin, and turns one value into the middle", () => {
  const { place } = scale([0, 10], false, 0, 110);
  assert.equal(place(5), 55);
  assert.equal(place(0), 5);
  assert.equal(scale([7, 7], false, 0, 100).place(7), 50);
  assert.equal(scale([1, 100], true, 0, 110).place(10).toFixed(6), "55.000000");
});

test("a scale of names has a place for each, and writes them where there is room", () => {
  const { place, ticks } = scale(["b", "a"], false, 0, 100);

  assert.deepEqual(ticks, [[25, "a"], [75, "b"]]);
  assert.equal(place("b"), 75);
  assert.deepEqual(scale(["a", "b", "c"], false, 0, 30).ticks, []);
});

test("a text is cut to the room that there is", () => {
  assert.equal(short("orthogonal", 20), "orthogonal");
  assert.equal(short("orthogonal", 6), "ortho…");
  assert.equal(short("orthogonal", 1), "ort…");
});

const DATA = {
  notebook: "05_hidden_state", version: "0.2.0", notes: [],
  counts: { done: 2, failed: 1, stale: 1, "not run": 2 },
  columns: [
    { name: "cell", source: "parameter", kind: "str" },
    { name: "size", source: "parameter", kind: "int" },
    { name: "seed", source: "parameter", kind: "int" },
    { name: "memory", source: "result", kind: "float" },
    { name: "seconds", source: "report", kind: "float" },
  ],
  reports: [
    { status: "done", name: "a b", values: ["LSTM", 8, 0, 0.5, 2] },
    { status: "done", name: "c", values: ["GRU", 16, 0, -1, 3] },
    { status: "failed", values: ["GRU", 32, 0, null, null] },
  ],
};

test("parameters that are the same everywhere are told from those that vary", () => {
  const columns = new Columns(DATA);

  assert.deepEqual(columns.varied, [0, 1]);
  assert.deepEqual(columns.fixed, [2]);
  assert.deepEqual([columns.results, columns.times], [[3], [4]]);
  assert.equal(columns.title(DATA.reports[0]), "cell LSTM, size 8");
  assert.equal(columns.summary(), "3 reports, 2 done, 1 failed, 3 not run. Notebook 05_hidden_state, version 0.2.0.");
});

test("a result is plotted first, against a number that varies, coloured by what else varies", () => {
  assert.deepEqual(startOf(new Columns(DATA)), { empty: false, across: 1, up: 3, hue: 0 });
});

test("only reports with both numbers are plotted, above zero on a logarithmic axis", () => {
  const count = (log) => plottable(DATA.reports, 1, 3, log).length;

  assert.equal(count({ x: false, y: false }), 2);
  assert.equal(count({ x: true, y: true }), 1);
});

test("a report's address is safe in a link", () => {
  assert.equal(address(DATA.reports[0]), "reports/a%20b.html");
  assert.equal(address(DATA.reports[1], "ipynb"), "reports/c.ipynb");
});
