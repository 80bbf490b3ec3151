import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { filledIn, formatted, powerOfTen } from "../../convrnn_lab/explorer/web/formats.js";
import { cellEnds, pixelsOf } from "../../convrnn_lab/explorer/web/heat.js";
import { nearestOf, saying } from "../../convrnn_lab/explorer/web/nearest.js";
import { frameOf, shortened } from "../../convrnn_lab/explorer/web/plot_axes.js";
import { barLabels, barsOf, boxOf, errorPath } from "../../convrnn_lab/explorer/web/plot_bars.js";
import { categories, rangeFor } from "../../convrnn_lab/explorer/web/plot_data.js";
import { kindOf } from "../../convrnn_lab/explorer/web/plot_schema.js";
import { linePath, markerPaths, pixelPath, shapeOf } from "../../convrnn_lab/explorer/web/plot_shapes.js";
import { multiples, niceStep } from "../../convrnn_lab/explorer/web/round_steps.js";
import { scaleOf, ticksOf } from "../../convrnn_lab/explorer/web/scales.js";

const texts = (axis, pixels, across = true, names = []) =>
  ticksOf(scaleOf(axis, across ? [0, pixels] : [pixels, 0], names), axis, across).map(({ text }) => text);
const SCALES = { x: scaleOf({ range: [0, 10] }, [0, 100]), y: scaleOf({ range: [0, 10] }, [100, 0]) };

test("a panel is ours exactly where the cases say so, as in Python", () => {
  const cases = JSON.parse(readFileSync(new URL("panel_cases.json", import.meta.url), "utf-8"));
  for (const { why, kind, panel } of cases) assert.equal(kindOf(panel), kind, why);
});

test("steps are 1, 2 or 5 times a power of ten, and never more than may be", () => {
  assert.deepEqual([niceStep(47, 8), niceStep(1, 5), niceStep(1, 4), niceStep(2e-6, 4)], [10, 0.2, 0.5, 5e-7]);
  for (let span = 0.013; span < 5e4; span *= 1.37) {
    for (const most of [2, 5, 8]) assert.ok(multiples([0.1 * span, 1.1 * span], niceStep(span, most)).length <= most + 1);
  }
});

test("multiples have no noise, whichever way the axis runs", () => {
  assert.deepEqual(multiples([-0.05, 0.35], 0.1), [0, 0.1, 0.2, 0.3]);
  assert.deepEqual(multiples([3.2, -1], 1), [-1, 0, 1, 2, 3]);
});

test("ticks are written with a real minus sign and as many places as their step", () => {
  assert.deepEqual(texts({ range: [-1, 1], nticks: 5 }, 200), ["−1.0", "−0.5", "0", "0.5", "1.0"]);
  assert.deepEqual(texts({ range: [0, 20_000], nticks: 3 }, 300), ["0", "10,000", "20,000"]);
  assert.deepEqual(texts({ range: [0, 1], tickformat: ".0%", nticks: 2 }, 300), ["0%", "50%", "100%"]);
  assert.deepEqual(texts({ range: [0, 100], tickvals: [0, 50, 120], ticksuffix: " %" }, 300), ["0 %", "50 %"]);
  assert.deepEqual(texts({ range: [0, 2], tickvals: [0, 1], ticktext: ["cat", "dog"] }, 300), ["cat", "dog"]);
});

test("names under each other that would touch are thinned, names beside each other are not", () => {
  const axis = { type: "category", range: [-0.5, 3.5], tickfont: { size: 10 } };

  assert.deepEqual(texts(axis, 44, false, ["0", "1", "2", "3"]), ["0", "1", "2", "3"]);
  assert.deepEqual(texts(axis, 36, false, ["0", "1", "2", "3"]), ["0", "2"]);
  assert.deepEqual(texts(axis, 36, true, ["0", "1", "2", "3"]), ["0", "1", "2", "3"]);
});

test("an axis that counts has no ticks between whole numbers", () => {
  const ticks = (x) => {
    const panel = PANEL([{ type: "scatter", x, y: [1, 2] }], { range: [0.5, 2.5] }, { range: [1, 2] });
    return frameOf(panel, { width: 400, height: 200 }).ticks.x.map(({ text }) => text);
  };
  assert.deepEqual(ticks([1, 2]), ["1", "2"]);
  assert.deepEqual(ticks([1, 1.5]), ["0.5", "1.0", "1.5", "2.0", "2.5"]);
});

test("ticks of a log axis are powers of ten, or 1, 2 and 5 times them where it is short", () => {
  const log = { type: "log", exponentformat: "power" };
  assert.deepEqual(texts({ ...log, range: [-4, 2], dtick: 2 }, 300), ["10⁻⁴", "10⁻²", "10⁰", "10²"]);
  assert.deepEqual(texts({ type: "log", range: [0, 1.2], nticks: 8 }, 300), ["1", "2", "5", "10"]);
  assert.deepEqual(texts({ type: "log", range: [2.02, 2.14], nticks: 4 }, 300), ["110", "120", "130"]);
  assert.deepEqual(texts({ type: "log", range: [4.5, 8], dtick: 1 }, 300), ["100k", "1M", "10M", "100M"]);
});

test("labels that would touch are left out, every second one", () => {
  const axis = { range: [0, 9], tickvals: [...Array(10).keys()], ticktext: Array(10).fill("a long word"), tickfont: { size: 10 } };
  assert.equal(texts(axis, 400).length, 5);
  assert.equal(texts(axis, 60).length, 1);
});

test("a scale goes from values to pixels and back, on every kind of axis", () => {
  const log = scaleOf({ type: "log", range: [0, 2] }, [0, 200]);
  const named = scaleOf({ type: "category", range: [1.5, -0.5] }, [40, 0], ["7", "3"]);
  assert.deepEqual([log.toPixel(10), log.toValue(100), log.toPixel(0)], [100, 10, -Infinity]);
  assert.deepEqual([named.toPixel("7"), named.toPixel(1), named.toValue(10)], [10, 30, 0]);
  assert.ok(Number.isNaN(SCALES.x.toPixel(null)) && Number.isNaN(named.toPixel("no")));
});

test("numbers are written as d3 writes them", () => {
  const cases = [
    [0.12345, ".2f", "0.12"], [-0.5, ".0%", "−50%"], [1234567, ",", "1,234,567"], [0.00023, ".3s", "230µ"], [1500, ".3~s", "1.5k"],
    [2, ".4g", "2"], [-1e-9, ".3f", "0.000"], [1e-9, ".3g", "1e−9"], [NaN, ".2f", "NaN"], [3, "", "3"], ["word", ".2f", "word"],
    [999.96, ".4~s", "1k"], [0.125, ".2~f", "0.13"],
  ];
  for (const [value, spec, text] of cases) assert.equal(formatted(value, spec), text);
  assert.equal(powerOfTen(-12), "10⁻¹²");
});

test("a template is filled in, and what it calls extra is left out", () => {
  assert.equal(filledIn("row %{y}: %{z:.3g}<extra>no</extra>", { y: 3, z: 0.12345 }), "row 3: 0.123");
  assert.equal(filledIn("“%{text}”<br>%{other}", { text: "%{x} <b>" }), "“%{x} <b>”\n%{other}");
});

test("outlines are moved to pixels, command by command", () => {
  assert.equal(pixelPath("M0,10H5V2.5L1,1Z", SCALES), "M0,0H50V75L10,90Z");
  assert.equal(pixelPath("M1e0,1H5", { ...SCALES, x: scaleOf({ type: "log", range: [0, 1] }, [0, 100]) }), "M0,90H69.9");
  const mark = { type: "rect", xsizemode: "pixel", ysizemode: "pixel", xanchor: 5, yanchor: 5, x0: -4, x1: 4, y0: -4, y1: 4 };
  assert.equal(shapeOf(mark, SCALES).d, "M46,54H54V46H46Z");
  assert.equal(shapeOf({ ...mark, type: "circle" }, SCALES).d, "M46,50a4,4 0 1,0 8,0a4,4 0 1,0 -8,0Z");
});

test("a line has gaps where a value is missing, and goes round what it fills", () => {
  assert.equal(linePath([0, 1, 2, 3, 4], [0, 1, NaN, 3, null], SCALES), "M0,100L10,90M30,70");
  assert.equal(linePath([0, 1, null, 2, 3], [0, 1, null, 2, 3], SCALES, true), "M0,100L10,90ZM20,80L30,70Z");
});

test("markers that look alike are one path; those beside the axes are none", () => {
  const count = ({ d }) => d.split("M").length - 1;
  const marker = { symbol: ["circle", "square-open", "circle", "circle"], color: "#f00" };
  const paths = markerPaths({ y: [1, 2, 50, 4], marker }, [1, 2, 3, 4], SCALES, "#000");
  assert.deepEqual(paths.map((path) => [path.fill, path.stroke, count(path)]), [["#f00", "none", 2], ["none", "#f00", 1]]);

  const few = markerPaths({ y: Array(40).fill(5), marker: { maxdisplayed: 16 } }, [...Array(40).keys()], SCALES, "#000");
  assert.equal(count(few[0]), 4); // 0, 3, 6 and 9 of those inside
});

test("a matrix has one pixel a value, and none where there is no number", () => {
  const trace = { z: [[0, 1], [NaN, 9]], zmin: 0, zmax: 1, colorscale: [[0, "#000000"], [1, "#ffffff"]] };
  assert.deepEqual([...pixelsOf(trace)].map((pixel) => pixel >>> 0), [0xff000000, 0xffffffff, 0, 0xffffffff]);
  assert.deepEqual(cellEnds([2, 4, 6], SCALES.x), [10, 70]);
});

test("bars stand beside each other, lie, or grow from their base", () => {
  const bars = [{ type: "bar", x: [2], y: [5] }, { type: "bar", x: [2], y: [null] }];
  assert.deepEqual(barsOf(bars[0], bars, SCALES), [{ index: 0, left: 16, top: 50, width: 4, height: 50, end: 50, middle: 18 }]);
  assert.deepEqual(barsOf(bars[1], bars, SCALES), []);
  const lying = { type: "bar", orientation: "h", x: [3], y: [5], base: 1, width: 1 };
  assert.deepEqual(barsOf(lying, [lying], SCALES), [{ index: 0, left: 10, top: 45, width: 30, height: 10, end: 40, middle: 50 }]);
});

test("a bar has no label where that of another bar stands", () => {
  const bars = [[5, 2], [5, 9]].map((y) => ({ type: "bar", x: [2, 6], y, texttemplate: "%{y:.2f}" }));
  const written = (/** @type {number} */ count) => barLabels(bars.slice(0, count), bars, SCALES).map(({ text }) => text);
  assert.deepEqual([written(1), written(2)], [["5.00", "2.00"], ["9.00"]]);
});

test("the numbers of lying bars stand outside, right of positive ones and left of negative ones", () => {
  const x = scaleOf({ range: [-10, 10] }, [0, 200]);
  const bars = [{ type: "bar", orientation: "h", x: [5, -5], y: [2, 8], texttemplate: "%{x}", textfont: { size: 10 } }];
  const [right, left] = barLabels(bars, bars, { ...SCALES, x });
  assert.deepEqual([right.text, right.x], ["5", 154]);
  assert.equal(left.text, "−5");
  assert.ok(left.x < 46 && left.x > 20, String(left.x));
});

test("error bars have their own length on both sides", () => {
  const trace = { y: [5], x: [2], error_y: { array: [1], arrayminus: [2] } };
  assert.equal(errorPath(trace, "y", SCALES), "M20,70V40M17,70h6M17,40h6");
});

test("a box has the quartiles of its values, and whiskers to the last that are near", () => {
  const x = scaleOf({ type: "category", range: [-0.5, 0.5] }, [0, 100], ["a"]);
  const scales = { x, y: scaleOf({ range: [0, 100] }, [100, 0]) };
  const { box, points } = boxOf({ name: "a", y: [10, 20, 30, 40, 100], boxpoints: "outliers" }, scales);
  assert.ok(box.startsWith("M25,80H75V60H25ZM25,70H75M50,80V90M50,60V60"));
  assert.deepEqual(points.map(([, y]) => y), [0]);
});

test("the range that is not given holds all that is drawn, and zero for bars", () => {
  const close = (found, wanted) => found.forEach((end, index) => assert.ok(Math.abs(end - wanted[index]) < 1e-9));
  close(rangeFor({}, [{ type: "scatter", y: [0, 10] }], "y", []), [-0.6, 10.6]);
  close(rangeFor({}, [{ type: "bar", y: [5, 10] }], "y", []), [-0.6, 10.6]);
  close(rangeFor({}, [{ type: "heatmap", z: [[1, 2]] }], "x", []), [-0.5, 1.5]);
  close(rangeFor({}, [{ type: "scatter", y: [3] }], "y", []), [2, 4]);
  close(rangeFor({ type: "category" }, [], "x", ["a", "b"]), [-0.5, 1.5]);
  const bars = [{ type: "bar", x: ["a", "b"], y: [1, 2] }, { type: "bar", x: ["b", "c"], y: [1, 2] }];
  assert.deepEqual(categories(bars, "x"), ["a", "b", "c"]);
});

const PANEL = (data, xaxis, yaxis) => ({ size: "small", data, layout: { xaxis, yaxis } });

test("labels beside an axis have the room that they need, and names below it are turned", () => {
  const named = { range: [0, 1], tickvals: [0], ticktext: ["some long words"] };
  const wide = frameOf(PANEL([], { range: [0, 1] }, named), { width: 300, height: 200 });
  const bars = [{ type: "bar", x: ["convolution", "batch normalisation", "pooling"], y: [1, 2, 3] }];
  const below = { type: "category", range: [-0.5, 2.5] };
  const turned = frameOf(PANEL(bars, below, { range: [0, 3] }), { width: 200, height: 200 });
  assert.ok(wide.left >= 100);
  assert.ok(turned.turned && turned.height < 140);
  assert.equal(shortened("receptive field", 10, 40), "recep…");
});

test("the nearest point is said, before the pixels under it; text and the skipped are not", () => {
  const data = [
    { type: "heatmap", z: [[1, 2], [3, 4]], x0: 2, y0: 2, dx: 4, dy: 4, hovertemplate: "%{x}, %{y}: %{z}" },
    { type: "scatter", x: [2, 6], y: [2, NaN], hovertemplate: "%{x}: %{y:.1f}" },
    { type: "scatter", x: [6], y: [6], hoverinfo: "skip" },
  ];
  const frame = { ...SCALES, left: 0, top: 0, width: 100, height: 100 };
  const said = (x, y) => {
    const found = nearestOf(data, frame, x, y);
    return found && saying(found, { xaxis: {}, yaxis: {} });
  };
  assert.equal(said(25, 75), "2: 2.0");
  assert.equal(said(62, 41), "6, 6: 4");
  assert.equal(said(140, 41), null);
  assert.equal(saying({ trace: {}, values: { x: 1, y: 0.5 } }, { xaxis: { tickvals: [1], ticktext: ["dog"] } }), "dog: 0.5");
});

test("a bar is said wherever one points over its place", () => {
  const data = [{ type: "bar", x: [2, 5], y: [0, 3], hovertemplate: "%{x}: %{y}" }];
  const frame = { ...SCALES, left: 0, top: 0, width: 100, height: 100 };
  assert.equal(saying(nearestOf(data, frame, 22, 30), {}), "2: 0");
  assert.equal(nearestOf(data, frame, 36, 30), null);
});
