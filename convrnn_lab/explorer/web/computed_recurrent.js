// @ts-check
/* What follows from the weights of a recurrent layer; explorer/computed_recurrent.py does the same. */

import { gru, lstm, rnn } from "./kernels_recurrent.js";

/**
 * @typedef {import("./kernels_tensor.js").Tensor} Tensor
 * @typedef {import("./kernels_recurrent.js").Recurrence} Recurrence
 * @typedef {[Tensor, Tensor, Tensor, Tensor]} LayerWeights weight_ih, weight_hh, bias_ih, bias_hh
 */

/** @type {Record<string, (...given: any[]) => Recurrence>} */
const LAYERS = {
  RNN_TANH: (read, weights, settings) => rnn(read, weights, settings),
  RNN_RELU: (read, weights, settings) => rnn(read, weights, { ...settings, nonlinearity: "relu" }),
  LSTM: lstm,
  GRU: gru,
};

/** Change the two axes. @param {Tensor} matrix @returns {Tensor} */
function turned({ shape: [rows, columns], data }) {
  return { shape: [columns, rows], data: Float32Array.from(data, (_, at) => data[(at % rows) * columns + Math.floor(at / rows)]) };
}

/**
 * Run a layer of one direction over one sequence.
 *
 * @param {string} mode as PyTorch has it
 * @param {Tensor} read (feature, time)
 * @param {Tensor} first (1 or 2, unit): the hidden state, and the cell state of an LSTM
 * @param {LayerWeights} weights
 */
function layerRun(mode, read, first, [weightIh, weightHh, biasIh, biasHh]) {
  const units = first.shape[1];
  const [state, cell] = [0, 1].map((at) => ({ shape: [1, units], data: first.data.subarray(at * units, (at + 1) * units) }));
  const named = { weight_ih_l0: weightIh, weight_hh_l0: weightHh, bias_ih_l0: biasIh, bias_hh_l0: biasHh };
  return LAYERS[mode](turned(read), named, first.shape[0] === 2 ? { state, cell } : { state });
}

/**
 * Return states and gates by their names, (part, unit, time).
 *
 * @param {string} mode
 * @param {Tensor} read
 * @param {Tensor} first
 * @param {LayerWeights} weights
 * @param {string[]} parts
 * @returns {Tensor}
 */
function recurrence(mode, read, first, weights, parts) {
  const run = layerRun(mode, read, first, weights);
  const [units, time] = [first.shape[1], read.shape[1]];
  const data = new Float32Array(parts.length * units * time);
  parts.forEach((name, part) => {
    const values = /** @type {Tensor} */ (name === "hidden" ? run.hidden : name === "cell" ? run.cell : run.gates[name]);
    data.set(turned({ shape: [time, units], data: values.data }).data, part * units * time);
  });
  return { shape: [parts.length, units, time], data };
}

const SHARES = /** @type {((value: number) => boolean)[]} */ ([
  (value) => value > 0.9, (value) => value < 0.1, (value) => Math.abs(2 * value - 1) > Math.sqrt(0.9),
]);
const SHARES_OF_TANH = [null, null, (/** @type {number} */ value) => Math.abs(value) > Math.sqrt(0.9)];

/** Return the median steps until a product of gates is at most one half. @param {Float64Array} logs of one unit's gate */
function halfLife(logs) {
  const time = logs.length;
  if (logs.some(Number.isNaN)) return NaN;
  const ends = new Float64Array(time + 1); // ends[t]: what is lost before step t
  logs.forEach((log, at) => { ends[at + 1] = ends[at] - Math.max(log, -1e6); });
  const steps = Float64Array.from(logs, (_, start) => {
    const wanted = ends[start] + Math.LN2 * (1 - 1e-9);
    let end = start + 1;
    while (end <= time && ends[end] < wanted) end += 1;
    return end > time ? Infinity : end - start;
  }).sort();
  return (steps[(time - 1) >> 1] + steps[time >> 1]) / 2;
}

/**
 * Return what gates do: each unit's percentages for each gate and kind, then half-lives.
 *
 * @param {string} mode
 * @param {Tensor} read
 * @param {Tensor} first
 * @param {LayerWeights} weights
 * @returns {Tensor}
 */
function counted(mode, read, first, weights) {
  const { gates } = layerRun(mode, read, first, weights);
  const [units, time] = [first.shape[1], read.shape[1]];
  const ofUnit = (/** @type {Tensor} */ { data }, /** @type {number} */ unit) => (
    Float64Array.from({ length: time }, (_, at) => data[at * units + unit]));
  const all = Array.from({ length: units }, (_, unit) => unit);
  const rows = Object.entries(gates).flatMap(([name, values]) => (
    (name === "candidate" || name === "new" ? SHARES_OF_TANH : SHARES).map((chosen) => all.map((unit) => {
      const known = ofUnit(values, unit).filter((value) => !Number.isNaN(value));
      return chosen ? (100 * known.filter(chosen).length) / known.length : NaN;
    }))));
  const kept = gates[mode === "LSTM" ? "forget" : "update"];
  rows.push(all.map((unit) => halfLife(ofUnit(kept, unit).map(Math.log))));
  return { shape: [rows.length, units], data: Float32Array.from(rows.flat()) };
}

/** @type {Record<string, (...values: any[]) => Tensor>} */
export const RECURRENT = { recurrence, counted };
