import assert from "node:assert/strict";
import test from "node:test";

import { fingertip, isFinger, holdsMark, slidesAside } from "../../convrnn_lab/explorer/web/touching.js";

const VALUES = { row: 3, column: 10, unit: 7, layer: "conv2" };
const controls = { get: (name) => VALUES[name], offered: () => ["conv1", "conv2", "conv3"] };
const corners = (x, y, reach = 2) => [{ x: x - reach, y: y - reach }, { x: x + reach, y: y + reach }];

test("a finger takes hold within its reach of what is marked, half a value more, on both axes", () => {
  const click = { x: "column", y: "row" };

  const found = [[10, 3], [12.4, 0.6], [12.6, 3], [10, 6]].map((at) => holdsMark(click, corners(...at), controls));

  assert.deepEqual(found, [true, true, false, false]);
  assert.ok(holdsMark(click, corners(10, 3).reverse(), controls)); // an axis that grows upwards
});

test("what is marked lies where the axis has it: shifted, spread, in an order or in a list", () => {
  const spread = { x: { control: "column", start: -1, step: 5 }, y: { control: "row", step: -2 } };
  const ordered = { x: { control: "layer" }, y: { control: "unit", order: new Int32Array([4, 9, 7]) } };

  assert.deepEqual([holdsMark(spread, corners(49, -6), controls), holdsMark(spread, corners(49, 6), controls)], [true, false]);
  assert.deepEqual([holdsMark(ordered, corners(1, 2, 0), controls), holdsMark(ordered, corners(1, 7, 0), controls)], [true, false]);
});

test("where only one axis is pointed at, or nothing is drawn, a finger takes no hold: up and down scrolls", () => {
  const grid = { grid: { control: "column" } };

  for (const click of [undefined, { x: "column" }, { y: "row" }, grid]) assert.equal(holdsMark(click, corners(10, 3), controls), false);
  assert.equal(holdsMark({ x: "column", y: "row" }, [null, null], controls), false);
});

test("a finger or a stylus is no mouse, and it slides from 8 pixels on", () => {
  assert.deepEqual(["touch", "pen", "mouse", undefined].map((pointerType) => isFinger({ pointerType })), [true, true, false, false]);
  assert.deepEqual([93, 92, 107, 108].map((clientX) => slidesAside({ clientX: 100 }, { clientX })), [false, true, false, true]);
  assert.deepEqual(fingertip({ clientX: 100, clientY: 50 }), [{ clientX: 76, clientY: 26 }, { clientX: 124, clientY: 74 }]);
});
