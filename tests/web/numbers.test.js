import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { cellText, nearest, number } from "../../convrnn_lab/explorer/web/numbers.js";

const cases = JSON.parse(readFileSync(new URL("number_cases.json", import.meta.url), "utf-8"));

for (const [value, significant, text] of cases.number) {
  test(`${value} with ${significant} digits is written as Python writes it`, () => {
    assert.equal(number(Number(value), significant), text);
  });
}

for (const [wanted, offered, found] of cases.nearest) {
  test(`nearest to ${wanted} among ${offered} is the value that Python takes`, () => {
    assert.equal(nearest(wanted, offered), found);
  });
}

test("a cell has its decimal places, without zeros at the end", () => {
  assert.equal(cellText(0.125, 2, 3), "0.13");
  assert.equal(cellText(-0.5, 3, 3), "−0.5");
  assert.equal(cellText(-0.001, 2, 3), "0");
  assert.equal(cellText(7, 2, 3), "7");
});

test("a small cell drops the zero before the point, and no other digit", () => {
  assert.equal(cellText(0.25, 2, 7), ".25");
  assert.equal(cellText(-0.25, 2, 7), "−.25");
  assert.equal(cellText(10.25, 2, 7), "10.25");
  assert.equal(cellText(0, 2, 7), "0");
});

test("a cell says what is no number, and shortens what is large", () => {
  assert.equal(cellText(NaN, 3, 3), "NaN");
  assert.equal(cellText(Infinity, 3, 3), "∞");
  assert.equal(cellText(-Infinity, 3, 7), "−∞");
  assert.equal(cellText(-3218079744, 3, 3), "−3.2e9");
  assert.equal(cellText(9999.5, 1, 3), "9999.5");
});
