// @ts-check
/* Windows that slide, as PyTorch has them: convolution, transposed convolution, pooling. What PyTorch
 * refuses is refused, in one sentence.
 *
 * Inputs are (batch, channel, time) or (batch, channel, height, width); the batch may be missing.
 */

import { checkNames, checkRank, checkShape, countOf, doubles, must, tensorOf } from "./kernels_tensor.js";

/**
 * @typedef {import("./kernels_tensor.js").Tensor} Tensor
 * @typedef {number | number[]} PerAxis one for all axes, or a list
 * @typedef {{stride?: PerAxis, dilation?: PerAxis, groups?: number}} Shared
 * @typedef {Shared & {padding?: PerAxis | [number, number][] | "same" | "valid"}} ConvolutionSettings pairs: before, after
 * @typedef {Shared & {padding?: PerAxis, outputPadding?: PerAxis}} TransposedSettings
 * @typedef {{stride?: PerAxis | null, padding?: PerAxis, dilation?: PerAxis, ceilMode?: boolean}} MaxPoolSettings
 * @typedef {{stride?: PerAxis | null, padding?: PerAxis, ceilMode?: boolean, countIncludePad?: boolean}} AvgPoolSettings
 *
 * @typedef {object} Axis
 * @property {number} size of the input
 * @property {number} before zeros in front of it
 * @property {number} wide size of what the windows slide over
 * @property {number} kernel
 * @property {number} stride
 * @property {number} dilation
 * @property {number} count of windows
 * @property {number} output size of the output
 */

const AT_ONCE = 4; // windows whose sums are made together

/** In one dimension there is one row. @type {Axis} */
const ONE_ROW = { size: 1, before: 0, wide: 1, kernel: 1, stride: 1, dilation: 1, count: 1, output: 1 };

/** @type {(axes: number) => string[]} */
const namesOf = (axes) => (axes === 1 ? ["time"] : ["height", "width"]);

/** Return a setting for each axis. @type {(name: string, value: any, axes: number, low: number) => number[]} */
const perAxis = (name, value, axes, low) => {
  const list = Array.isArray(value) ? value : [value];
  const each = list.length === 1 ? Array(axes).fill(list[0]) : list;
  const holds = each.length === axes && each.every((one) => Number.isSafeInteger(one) && one >= low);
  must(holds, name, `an integer of at least ${low}${axes === 1 ? "" : ", or two"}`, value);
  return each;
};

/** Read an input's shape. @type {(input: Tensor, axes: number) => {lead: number[], channels: number, sizes: number[]}} */
const readInput = (input, axes) => {
  const names = namesOf(axes).join(", ");
  checkRank("input", input, [axes + 1, axes + 2], `(batch, channel, ${names}) or (channel, ${names})`);
  const [channels, ...sizes] = input.shape.slice(-axes - 1);
  must(Math.min(channels, ...sizes) > 0, "input", `of at least one channel and one sample in ${names}`, input.shape);
  return { lead: input.shape.slice(0, -axes - 1), channels, sizes };
};

/** Zeros before and after each axis. @type {(padding: any, kernel: number[], stride: number[], dilation: number[]) => number[][]} */
const pairsOf = (padding, kernel, stride, dilation) => {
  if (typeof padding === "string") {
    must(padding === "same" || padding === "valid", "padding", '"same", "valid" or integers', padding);
    must(padding === "valid" || Math.max(...stride) === 1, "stride", '1 where padding is "same"', stride);
    const totals = kernel.map((taps, axis) => (padding === "same" ? (taps - 1) * dilation[axis] : 0));
    return totals.map((total) => [Math.floor(total / 2), Math.ceil(total / 2)]); // the odd zero comes after
  }
  if (!Array.isArray(padding) || !padding.some(Array.isArray)) {
    return perAxis("padding", padding, kernel.length, 0).map((each) => [each, each]);
  }
  const holds = padding.length === kernel.length && padding.every((pair) => pair?.length === 2);
  must(holds, "padding", "a pair of integers for each axis", padding);
  return padding.map((pair) => perAxis("padding", pair, 2, 0));
};

/** Say how windows slide over an input. @type {(sizes: number[], kernel: number[], settings: any) => Axis[]} */
const slidingAxes = (sizes, kernel, { stride = 1, dilation = 1, padding = 0, ceilMode = false }) => {
  const [strides, dilations] = [perAxis("stride", stride, sizes.length, 1), perAxis("dilation", dilation, sizes.length, 1)];
  const pairs = pairsOf(padding, kernel, strides, dilations);
  return sizes.map((size, axis) => {
    const [before, after] = pairs[axis];
    const [wide, extent] = [before + size + after, dilations[axis] * (kernel[axis] - 1) + 1];
    let count = Math.floor((wide - extent + (ceilMode ? strides[axis] - 1 : 0)) / strides[axis]) + 1;
    if (ceilMode && (count - 1) * strides[axis] >= size + before) count -= 1; // it would start in the padding
    must(count > 0, `kernel along ${namesOf(sizes.length)[axis]}`, `at most ${wide}, the padded input`, extent);
    return { size, before, wide, kernel: kernel[axis], stride: strides[axis], dilation: dilations[axis], count, output: count };
  });
};

/** Here inputs are windows on the output, which the padding crops. @type {(sizes: number[], kernel: number[], settings: any) => Axis[]} */
const transposedAxes = (sizes, kernel, settings) => {
  const [stride, dilation] = ["stride", "dilation"].map((name) => perAxis(name, settings[name] ?? 1, sizes.length, 1));
  const [padding, more] = ["padding", "outputPadding"].map((name) => perAxis(name, settings[name] ?? 0, sizes.length, 0));
  return sizes.map((size, axis) => {
    const limit = Math.max(stride[axis], dilation[axis]);
    must(more[axis] < limit, "outputPadding", `under ${limit}, the larger of stride and dilation`, more[axis]);
    const wide = (size - 1) * stride[axis] + dilation[axis] * (kernel[axis] - 1) + 1 + more[axis];
    const [before, output] = [padding[axis], wide - 2 * padding[axis]];
    must(output > 0, "padding", `under half of ${wide}, the output without it`, before);
    return { size, before, wide, kernel: kernel[axis], stride: stride[axis], dilation: dilation[axis], count: size, output };
  });
};

/** Copy all planes into the middle of larger ones. @type {(input: Tensor, axes: Axis[], fill: number) => Float64Array} */
const padded = ({ data }, [down, across], fill) => {
  const planes = data.length / (down.size * across.size);
  const result = new Float64Array(planes * down.wide * across.wide + AT_ONCE * across.stride).fill(fill);
  for (let row = 0; row < planes * down.size; row++) {
    const y = Math.floor(row / down.size) * down.wide + down.before + (row % down.size);
    result.set(data.subarray(row * across.size, (row + 1) * across.size), y * across.wide + across.before);
  }
  return result;
};

/**
 * Give the sums of products for a row of windows, four at once: a weight is read once for them. What is over at the
 * end of a row is overwritten by the next one, and at the end of all lies in the room left there.
 *
 * @type {(sums: Float64Array, to: number, add: number, source: Float64Array, start: number, offsets: Int32Array,
 *   weights: Float64Array, first: number, across: Axis) => void}
 */
const gather = (sums, to, add, source, start, offsets, weights, first, { count, stride: step }) => {
  for (const end = to + count; to < end; to += AT_ONCE, start += AT_ONCE * step) {
    let a = add;
    let b = add;
    let c = add;
    let d = add;
    for (let tap = 0; tap < offsets.length; tap++) {
      const weight = weights[first + tap];
      const from = start + offsets[tap];
      a += weight * source[from];
      b += weight * source[from + step];
      c += weight * source[from + 2 * step];
      d += weight * source[from + 3 * step];
    }
    sums[to] = a;
    sums[to + 1] = b;
    sums[to + 2] = c;
    sums[to + 3] = d;
  }
};

/**
 * Add a channel of inputs, each spread by the weights.
 *
 * @type {(sums: Float64Array, values: Float64Array, start: number, offsets: Int32Array, weights: Float64Array,
 *   first: number, axes: Axis[]) => void}
 */
const scatter = (sums, values, start, offsets, weights, first, [down, across]) => {
  for (let tap = 0; tap < offsets.length; tap++) {
    const weight = weights[first + tap];
    for (let row = 0, from = start; row < down.count; row++) {
      let to = offsets[tap] + row * down.stride * across.wide;
      for (const end = from + across.count; from < end; from++, to += across.stride) sums[to] += weight * values[from];
    }
  }
};

/**
 * Check a convolution's arguments, and count channels: `inputs` and `outputs` are those of one group.
 *
 * @type {(axes: number, isTransposed: boolean, input: Tensor, weight: Tensor, bias: Tensor | null, settings: any) => any}
 */
const readArguments = (axes, isTransposed, input, weight, bias, settings) => {
  checkNames(settings, `stride padding dilation groups${isTransposed ? " outputPadding" : ""}`);
  const { lead, channels, sizes } = readInput(input, axes);
  checkRank("weight", weight, [axes + 2], `(${isTransposed ? "input, output" : "output, input"} channel, ${namesOf(axes).join(", ")})`);
  const [first, second, ...kernel] = weight.shape;
  must(Math.min(...weight.shape) > 0, "weight", "without an empty axis", weight.shape);
  const [groups] = perAxis("groups", settings.groups ?? 1, 1, 1);
  must(first % groups === 0, "groups", `a divisor of ${first}, the weight's first axis`, groups);
  const [inputs, outputs] = isTransposed ? [first / groups, second] : [second, first / groups];
  must(channels === inputs * groups, "input", `of ${inputs * groups} channels, as the weight is`, channels);
  if (bias) checkShape("bias", bias, [outputs * groups]);
  const sliding = (isTransposed ? transposedAxes : slidingAxes)(sizes, kernel, settings);
  return { lead, channels, inputs, outputs, all: outputs * groups, axes: sliding };
};

/** @type {(axes: number, isTransposed: boolean, input: Tensor, weight: Tensor, bias?: Tensor | null, settings?: any) => Tensor} */
const convolve = (axes, isTransposed, input, weight, bias = null, settings = {}) => {
  const read = readArguments(axes, isTransposed, input, weight, bias, settings);
  const { inputs, outputs, all } = read;
  const [down, across] = axes === 1 ? [ONE_ROW, ...read.axes] : read.axes;
  const [source, weights] = [isTransposed ? doubles(input) : padded(input, [down, across], 0), doubles(weight)];
  const [dense, wide, taps] = [down.count * across.count, down.wide * across.wide, down.kernel * across.kernel];
  const offsets = Int32Array.from({ length: (isTransposed ? 1 : inputs) * taps }, (_, tap) => {
    const row = Math.floor(tap / across.kernel) % down.kernel;
    return Math.floor(tap / taps) * wide + row * down.dilation * across.wide + (tap % across.kernel) * across.dilation;
  });
  const sums = new Float64Array(isTransposed ? wide : dense + AT_ONCE);
  const result = tensorOf([...read.lead, all, ...read.axes.map((/** @type {Axis} */ { output }) => output)]);
  for (let place = 0, at = 0; place < countOf(read.lead) * all; place++) {
    const [output, add] = [place % all, bias ? bias.data[place % all] : 0];
    const channel = Math.floor(place / all) * read.channels + Math.floor(output / outputs) * inputs;
    if (isTransposed) sums.fill(add);
    for (let row = 0; !isTransposed && row < down.count; row++) {
      const start = channel * wide + row * down.stride * across.wide;
      gather(sums, row * across.count, add, source, start, offsets, weights, output * inputs * taps, across);
    }
    for (let each = 0; isTransposed && each < inputs; each++) {
      const first = ((channel + each) % read.channels) * outputs + (output % outputs);
      scatter(sums, source, (channel + each) * dense, offsets, weights, first * taps, [down, across]);
    }
    const [width, left] = isTransposed ? [across.wide, across.before] : [across.count, 0];
    for (let row = 0; row < down.output; row++, at += across.output) {
      const from = (row + (isTransposed ? down.before : 0)) * width + left;
      result.data.set(sums.subarray(from, from + across.output), at);
    }
  }
  return result;
};

/**
 * @typedef {(input: Tensor, weight: Tensor, bias?: Tensor | null, settings?: ConvolutionSettings) => Tensor} Convolution
 * @typedef {(input: Tensor, weight: Tensor, bias?: Tensor | null, settings?: TransposedSettings) => Tensor} Transposed
 */

/** @type {Convolution} */
export const conv1d = (...given) => convolve(1, false, ...given);
/** @type {Convolution} */
export const conv2d = (...given) => convolve(2, false, ...given);
/** @type {Transposed} */
export const convTranspose1d = (...given) => convolve(1, true, ...given);
/** @type {Transposed} */
export const convTranspose2d = (...given) => convolve(2, true, ...given);

/**
 * @typedef {{first: number, end: number, step: number, inside: number}} Span taps of one window; those on the input
 * @typedef {(values: Float64Array, start: number, width: number, rows: Span, columns: Span) => number} Reduce
 */

/** Return where each window lies; the last may end past the padding. @type {(axis: Axis) => Span[]} */
const spansOf = ({ size, before, wide, kernel, stride, dilation, count }) => Array.from({ length: count }, (_, place) => {
  const first = place * stride;
  const end = Math.min(first + dilation * (kernel - 1) + 1, wide);
  return { first, end, step: dilation, inside: Math.min(end, before + size) - Math.max(first, before) };
});

/** @type {(axes: number, fill: number, input: Tensor, kernelSize: PerAxis, settings: any, reduce: Reduce) => Tensor} */
const pool = (axes, fill, input, kernelSize, { stride, padding = 0, dilation, ceilMode }, reduce) => {
  const { lead, channels, sizes } = readInput(input, axes);
  const kernel = perAxis("kernelSize", kernelSize, axes, 1);
  const pads = perAxis("padding", padding, axes, 0);
  const sliding = slidingAxes(sizes, kernel, { stride: stride ?? kernel, padding: pads, dilation, ceilMode });
  for (const { before, kernel: taps } of sliding) must(2 * before <= taps, "padding", `at most half of ${taps}, the kernelSize`, before);
  const [down, across] = axes === 1 ? [ONE_ROW, ...sliding] : sliding;
  const [values, rows, columns] = [padded(input, [down, across], fill), spansOf(down), spansOf(across)];
  const result = tensorOf([...lead, channels, ...sliding.map(({ count }) => count)]);
  for (let start = 0, at = 0; at < result.data.length; start += down.wide * across.wide) {
    for (const row of rows) for (const column of columns) result.data[at++] = reduce(values, start, across.wide, row, column);
  }
  return result;
};

/** @type {Reduce} */
const largest = (values, start, width, rows, columns) => {
  let best = -Infinity;
  for (let row = rows.first; row < rows.end; row += rows.step) {
    for (let column = columns.first; column < columns.end; column += columns.step) {
      const value = values[start + row * width + column];
      if (value > best || Number.isNaN(value)) best = value;
    }
  }
  return best;
};

/** @type {Reduce} */
const total = (values, start, width, rows, columns) => {
  let sum = 0;
  for (let row = rows.first; row < rows.end; row++) {
    for (let column = columns.first; column < columns.end; column++) sum += values[start + row * width + column];
  }
  return sum;
};

/** @type {(axes: number, input: Tensor, kernelSize: PerAxis, settings?: MaxPoolSettings) => Tensor} */
const maxPool = (axes, input, kernelSize, settings = {}) => {
  checkNames(settings, "stride padding dilation ceilMode");
  return pool(axes, -Infinity, input, kernelSize, settings, largest);
};

/** @type {(axes: number, input: Tensor, kernelSize: PerAxis, settings?: AvgPoolSettings) => Tensor} */
const avgPool = (axes, input, kernelSize, settings = {}) => {
  checkNames(settings, "stride padding ceilMode countIncludePad");
  const counted = (/** @type {Span} */ { first, end, inside }) => (settings.countIncludePad ?? true ? end - first : inside);
  return pool(axes, 0, input, kernelSize, settings, (values, start, width, rows, columns) =>
    total(values, start, width, rows, columns) / (counted(rows) * counted(columns)));
};

/**
 * @typedef {(input: Tensor, kernelSize: PerAxis, settings?: MaxPoolSettings) => Tensor} MaxPool
 * @typedef {(input: Tensor, kernelSize: PerAxis, settings?: AvgPoolSettings) => Tensor} AvgPool
 */

/** @type {MaxPool} */
export const maxPool1d = (...given) => maxPool(1, ...given);
/** @type {MaxPool} */
export const maxPool2d = (...given) => maxPool(2, ...given);
/** @type {AvgPool} */
export const avgPool1d = (...given) => avgPool(1, ...given);
/** @type {AvgPool} */
export const avgPool2d = (...given) => avgPool(2, ...given);
