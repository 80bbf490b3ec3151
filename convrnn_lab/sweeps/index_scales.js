// @ts-check
/* What the index of a sweep knows of its numbers and columns, without a page. */

import { multiples, niceStep } from "../explorer/web/round_steps.js";

/**
 * @typedef {number | string | boolean | null} Value
 * @typedef {{name: string, source: string, kind: string}} Column
 * @typedef {object} Report
 * @property {Value[]} values one a column
 * @property {string} status
 * @property {string} [name] of its files
 * @property {string} [thumbnail] SVG
 * @property {string} [reason] why it failed
 * @property {string[]} [lines] the last ones that it printed
 *
 * @typedef {object} Data
 * @property {string} notebook
 * @property {string} version
 * @property {Record<string, number>} counts
 * @property {Column[]} columns
 * @property {Report[]} reports
 * @property {string[]} notes
 */

/** Write a value: numbers shortly, and a dash for what is missing. @param {Value} value */
export function shown(value) {
  if (value === null) return "–";
  if (typeof value !== "number" || Number.isInteger(value)) return String(value);
  if (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
}

/** @param {Value} a @param {Value} b */
const byText = (a, b) => String(a).localeCompare(String(b), "en", { numeric: true });

/** Say which of two values comes first: numbers by size, texts by letters, what is missing last. @param {Value} a @param {Value} b */
export function compareValues(a, b) {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return typeof a === "number" && typeof b === "number" ? a - b : byText(a, b);
}

/** Return different values in order. @param {Value[]} values */
export function distinct(values) {
  const found = [...new Set(values)];
  const numbers = found.every((value) => typeof value === "number" || value === null);
  return found.sort(numbers ? (a, b) => Number(a) - Number(b) : byText);
}

/** Cut a text to the letters that there is room for. @param {string} text @param {number} room */
export function short(text, room) {
  return text.length > Math.max(4, room) ? `${text.slice(0, Math.max(3, room - 1))}…` : text;
}

/**
 * Return round numbers on an axis: powers of ten, or steps of 1, 2 or 5.
 *
 * @param {number} low
 * @param {number} high of a logarithmic axis, like `low`, as the power of ten
 * @param {boolean} logarithmic
 */
export function steps(low, high, logarithmic) {
  if (logarithmic && high - low >= 1) return multiples([low, high], 1).map((power) => 10 ** power);
  const [first, last] = logarithmic ? [10 ** low, 10 ** high] : [low, high];
  return multiples([first, last], niceStep(last - first, 6));
}

/**
 * Return where values lie between two places, and what is written there.
 *
 * @param {Value[]} values
 * @param {boolean} logarithmic
 * @param {number} from
 * @param {number} to
 * @returns {{place: (value: Value) => number, ticks: [number, string][]}}
 */
export function scale(values, logarithmic, from, to) {
  if (!values.every((value) => typeof value === "number")) return namedScale(values, from, to);
  const change = logarithmic ? Math.log10 : (/** @type {number} */ value) => value;
  const numbers = /** @type {number[]} */ (values);
  const [least, most] = [change(Math.min(...numbers)), change(Math.max(...numbers))];
  const margin = (most - least) * 0.05 || Math.abs(most) * 0.05 || 0.5;
  const [low, high] = [least - margin, most + margin];
  const place = (/** @type {Value} */ value) => from + (change(Number(value)) - low) / (high - low) * (to - from);
  return { place, ticks: steps(low, high, logarithmic).map((value) => [place(value), shown(value)]) };
}

/**
 * @param {Value[]} values
 * @param {number} from
 * @param {number} to
 * @returns {{place: (value: Value) => number, ticks: [number, string][]}}
 */
function namedScale(values, from, to) {
  const names = [...new Set(values)].sort(byText);
  const step = (to - from) / names.length;
  const place = (/** @type {Value} */ value) => from + (names.indexOf(value) + 0.5) * step;
  return { place, ticks: step < 24 ? [] : names.map((name) => [place(name), shown(name)]) };
}

/** The columns of a sweep's reports, by what they are. */
export class Columns {
  /** @param {Data} data */
  constructor(data) {
    this.data = data;
    this.indices = data.columns.map((_, index) => index);
    this.parameters = this.from("parameter");
    this.varied = this.parameters.filter((index) => this.distinct(index).length > 1);
    this.fixed = this.parameters.filter((index) => !this.varied.includes(index));
    this.results = this.from("result");
    this.times = this.from("report").filter((index) => this.isNumber(index));
    /** What can be plotted upwards, and across. */
    this.heights = this.indices.filter((index) => this.isNumber(index) && data.columns[index].source !== "parameter");
    this.widths = [...this.varied, ...this.heights, ...this.fixed];
  }

  /** @param {string} source */
  from(source) {
    return this.indices.filter((index) => this.data.columns[index].source === source);
  }

  /** @param {number} index */
  name(index) {
    return this.data.columns[index].name;
  }

  /** @param {number} index */
  isNumber(index) {
    return ["int", "float"].includes(this.data.columns[index].kind);
  }

  /** @param {number} index */
  distinct(index) {
    return distinct(this.data.reports.map((report) => report.values[index]));
  }

  /** Say what a report is, by the parameters that vary. @param {Report} report */
  title(report) {
    const named = this.varied.length ? this.varied : this.parameters;
    return named.map((index) => `${this.name(index)} ${shown(report.values[index])}`).join(", ") || this.data.notebook;
  }

  /** Say what a sweep is. */
  summary() {
    const { reports, counts, notebook, version } = this.data;
    const rest = counts["not run"] + counts.stale;
    const words = [`${reports.length} reports`, `${counts.done} done`];
    if (counts.failed) words.push(`${counts.failed} failed`);
    if (rest) words.push(`${rest} not run`);
    return `${words.join(", ")}. Notebook ${notebook}, version ${version}.`;
  }
}

/**
 * Return which reports can be plotted: those that have both numbers, above zero on a logarithmic axis.
 *
 * @param {Report[]} reports
 * @param {number} x column
 * @param {number} y column
 * @param {{x: boolean, y: boolean}} logarithmic
 */
export function plottable(reports, x, y, logarithmic) {
  const above = (/** @type {Value} */ value, /** @type {boolean} */ needed) => !needed || Number(value) > 0;
  return reports.filter(({ status, values }) => status === "done" && values[x] !== null
    && typeof values[y] === "number" && above(values[x], logarithmic.x) && above(values[y], logarithmic.y));
}

/**
 * Return which columns are plotted first: a result against a parameter, coloured by another one.
 *
 * @param {Columns} columns
 */
export function startOf(columns) {
  const { varied, heights, widths, results } = columns;
  const isNumber = (/** @type {number} */ index) => columns.isNumber(index);
  const across = varied.find(isNumber) ?? varied[0] ?? widths[0];
  return {
    empty: !heights.length || !widths.length,
    across,
    up: results.find(isNumber) ?? heights[0],
    hue: varied.find((index) => index !== across) ?? -1,
  };
}

/** The address of a report's file beside the index. @param {Report} report @param {string} [kind] */
export const address = (report, kind = "html") => `reports/${encodeURIComponent(report.name ?? "")}.${kind}`;
