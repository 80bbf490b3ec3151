// @ts-check
/* RNN, LSTM and GRU as PyTorch has them, with the states and gates of every step. */

import { checkNames, checkRank, checkShape, doubles, logistic, multiply, must, tensorOf } from "./kernels_tensor.js";

/**
 * @typedef {import("./kernels_tensor.js").Tensor} Tensor
 * @typedef {{state?: Tensor | null, cell?: Tensor | null, nonlinearity?: "tanh" | "relu"}} RecurrentSettings
 *   first states (layer * direction, batch, unit), without the batch if the input has none; zeros by default
 *
 * @typedef {object} Recurrence
 * @property {Tensor} output (batch, time, direction * unit): the last layer
 * @property {Tensor} hidden (layer, direction, time, batch, unit)
 * @property {Tensor | null} cell as `hidden`, of an LSTM
 * @property {Record<string, Tensor>} gates as `hidden`; by the names of `trace.recurrence`
 *
 * @typedef {(sums: Float64Array, fromState: Float64Array, state: Float64Array, cell: Float64Array) => void} Step
 *   changes state and cell, and leaves the gates in the sums
 * @typedef {{gates: string[], step: Step}} Kind
 */

/** @type {(each: (x: number) => number) => Kind} */
const rnnKind = (each) => ({
  gates: ["hidden"],
  step(sums, fromState, state) {
    for (let unit = 0; unit < state.length; unit++) state[unit] = sums[unit] = each(sums[unit] + fromState[unit]);
  },
});

/** @type {Kind} */
const LSTM = {
  gates: ["input", "forget", "candidate", "output"],
  step(sums, fromState, state, cell) {
    const size = state.length;
    for (let at = 0; at < 4 * size; at++) {
      const sum = sums[at] + fromState[at];
      sums[at] = at >= 2 * size && at < 3 * size ? Math.tanh(sum) : logistic(sum);
    }
    for (let unit = 0; unit < size; unit++) {
      cell[unit] = sums[size + unit] * cell[unit] + sums[unit] * sums[2 * size + unit];
      state[unit] = sums[3 * size + unit] * Math.tanh(cell[unit]);
    }
  },
};

/** @type {Kind} */
const GRU = {
  gates: ["reset", "update", "new"],
  step(sums, fromState, state) {
    const size = state.length;
    for (let unit = 0; unit < size; unit++) {
      const [reset, update] = [unit, unit + size].map((at) => (sums[at] = logistic(sums[at] + fromState[at])));
      const fresh = sums[unit + 2 * size] = Math.tanh(sums[unit + 2 * size] + reset * fromState[unit + 2 * size]);
      state[unit] = (1 - update) * fresh + update * state[unit];
    }
  },
};

/**
 * Return layers, directions and units.
 *
 * @type {(weights: Record<string, Tensor>, features: number, gates: number) => number[]} weights by PyTorch's names
 */
const readWeights = (weights, features, gates) => {
  const names = Object.keys(weights);
  const has = (/** @type {string} */ part) => names.some((name) => name.includes(part));
  const [layers, directions] = [names.filter((name) => /^weight_hh_l\d+$/.test(name)).length, has("_reverse") ? 2 : 1];
  const units = weights.weight_hh_l0?.shape.at(-1) ?? 0;
  must(units > 0, "weights", "of at least one layer with one unit", names);
  const expected = new Map();
  for (let place = 0; place < layers * directions; place++) {
    const layer = Math.floor(place / directions);
    const end = `_l${layer}${place % directions ? "_reverse" : ""}`;
    expected.set(`weight_ih${end}`, [gates * units, layer === 0 ? features : directions * units]);
    expected.set(`weight_hh${end}`, [gates * units, units]);
    if (has("bias")) for (const name of ["bias_ih", "bias_hh"]) expected.set(name + end, [gates * units]);
  }
  const alike = names.length === expected.size && names.every((name) => expected.has(name));
  must(alike, "weights", `named ${[...expected.keys()].join(" ")}`, names);
  for (const [name, shape] of expected) checkShape(name, weights[name], shape);
  return [layers, directions, units];
};

/** @type {(kind: Kind, input: Tensor, weights: Record<string, Tensor>, settings: RecurrentSettings) => Recurrence} */
const recur = ({ gates: names, step }, input, weights, settings) => {
  checkRank("input", input, [2, 3], "(batch, time, feature) or (time, feature)");
  const [time, features] = input.shape.slice(-2);
  const [lead, batch] = [input.shape.slice(0, -2), input.shape.length === 3 ? input.shape[0] : 1];
  must(time > 0, "input", "of at least one step", input.shape);
  const [layers, directions, units] = readWeights(weights, features, names.length);
  for (const name of /** @type {const} */ (["state", "cell"])) {
    const first = settings[name];
    if (first) checkShape(name, first, [layers * directions, ...lead, units]);
  }
  const make = () => tensorOf([layers, directions, time, batch, units]);
  const [hidden, cells, gates] = [make(), make(), names.map(make)];
  const [sums, fromState] = [new Float64Array(names.length * units), new Float64Array(names.length * units)];
  let [values, width] = [doubles(input), features];
  for (let layer = 0; layer < layers; layer++) {
    const next = new Float64Array(batch * time * directions * units);
    for (let direction = 0; direction < directions; direction++) {
      const end = `_l${layer}${direction ? "_reverse" : ""}`;
      const [wx, wh] = ["weight_ih", "weight_hh"].map((name) => doubles(weights[name + end]));
      const [bx, bh] = ["bias_ih", "bias_hh"].map((name) => (name + end in weights ? doubles(weights[name + end]) : null));
      for (let sequence = 0; sequence < batch; sequence++) {
        const place = ((layer * directions + direction) * batch + sequence) * units;
        const [state, cell] = [settings.state, settings.cell].map((first) =>
          first ? Float64Array.from(first.data.subarray(place, place + units)) : new Float64Array(units));
        for (let turn = 0; turn < time; turn++) {
          const now = direction ? time - 1 - turn : turn;
          multiply(sums, wx, bx, values, (sequence * time + now) * width);
          multiply(fromState, wh, bh, state, 0);
          step(sums, fromState, state, cell);
          const at = (((layer * directions + direction) * time + now) * batch + sequence) * units;
          hidden.data.set(state, at);
          cells.data.set(cell, at);
          gates.forEach(({ data }, gate) => data.set(sums.subarray(gate * units, (gate + 1) * units), at));
          next.set(state, ((sequence * time + now) * directions + direction) * units);
        }
      }
    }
    [values, width] = [next, directions * units];
  }
  const named = names.length > 1 ? Object.fromEntries(names.map((name, gate) => [name, gates[gate]])) : {};
  return { output: tensorOf([...lead, time, directions * units], values), hidden, cell: names.length === 4 ? cells : null, gates: named };
};

/** @typedef {(input: Tensor, weights: Record<string, Tensor>, settings?: RecurrentSettings) => Recurrence} Recurrent */

/** @type {Recurrent} */
export const rnn = (input, weights, settings = {}) => {
  checkNames(settings, "state nonlinearity");
  const { nonlinearity = "tanh" } = settings;
  must(["tanh", "relu"].includes(nonlinearity), "nonlinearity", '"tanh" or "relu"', nonlinearity);
  return recur(rnnKind(nonlinearity === "tanh" ? Math.tanh : (x) => (x < 0 ? 0 : x)), input, weights, settings);
};

/** @type {Recurrent} */
export const lstm = (input, weights, settings = {}) => {
  checkNames(settings, "state cell");
  return recur(LSTM, input, weights, settings);
};

/** @type {Recurrent} */
export const gru = (input, weights, settings = {}) => {
  checkNames(settings, "state");
  return recur(GRU, input, weights, settings);
};
