// @ts-check
/* A window that slides: where it lies, for settings that are moved here; the same as
 * drawing/window_looks.py in Python, whose formulas are those of shapes/geometry.py.
 */

/** @typedef {import("./looks.js").Values} Values */
/** @typedef {number | "valid" | "same" | "causal"} Padding */
/** @typedef {[number, number, number, number, number, number]} Axis length, outputs, kernel size, stride, before, dilation */

/** Samples from the first to the last tap. @param {number} kernelSize @param {number} dilation */
const reachOf = (kernelSize, dilation) => dilation * (kernelSize - 1) + 1;

/** Zeros before and after; none can be told where "same" meets a stride.
 *
 * @param {Padding} padding @param {number} kernelSize @param {number} stride @param {number} dilation
 */
function pads(padding, kernelSize, stride, dilation) {
  if (typeof padding === "number") return [padding, padding];
  const all = padding === "valid" ? 0 : reachOf(kernelSize, dilation) - 1;
  if (padding === "causal") return [all, 0];
  if (padding === "same" && stride > 1) return [NaN, NaN];
  return [Math.floor(all / 2), Math.ceil(all / 2)];
}

/**
 * Positions of a window; none or fewer where it does not fit.
 *
 * @param {number} length @param {number} kernelSize @param {number} stride @param {number[]} padding
 * @param {number} dilation @param {number | boolean} [ceilMode]
 */
function outputLength(length, kernelSize, stride, [before, after], dilation, ceilMode = 0) {
  const room = before + length + after - reachOf(kernelSize, dilation) + (ceilMode ? stride - 1 : 0);
  if (!(room >= 0)) return NaN;
  const outputs = Math.floor(room / stride) + 1;
  return ceilMode && (outputs - 1) * stride >= length + before ? outputs - 1 : outputs;
}

/**
 * Say why a window has no place.
 *
 * @param {number[]} lengths @param {number} kernelSize @param {number} stride @param {Padding} padding
 * @param {number} dilation @param {number | boolean} [ceilMode]
 */
function noWindow(lengths, kernelSize, stride, padding, dilation, ceilMode = 0) {
  const pair = pads(padding, kernelSize, stride, dilation);
  if (Number.isNaN(pair[0])) {
    return `padding must be a number where the stride is over 1; got "same" with stride=${stride}`;
  }
  const length = lengths.find((each) => Number.isNaN(outputLength(each, kernelSize, stride, pair, dilation, ceilMode)));
  if (length === undefined) return "";
  const [before, after] = pair;
  const dilated = dilation > 1 ? ` with dilation=${dilation} spans ${reachOf(kernelSize, dilation)}` : "";
  const zeros = before === after ? before : `(${before}, ${after})`;
  return `kernel_size must fit the padded input of ${length + before + after} samples; got kernel_size=${kernelSize}${dilated}`
    + ` for length=${length} with padding=${zeros}`;
}

/** @typedef {[number, number, number, number, number]} Transposed kernel size, stride, padding, output padding, dilation */

/** Samples before padding cuts some off. @param {number} length @param {Transposed} settings */
const wholeOf = (length, [kernelSize, stride, , more, dilation]) => (length - 1) * stride + reachOf(kernelSize, dilation) + more;

/** Output values of a transposed convolution; NaN where all are cut off. @param {number} length @param {Transposed} settings */
function transposedLength(length, ...settings) {
  const left = wholeOf(length, settings) - 2 * settings[2];
  return left > 0 ? left : NaN;
}

/** Say why a transposed convolution has no output. @param {number[]} lengths @param {Transposed} settings */
function nothingLeft(lengths, ...settings) {
  const length = lengths.find((each) => Number.isNaN(transposedLength(each, ...settings)));
  if (length === undefined) return "";
  return `padding must leave at least one of ${wholeOf(length, settings)} output samples; got ${settings[2]} at each end`;
}

/** @type {(a: number, b: number) => number} */
const sharedBy = (a, b) => (b ? sharedBy(b, a % b) : a);

/**
 * Input values that reach an output value: their count, the first and the step, its tap and the step.
 *
 * @param {number} index @param {number} length @param {number} kernelSize
 * @param {number} stride @param {number} padding @param {number} dilation
 */
function reaching(index, length, kernelSize, stride, padding, dilation) {
  let [count, first, firstTap] = [0, -1, 0];
  for (let tap = kernelSize - 1; tap >= 0; tap -= 1) {
    const place = (index + padding - dilation * tap) / stride;
    if (!Number.isInteger(place) || place < 0 || place >= length) continue;
    if (!count) [first, firstTap] = [place, tap];
    count += 1;
  }
  const shared = sharedBy(stride, dilation);
  return [count, first, dilation / shared, firstTap, -stride / shared];
}

/** Count them for each output value. @param {number} length @param {number} outputs @param {[number, number, number, number]} settings */
const reachedBy = (length, outputs, ...settings) => ({
  shape: [outputs],
  data: Int32Array.from({ length: outputs }, (_, index) => reaching(index, length, ...settings)[0]),
});

/** Each number of one list times each of another. @param {Values} rows @param {Values} columns @returns {Values} */
const outer = ({ data: rows }, { data: columns }) => ({
  shape: [rows.length, columns.length],
  data: Int32Array.from({ length: rows.length * columns.length }, (_, at) =>
    rows[Math.floor(at / columns.length)] * columns[at % columns.length]),
});

/** Write the whole numbers that there are, each once. @param {Values} values */
const distinct = ({ data }) => [...new Set(data)].sort((a, b) => a - b).join(", ");

/** Samples that no tap reads. @param {Axis} axis */
function unread([length, outputs, kernelSize, stride, before, dilation]) {
  const read = new Uint8Array(length);
  for (let place = 0; place < outputs; place += 1) {
    for (let tap = 0; tap < kernelSize; tap += 1) read[place * stride - before + dilation * tap] = 1;
  }
  return Array.from(read.keys()).filter((sample) => !read[sample]);
}

/** @param {number} count @param {string} name */
const lastOnes = (count, name) => (count === 1 ? `the last ${name}` : `the last ${count} ${name}s`);

/** @param {Axis[]} axes @param {string[]} names */
function neverRead(axes, names) {
  const parts = axes.flatMap((axis, index) => {
    const samples = unread(axis);
    if (!samples.length) return [];
    const atEnd = samples[0] === axis[0] - samples.length;
    return [atEnd ? lastOnes(samples.length, names[index]) : `${samples.length} of ${axis[0]} ${names[index]}s`];
  });
  return parts.join(" and ") || "nothing";
}

/** @param {number[][]} sides @returns {Values} left, top, right and bottom of each box */
const boxes = (sides) => ({ shape: [sides.length, 4], data: Float64Array.from(sides.flat()) });

/**
 * Pixels under the taps; one box where they touch.
 *
 * @param {number} rows @param {number} down @param {number} columns @param {number} right
 */
function taps(rows, down, columns, right) {
  if ((down === 1 || rows === 1) && (right === 1 || columns === 1)) {
    return boxes([[-0.5, -0.5, (columns - 1) * right + 0.5, (rows - 1) * down + 0.5]]);
  }
  return boxes(Array.from({ length: rows * columns }, (_, index) => {
    const [x, y] = [(index % columns) * right, Math.floor(index / columns) * down];
    return [x - 0.5, y - 0.5, x + 0.5, y + 0.5];
  }));
}

/** Places of padding in front of a signal and behind it. @param {number} length @param {number} before @param {number} after */
const beside = (length, before, after) => ({
  shape: [before + after],
  data: Float64Array.from({ length: before + after }, (_, index) => (index < before ? index - before : length + index - before)),
});

/** Write with other names. @param {string} text @param {Record<string, string>} names @param {string} equals */
function said(text, names, equals) {
  const known = new RegExp(`\\b(${Object.keys(names).join("|")})\\b(=?)`, "g");
  return text.replace(known, (_, name, sign) => names[name] + (sign ? equals : ""));
}

/** @type {Record<string, (...values: any[]) => any>} */
export const WINDOW_OPERATIONS = {
  pads,
  output_length: outputLength,
  no_window: noWindow,
  transposed_length: transposedLength,
  nothing_left: nothingLeft,
  reaching,
  reached_by: reachedBy,
  room: ({ data }) => Math.max(1, ...data),
  outer,
  distinct,
  first_text: (texts) => texts.find(Boolean) ?? "",
  never_read: neverRead,
  boxes,
  taps,
  beside,
  grouped: (value) => String(value).replace(/\B(?=(\d{3})+$)/g, ","),
  said,
};
