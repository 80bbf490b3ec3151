import assert from "node:assert/strict";
import test from "node:test";

import { gru, lstm, rnn } from "../../convrnn_lab/explorer/web/kernels_recurrent.js";

const tensor = (shape, values) => ({ shape, data: Float32Array.from(values) });
const zeros = (...shape) => tensor(shape, Array(shape.reduce((a, b) => a * b, 1)).fill(0));
const holds = (result, shape, values) => assert.deepEqual([result.shape, [...result.data]], [shape, values.map(Math.fround)]);
const weights = (gates, ends = ["_l0"]) => Object.fromEntries(ends.flatMap((end) =>
  [[`weight_ih${end}`, tensor([gates, 1], Array(gates).fill(1))], [`weight_hh${end}`, tensor([gates, 1], Array(gates).fill(1))]]));
const one = tensor([1, 3, 1], [1, 0, 0]);

test("an RNN with weights of one keeps what came in", () => {
  const run = rnn(one, weights(1), { nonlinearity: "relu" });

  holds(run.output, [1, 3, 1], [1, 1, 1]);
  holds(run.hidden, [1, 1, 3, 1, 1], [1, 1, 1]);
  assert.deepEqual([run.cell, run.gates], [null, {}]);
});

test("the reverse direction starts at the end, and stands behind the forward one", () => {
  const run = rnn(one, weights(1, ["_l0", "_l0_reverse"]), { nonlinearity: "relu" });

  holds(run.output, [1, 3, 2], [1, 1, 1, 0, 1, 0]);
  holds(run.hidden, [1, 2, 3, 1, 1], [1, 1, 1, 1, 0, 0]);
});

test("a layer reads the states of the one below", () => {
  const run = rnn(one, weights(1, ["_l0", "_l1"]), { nonlinearity: "relu" });

  holds(run.output, [1, 3, 1], [1, 2, 3]);
  holds(run.hidden, [2, 1, 3, 1, 1], [1, 1, 1, 1, 2, 3]);
});

test("first states and both biases are added", () => {
  const biased = { ...weights(1), bias_ih_l0: tensor([1], [10]), bias_hh_l0: tensor([1], [100]) };

  holds(rnn(tensor([1, 1], [1]), biased, { nonlinearity: "relu", state: tensor([1, 1], [1000]) }).output, [1, 1], [1111]);
});

test("an LSTM's gates let half of everything pass at zero", () => {
  const run = lstm(zeros(1, 1), weights(4), { cell: tensor([1, 1], [2]) });

  holds(run.cell, [1, 1, 1, 1, 1], [1]);
  holds(run.hidden, [1, 1, 1, 1, 1], [Math.tanh(1) / 2]);
  assert.deepEqual(Object.entries(run.gates).map(([name, { data }]) => [name, data[0]]),
    [["input", 0.5], ["forget", 0.5], ["candidate", 0], ["output", 0.5]]);
});

test("a GRU resets what it was told before the new state is made", () => {
  const sure = { weight_ih_l0: tensor([3, 1], [0, 0, 0]), weight_hh_l0: tensor([3, 1], [0, 0, 1]) };
  const run = gru(zeros(1, 1), sure, { state: tensor([1, 1], [2]) });

  holds(run.gates.new, [1, 1, 1, 1, 1], [Math.tanh(1)]);
  holds(run.hidden, [1, 1, 1, 1, 1], [1 + Math.tanh(1) / 2]);
});

const refusals = [
  [() => rnn(zeros(3), weights(1)), "input must be of shape (batch, time, feature) or (time, feature); got (3,)"],
  [() => rnn(zeros(0, 1), weights(1)), "input must be of at least one step; got (0, 1)"],
  [() => rnn(zeros(2, 3), weights(1)), "weight_ih_l0 must be of shape (1, 3); got (1, 1)"],
  [() => rnn(zeros(2, 1), {}), "weights must be of at least one layer with one unit; got ()"],
  [() => lstm(zeros(2, 1), weights(3)), "weight_ih_l0 must be of shape (4, 1); got (3, 1)"],
  [() => gru(zeros(2, 1), { ...weights(3), weight_hr_l0: zeros(1, 1) }),
    'weights must be named weight_ih_l0 weight_hh_l0; got ("weight_ih_l0", "weight_hh_l0", "weight_hr_l0")'],
  [() => rnn(zeros(2, 2, 1), weights(1), { state: zeros(1, 1, 1) }), "state must be of shape (1, 2, 1); got (1, 1, 1)"],
  [() => lstm(zeros(2, 1), weights(4), { cell: zeros(2, 1) }), "cell must be of shape (1, 1); got (2, 1)"],
  [() => rnn(zeros(2, 1), weights(1), { nonlinearity: "sin" }), 'nonlinearity must be "tanh" or "relu"; got "sin"'],
  [() => gru(zeros(2, 1), weights(3), { cell: zeros(1, 1) }), 'settings must be among state; got "cell"'],
];

for (const [call, message] of refusals) test(`refused: ${message}`, () => assert.throws(call, { message }));
