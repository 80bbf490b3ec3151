import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { judged } from "../../convrnn_lab/explorer/web/answers.js";
import { Answers, spoken } from "../../convrnn_lab/explorer/web/questions.js";

const { questions, cases } = JSON.parse(readFileSync(new URL("answer_cases.json", import.meta.url), "utf-8"));

test("answers are judged by the rules of Python", () => {
  for (const [name, answer, verdict] of cases) {
    assert.equal(judged(questions[name], answer), verdict, `${name}: ${JSON.stringify(answer)}`);
  }
});

test("a wrong answer gets the hint, a right one the reason, and one that cannot be read its form", () => {
  const question = { ...questions.thirteen, hint: "Count the steps.", reason: "4 · 3 + 1 = 13.", form: "Write a number." };

  assert.equal(spoken(question, "12"), "Not yet, but a guess is a good start. Count the steps.");
  assert.equal(spoken(question, "13"), "Right. 4 · 3 + 1 = 13.");
  assert.equal(spoken(question, "many"), "Write a number.");
  assert.equal(spoken(question, " "), "Write your answer into the field first.");
  assert.equal(spoken({ ...question, choices: ["a", "b"], right: "a" }, ""), "Choose an answer first.");
});

test("answers are kept in the page, and not at all where the browser refuses", (t) => {
  const store = new Map();
  globalThis.sessionStorage = { getItem: (key) => store.get(key) ?? null, setItem: (key, value) => store.set(key, value) };
  t.after(() => delete globalThis.sessionStorage);
  const answers = new Answers("pooling");

  answers.set("height", "15");
  assert.equal(answers.get("height"), "15");
  assert.equal(new Answers("cnn").get("height"), "");

  const refuse = () => { throw new Error("refused"); };
  globalThis.sessionStorage = { getItem: refuse, setItem: refuse };
  answers.set("height", "14");
  assert.equal(answers.get("height"), "");
});
