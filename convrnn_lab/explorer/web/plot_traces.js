// @ts-check
/* The traces of a panel as parts of a drawing. */

import { colourOf, inkOn, SERIES } from "./colours.js";
import { filledIn } from "./formats.js";
import { want } from "./kept.js";
import { barLabels, barsOf, boxOf, errorPath } from "./plot_bars.js";
import { along } from "./plot_data.js";
import { dashes, isHidden, linePath, markerPaths, ofPlace, px, symbolPath } from "./plot_shapes.js";

/**
 * @typedef {import("./kept.js").Wanted} Wanted
 * @typedef {import("./scales.js").Scale} Scale
 * @typedef {{x: Scale, y: Scale}} Scales
 * @typedef {{inside: Wanted[], over: Wanted[]}} Parts those cut at the axes, and those that may reach beyond
 */

const FEW_POINTS = 20; // which plotly marks where a trace does not say
const PATTERN_PATHS = /** @type {Record<string, string>} */ ({
  "/": "M-1,1L1,-1M0,7L7,0M6,8L8,6", "\\": "M-1,6L1,8M0,0L7,7M6,-1L8,1", x: "M0,0L7,7M0,7L7,0", "-": "M0,3.5H7", "|": "M3.5,0V7",
});
let patterns = 0; // made so far: each needs a name of its own in the page

/**
 * Return a pattern of strokes or dots on a ground, and the paint that refers to it.
 *
 * @param {string} shape
 * @param {string} ink
 * @param {string} ground
 */
function hatched(shape, ink, ground) {
  patterns += 1;
  const id = `cl-pattern-${patterns}`;
  const mark = shape === "."
    ? want("circle", { cx: 3.5, cy: 3.5, r: 1.6, fill: ink })
    : want("path", { d: PATTERN_PATHS[shape], stroke: ink, "stroke-width": 1.8, fill: "none" });
  const whole = want("rect", { width: 7, height: 7, fill: ground });
  return { node: want("pattern", { id, width: 7, height: 7, patternUnits: "userSpaceOnUse" }, whole, mark), paint: `url(#${id})` };
}

/** Return where a trace's mode says lines, markers and text. @param {any} trace */
function modesOf({ mode, y }) {
  return (mode ?? (y.length < FEW_POINTS ? "lines+markers" : "lines")).split("+");
}

/** @param {any} trace @param {Scales} scales @param {string} colour @param {any[]} data @param {number} index @returns {Parts} */
function scatterParts(trace, scales, colour, data, index) {
  const across = along(trace, "x");
  const modes = modesOf(trace);
  const { color = colour, width = 2, dash } = trace.line ?? {};
  /** @type {Parts} */
  const parts = { inside: [], over: [] };
  if (trace.fill && trace.fill !== "none") parts.inside.push(...filledArea(trace, across, scales, color, data[index - 1]));
  if (modes.includes("lines") && width) {
    const stroke = { stroke: color, "stroke-width": width, "stroke-dasharray": dashes(dash, width) };
    parts.inside.push(want("path", { d: linePath(across, trace.y, scales), fill: "none", "stroke-linejoin": "round", ...stroke }));
  }
  parts.inside.push(...errorParts(trace, scales, color));
  if (modes.includes("markers")) {
    // Lines on each other stay two: their markers do not fall together.
    const paths = markerPaths(trace, across, scales, color, index / data.length);
    parts.over.push(...paths.map((each) => want("path", each)));
  }
  if (modes.includes("text")) parts.inside.push(...wordsAt(trace, across, scales));
  return parts;
}

/** @param {any} trace @param {Scales} scales @param {string} colour @param {number[]} [middles] pixels of the bars that they stand on */
function errorParts(trace, scales, colour, middles) {
  return /** @type {const} */ (["x", "y"]).filter((axis) => trace[`error_${axis}`]).map((axis) => {
    const { color: stroke = colour, thickness = 2 } = trace[`error_${axis}`];
    return want("path", { d: errorPath(trace, axis, scales, middles), stroke, "stroke-width": thickness, fill: "none" });
  });
}

/** Return the filled area of a line: that which it goes round, or that to zero or to the line before. @param {any} trace
 * @param {ArrayLike<any>} across @param {Scales} scales @param {string} colour @param {any} before */
function filledArea(trace, across, scales, colour, before) {
  const { shape, fgcolor } = trace.fillpattern ?? {};
  const ground = trace.fillcolor ?? colour;
  const faint = trace.fillcolor ? {} : { "fill-opacity": 0.4 };
  let d = linePath(across, trace.y, scales, true);
  if (trace.fill !== "toself") {
    const under = trace.fill === "tonexty" && before ? before : { x: across, y: Array(across.length).fill(0), type: "scatter" };
    const back = [Array.from(along(under, "x")).reverse(), Array.from(under.y).reverse()];
    d = linePath([...Array.from(across), ...back[0]], [...Array.from(trace.y), ...back[1]], scales, true);
  }
  if (!shape) return [want("path", { d, fill: ground, ...faint })];
  const { node, paint } = hatched(shape, fgcolor ?? colour, ground);
  return [node, want("path", { d, fill: paint })];
}

const ANCHORS = /** @type {Record<string, string>} */ ({ left: "end", center: "middle", right: "start" });
const LIFTS = /** @type {Record<string, number>} */ ({ top: -6, middle: 4, bottom: 14 });

/** @param {any} trace @param {ArrayLike<any>} across @param {Scales} scales */
function wordsAt({ y, text, textposition = "middle center", textfont = {} }, across, scales) {
  const [height, side] = textposition.split(" ");
  const shift = side === "center" ? 0 : side === "right" ? 4 : -4;
  return Array.from(y, (value, index) => want("text", {
    x: px(scales.x.toPixel(across[index]) + shift), y: px(scales.y.toPixel(value) + LIFTS[height]),
    "text-anchor": ANCHORS[side], "font-size": textfont.size ?? 12, ...(textfont.color && { style: `fill:${textfont.color}` }),
  }, String(ofPlace(text, index))));
}

/** @param {any} trace @param {Scales} scales @param {string} colour @param {any[]} data @returns {Parts} */
function barParts(trace, scales, colour, data) {
  const all = data.filter(({ type }) => type === "bar");
  const placed = barsOf(trace, all, scales);
  const { marker = {} } = trace;
  /** @type {Map<string, any>} */
  const paints = new Map();
  /** @type {Wanted[]} */
  const made = [];
  const paint = (/** @type {string} */ fill, /** @type {string} */ shape) => {
    if (!shape) return fill;
    if (!paints.has(fill + shape)) {
      const pattern = hatched(shape, fill, "none");
      made.push(pattern.node);
      paints.set(fill + shape, pattern.paint);
    }
    return paints.get(fill + shape);
  };
  const rects = placed.map(({ index, left, top, width, height }) => {
    const [fill, shape] = [ofPlace(marker.color, index) ?? colour, ofPlace(marker.pattern?.shape, index)];
    const edge = shape ? { stroke: fill } : {}; // a pattern alone has no edge
    return want("rect", { x: px(left), y: px(top), width: px(width), height: px(height), fill: paint(fill, shape), ...edge });
  });
  /** @type {number[]} */
  const middles = [];
  for (const { index, middle } of placed) middles[index] = middle;
  const errors = errorParts(trace, scales, colour, middles);
  const labels = barLabels(all.slice(0, all.indexOf(trace) + 1), all, scales);
  const over = labels.map(({ x, y, anchor, size, text }) => want("text", { x, y, "text-anchor": anchor, "font-size": size }, text));
  return { inside: [...made, ...rects, ...errors], over };
}

/** @param {any} trace @param {Scales} scales @param {string} colour @returns {Parts} */
function boxParts(trace, scales, colour) {
  const { box: d, points, empty } = boxOf(trace, scales);
  if (empty) return { inside: [], over: [] };
  const stroke = trace.line?.color ?? colour;
  const radius = (trace.marker?.size ?? 6) / 2;
  const dots = points.map(([x, y]) => symbolPath("circle", x, y, radius)).join("");
  return {
    inside: [
      want("path", { d: dots, fill: trace.marker?.color ?? stroke, "fill-opacity": 0.7 }),
      want("path", { d, stroke, "stroke-width": 1.5, fill: stroke, "fill-opacity": 0.2 }),
    ],
    over: [],
  };
}

/** What is written into the cells of a matrix. @param {any} trace @param {Scales} scales @returns {Parts} */
function heatmapParts(trace, scales) {
  if (!trace.texttemplate) return { inside: [], over: [] };
  const [across, up] = [along(trace, "x"), along(trace, "y")];
  const { size = 12, family, color } = trace.textfont ?? {};
  /** @type {Wanted[]} */
  const inside = Array.from(trace.z).flatMap((row, y) => Array.from(/** @type {ArrayLike<number>} */ (row)).flatMap((z, x) => {
    const text = filledIn(trace.texttemplate, { z, text: trace.text?.[y]?.[x] ?? "" });
    const fill = color ?? inkOn(colourOf(Number(z), trace));
    const place = { x: px(scales.x.toPixel(across[x])), y: px(scales.y.toPixel(up[y]) + 0.35 * size) };
    const look = { "text-anchor": "middle", "font-size": size, style: `fill:${fill}`, ...(family && { "font-family": family }) };
    return text ? [want("text", { ...place, ...look }, text)] : [];
  }));
  return { inside, over: [] };
}

const PARTS_OF = /** @type {Record<string, (trace: any, scales: Scales, colour: string, data: any[], index: number) => Parts>} */ ({
  scatter: scatterParts, bar: barParts, box: boxParts, heatmap: heatmapParts,
});

/**
 * Return the parts of a trace.
 *
 * @param {any[]} data
 * @param {number} index of the trace
 * @param {Scales} scales
 */
export function partsOf(data, index, scales) {
  if (isHidden(data[index])) return { inside: [], over: [] };
  return PARTS_OF[data[index].type](data[index], scales, SERIES[index % SERIES.length], data, index);
}
