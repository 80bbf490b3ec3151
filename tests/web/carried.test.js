import assert from "node:assert/strict";
import test from "node:test";

import { asLetters, fromLetters } from "../../convrnn_lab/explorer/web/carried.js";
import { brought, carrying, linkOf, readLink } from "../../convrnn_lab/explorer/web/share.js";

const tensor = (shape, numbers) => ({ shape, data: Float32Array.from(numbers) });
const WEIGHT = { name: "weight", by: "numbers" };
const PICTURE = { name: "image", by: "picture", low: -1, high: 1 };
const DIGIT = { name: "input", by: "digit" };

test("weights come back in every digit, and stand in an address as they are", () => {
  const weight = tensor([2, 4], [-1, 0.3, 1 / 3, 2e-7, 9.9e37, -1e-44, 0.054488685, 0]);

  const letters = asLetters(weight, WEIGHT);

  assert.equal(letters.slice(0, 20), "2x4_-1_0.3_0.3333333");
  assert.deepEqual(fromLetters(letters, WEIGHT, [2, 4]), weight);
  assert.deepEqual(readLink(linkOf(1, [["given.weight", letters]])).values, [["given.weight", letters]]);
});

test("a picture comes back within half of a 255th of its range, and the second time in every digit", () => {
  const picture = tensor([16, 16], Array.from({ length: 256 }, (_, at) => Math.sin(at)));

  const letters = asLetters(picture, PICTURE);
  const back = fromLetters(letters, PICTURE, [16, 16]);

  assert.match(letters, /^16x16_[\w-]{342}$/);
  back.data.forEach((value, at) => assert.ok(Math.abs(value - picture.data[at]) < 1.001 / 255));
  assert.equal(asLetters(back, PICTURE), letters);
  assert.equal(asLetters(tensor([1, 1, 28, 28], Array(784).fill(1)), DIGIT).length, 1056);
});

for (const letters of [
  "", "2x2", "2x2_", "2x2_1_2_3", "2x2_1_2_3_4_5", "4_1_2_3_4", "2x2x1_1_2_3_4", "2x2_1_2_3_NaN", "2x2_1_2_3_1e38", "2x2_1_2_3_-1e999",
  "2x2_1_2_3_Infinity", "2x2_1_2_3_0x10", "2x2_1_2_3_", "2x2_1_2_ 3_4", "2x2_1_2_3_<img src=x>", "2x2_1,2,3,4", "-2x-2_1_2_3_4",
]) {
  test(`these are no weights: ${letters}`, () => assert.equal(fromLetters(letters, WEIGHT, [2, 2]), null));
}

for (const letters of [
  "", "2x2_", "2x2_AAA", "2x2_AAAAAAAA", "2x2_AAAAA=", "2x2_\u{1F600}", "2x2_<b>AAA", "3x2_AAAAAA", "2x2_1_2_3_4_5_6",
]) {
  test(`these are no picture: ${letters}`, () => assert.equal(fromLetters(letters, PICTURE, [2, 2]), null));
}

test("a link holds what fits, the smallest first, and names what does not", () => {
  const small = { name: "given.weight", letters: "3_1_2_3", word: "your weights" };
  const large = { name: "given.image", letters: "A".repeat(7900), word: "your picture" };

  const alone = carrying(1, [["stride", 2]], [{ ...large, letters: "A".repeat(7000) }]);
  const { hash, lost } = carrying(1, [["stride", 2], ["image", "x".repeat(100)]], [large, small]);

  assert.deepEqual([alone.lost, alone.hash.length], [[], 7031]);
  assert.deepEqual(lost, ["your picture"]);
  assert.deepEqual(readLink(hash).values.map(([name]) => name), ["stride", "image", "given.weight"]);
});

test("a figure says in one sentence what it does not take", () => {
  const original = (name) => ({ weight: tensor([1, 2], [1, 2]), image: tensor([2, 2], [0, 0, 0, 0]) })[name];
  const editing = { takes: () => new Map([["weight", WEIGHT], ["image", PICTURE]]), givens: { original } };
  const said = (name, letters) => brought(editing, new Map([["weight", "1x2_3_4"], [name, letters]])).problem;

  assert.deepEqual(brought(editing, new Map([["weight", "1x2_3_4"]])).arrays, { weight: tensor([1, 2], [3, 4]) });
  assert.equal(said("weight", "2x2_1_2_3_4"), "The link brings weights that this figure does not take; it stays as it is.");
  assert.equal(said("image", "<b>"), "The link brings a picture that this figure does not take; it stays as it is.");
  assert.equal(said("__proto__", "1"), "The link brings “__proto__” that this figure does not take; it stays as it is.");
});

const LINE = { name: "text", by: "line", alphabet: "abc", most: 4 };

test("a typed line comes back, whatever the length of the text that it stands for", () => {
  const line = tensor([3], [2, 0, 1]);
  assert.equal(asLetters(line, LINE), "3_2_0_1");
  assert.deepEqual(fromLetters("3_2_0_1", LINE, [256]), line);
});

for (const letters of ["", "0", "1", "2_1", "1_3", "1_-1", "1_0.5", "5_1_1_1_1_1", "2_1_", "1_NaN", "3x1_1_1_1", "1_<b>"]) {
  test(`this is no line: ${letters}`, () => assert.equal(fromLetters(letters, LINE, [1]), null));
}
