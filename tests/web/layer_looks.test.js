import assert from "node:assert/strict";
import test from "node:test";

import { seen } from "../../convrnn_lab/explorer/web/looks.js";

const look = (...what) => ({ look: what });
const array = (shape, data) => ({ shape, data: new Float32Array(data) });
const rows = (value) => seen(value, {}).map((row) => Array.from(row));

test("pictures are arranged in a grid with gaps between them", () => {
  const pictures = array([4, 1, 2], [1, 2, 3, 4, 5, 6, 7, 8]);

  assert.deepEqual(rows(look("tiled", pictures, 2, 3)), [[1, 2, NaN, 3, 4], [NaN, NaN, NaN, NaN, NaN], [5, 6, NaN, NaN, NaN]]);
});

test("the mean over the first axis is that of each place", () => {
  assert.deepEqual(rows(look("mean", array([2, 1, 2], [1, 2, 3, 8]))), [[2, 5]]);
  assert.deepEqual(rows(look("mean", array([1, 1, 2], [1, 2]))), [[1, 2]]);
});

test("ends of a scale leave out what is not finite", () => {
  const values = array([4], [NaN, -Infinity, 3, -2]);

  assert.equal(seen(look("lowest", values, 0), {}), -2);
  assert.equal(seen(look("highest", values, 5), {}), 5);
});

test("the strongest values are found by their places, the first of equal ones first", () => {
  const values = array([5], [1, NaN, -4, 4, 2]);
  const order = look("strongest", values, 3);

  assert.deepEqual(Array.from(seen(order, {})), [2, 3, 4]);
  assert.deepEqual(seen(look("texts", order), {}), ["2", "3", "4"]);
  assert.deepEqual(Array.from(seen(look("rows", values, order), {})), [-4, 4, 2]);
  assert.equal(seen(look("largest", array([3], [1, 5, 5])), {}), 1);
  assert.equal(seen(look("largest", values), {}), 1);
});

test("shares add up to one, also of large values", () => {
  assert.deepEqual(Array.from(seen(look("softmax", array([2], [1000, 1000])), {})), [0.5, 0.5]);
});

test("numbers are bounded, counted and written with decimal places", () => {
  assert.equal(seen(look("at_least", -3, 0), {}), 0);
  assert.equal(seen(look("at_most", 9, 7), {}), 7);
  assert.equal(seen(look("count", array([3], [0, 1, 0]), 0), {}), 2);
  assert.equal(seen(look("fixed", 12.25, 1), {}), "12.3");
  assert.equal(seen(look("item", look("extent", array([1], [1])), 1), {}), 1.08);
});
