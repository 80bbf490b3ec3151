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

/** @type {Record<string, (...values: any[]) => Tensor>} */
export const RECURRENT = { recurrence };
