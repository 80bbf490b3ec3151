import assert from "node:assert/strict";
import test from "node:test";

import { Conversation } from "../../convrnn_lab/explorer/web/conversation.js";

/** A conversation whose controls show `key`, and the questions that it sends. */
function conversation(key) {
  const sent = [];
  const channel = { pending: {}, send: (content) => sent.push(content) };
  const controls = { key: () => key.now, onChange: (moved) => { key.moved = moved; return () => {}; } };
  const drawing = { panelBox: { setAttribute() {} }, show: async () => {}, say() {} };
  return { sent, channel, it: new Conversation(channel, controls, drawing) };
}

test("the kernel is asked ahead until it has said all, and then left asleep", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const key = { now: "[1]" };
  const { sent, channel, it } = conversation(key);
  it.table.add("[1]", { patch: [], bytes: 0 });

  it.moved();
  t.mock.timers.tick(1000);
  assert.deepEqual(sent, [{ type: "fill", values: [1] }]);
  channel.pending.states({ states: [], done: true }, []);
  t.mock.timers.tick(10_000);

  assert.equal(sent.length, 1);
});

test("after a move, and after all states have become stale, it is asked ahead again", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const key = { now: "[1]" };
  const { sent, channel, it } = conversation(key);
  for (const known of ["[1]", "[2]"]) it.table.add(known, { patch: [], bytes: 0 });
  it.moved();
  t.mock.timers.tick(1000);
  channel.pending.states({ states: [], done: true }, []);

  key.now = "[2]";
  key.moved();
  t.mock.timers.tick(1000);
  assert.deepEqual(sent.slice(1), [{ type: "fill", values: [2] }]);
  channel.pending.states({ states: [], done: true }, []);
  await new Promise((resolve) => { setImmediate(resolve); });

  channel.pending.stale({}, []);
  assert.deepEqual(sent.slice(2), [{ type: "state", values: [2] }]);
  channel.pending.states({ states: [{ asked: ["[2]"], patch: [], bytes: 0 }] }, []);
  t.mock.timers.tick(1000);
  assert.deepEqual(sent.slice(3), [{ type: "fill", values: [2] }]);
});
