import assert from "node:assert/strict";
import test from "node:test";

import { margins, picked, placeOn, plotlyLayout, squared } from "../../convrnn_lab/explorer/web/layout.js";
import { fitted, inkOf } from "../../convrnn_lab/explorer/web/inputs.js";
import { colourOf, inkOn } from "../../convrnn_lab/explorer/web/colours.js";
import { cellAxis, isBars, isMatrix, placedBars } from "../../convrnn_lab/explorer/web/marks.js";

const SCALE = { zmin: -1, zmax: 1, colorscale: [[0, "#000000"], [0.5, "#808080"], [1, "#ffffff"]] };

test("the pixel of a matrix that the page lays out is the place of its cell", () => {
  const box = (/** @type {number} */ left) => ({ left, width: 20, top: 0, height: 20 });
  const element = (/** @type {number} */ left) => ({ getBoundingClientRect: () => box(left) });
  const cells = [115, 136, 157].map(element); // after a heading of 15 pixels, a pixel apart
  const plot = /** @type {any} */ ({ ...element(100), querySelectorAll: () => cells });

  const across = cellAxis(plot, "left", "width", 3);
  const places = [16, 34, 38, 58, 76].map((pixel) => Math.round(across.toValue(pixel)) + 0);

  assert.deepEqual(places, [0, 0, 1, 2, 2]);
});

test("a colour lies between those of its scale's stops", () => {
  assert.deepEqual(colourOf(-1, SCALE), [0, 0, 0]);
  assert.deepEqual(colourOf(0, SCALE), [128, 128, 128]);
  assert.deepEqual(colourOf(-0.5, SCALE), [64, 64, 64]);
  assert.deepEqual(colourOf(1, SCALE), [255, 255, 255]);
});

test("values beyond a scale have the colour of its end, and NaN that of its middle", () => {
  assert.deepEqual(colourOf(-9, SCALE), [0, 0, 0]);
  assert.deepEqual(colourOf(Infinity, SCALE), [255, 255, 255]);
  assert.deepEqual(colourOf(NaN, SCALE), [128, 128, 128]);
});

test("ink is black on a bright ground and white on a dark one", () => {
  assert.equal(inkOn([255, 255, 255]), "#000");
  assert.equal(inkOn([0, 0, 120]), "#fff");
});

test("numbers are written into a still heatmap with decimal places only", () => {
  assert.ok(isMatrix({ still: true, digits: 0, data: [{ type: "heatmap" }] }));
  assert.ok(!isMatrix({ still: true, data: [{ type: "heatmap", texttemplate: "%{z:.2~f}" }] }));
  assert.ok(!isMatrix({ digits: 2, data: [{ type: "heatmap" }] }));
  assert.ok(!isMatrix({ still: true, digits: 2, data: [] }));
  assert.ok(isBars({ still: true, data: [{ type: "bar" }] }));
  assert.ok(!isBars({ data: [{ type: "bar" }] }));
});

test("bars stand over and under zero, with their numbers outside", () => {
  const trace = { y: [1, -1, NaN], texttemplate: "%{y}", x0: 5 };
  const axes = { xaxis: { range: [4.5, 7.5] }, yaxis: { range: [-1, 1] } };

  const { bars, zero, unit } = placedBars(trace, axes, { width: 316, height: 148 });

  assert.equal(unit, 100);
  assert.equal(zero, 64);
  assert.deepEqual(bars.map((bar) => bar.middle), [58, 158, 258]);
  assert.deepEqual(bars.map((bar) => [bar.top, bar.height]), [[14, 50], [64, 50], [64, 0]]);
  assert.deepEqual(bars.map((bar) => bar.label), ["1", "−1", "NaN"]);
  assert.deepEqual(bars.map((bar) => bar.labelAt), [10, 126, 60]);
  assert.deepEqual(bars.map((bar) => bar.tick), ["5", "6", "7"]);
});

test("many bars have a number under some of them only", () => {
  const axes = { xaxis: { range: [-0.5, 23.5] }, yaxis: { range: [0, 1] } };

  const { bars } = placedBars({ y: Array(24).fill(1) }, axes, { width: 300, height: 100 });

  assert.deepEqual(bars.filter((bar) => bar.tick).map((bar) => Number(bar.tick)), [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22]);
  assert.ok(bars.every((bar) => bar.label === ""));
});

test("pixels stay square: the axis with room to spare is narrowed", () => {
  const layout = {
    width: 244, height: 132, margin: { l: 34, r: 10, t: 6, b: 26 },
    xaxis: { range: [-0.5, 9.5] }, yaxis: { range: [9.5, -0.5], scaleanchor: "x" },
  };

  squared(layout);

  assert.deepEqual(layout.xaxis.domain, [0.25, 0.75]);
  assert.deepEqual(layout.yaxis.domain, [0, 1]);
  assert.ok(!("scaleanchor" in layout.yaxis));
});

test("words beside an axis have the room of the longest", () => {
  assert.equal(margins("small", {}).l, 34);
  assert.equal(margins("small", { yaxis: { ticktext: ["i", "f"] } }).l, 34);
  assert.equal(margins("small", { yaxis: { ticktext: ["code", "comment", "string"] } }).l, 52);
  assert.ok(margins("whole", {}).autoexpand);
  assert.equal(margins("wide", { xaxis: { title: { text: "position" } } }).b, 40);
});

test("a panel's own layout goes before the theme's", () => {
  const theme = { font: { size: 12 }, xaxis: { gridcolor: "grey", color: "red" }, yaxis: {} };
  const panel = { size: "small", layout: { xaxis: { color: "blue" }, yaxis: {} } };

  const layout = plotlyLayout(panel, theme, { width: 300, height: 200 });

  assert.deepEqual(layout.xaxis, { gridcolor: "grey", color: "blue" });
  assert.deepEqual([layout.width, layout.height, layout.font.size], [300, 200, 12]);
  assert.equal(panel.layout.xaxis.gridcolor, undefined);
});

test("a click sets the controls of its axes, or chooses a small picture", () => {
  const grid = { control: "channel", columns: 6, pitch: [9, 9], count: 32 };

  assert.deepEqual(picked({ x: "column", y: "row" }, { x: 2.6, y: 7 }), [["column", 3], ["row", 7]]);
  assert.deepEqual(picked({ x: { control: "position", step: 4 } }, { x: 12, y: 0 }), [["position", 3]]);
  const log = { x: { control: "length", values: [16, 64, 256] } };
  assert.deepEqual(picked(log, { x: 40, y: 0 }), [["length", 64]]); // beyond 32, the middle by ratio
  assert.deepEqual(picked(log, { x: 9000, y: 0 }), [["length", 256]]);
  assert.deepEqual(picked({ grid }, { x: 30, y: 12 }), [["channel", 9]]);
  assert.deepEqual(picked(undefined, { x: 1, y: 1 }), []);
  assert.equal(placeOn(grid, { x: 50, y: 50 }), 31);
});

test("a picture fills the field that one draws in, in its middle", () => {
  assert.deepEqual(fitted({ width: 280, height: 140 }, 140), [0, 35, 140, 70]);
  assert.deepEqual(fitted({ width: 10, height: 20 }, 140), [35, 0, 70, 140]);
});

test("ink is where a picture is black", () => {
  assert.deepEqual([...inkOf([255, 255, 255, 255, 0, 0, 0, 255])], [0, 255]);
});
