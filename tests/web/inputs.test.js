import assert from "node:assert/strict";
import test from "node:test";

import { knownDrawing } from "../../convrnn_lab/explorer/web/inputs.js";
import { pictureProblem, pictureSize } from "../../convrnn_lab/explorer/web/picture_files.js";

/** Bytes from numbers and texts. */
const bytesFrom = (...parts) => Uint8Array.from(parts.flatMap((part) =>
  (typeof part === "string" ? [...part].map((letter) => letter.charCodeAt(0)) : [part]))).buffer;

const FILES = {
  png: [["\x89PNG\r\n\x1a\n", "\0\0\0\rIHDR", 0, 0, 0x1f, 0x40, 0, 0, 0x13, 0x88], { width: 8000, height: 5000 }],
  gif: [["GIF89a", 0x40, 1, 0xf0, 0], { width: 320, height: 240 }],
  bmp: [["BM", ..."\0".repeat(16), 3, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff], { width: 3, height: 2 }],
  jpeg: [["\xff\xd8\xff\xe0", 0, 4, 7, 7, 0xff, 0xc4, 0, 3, 9, 0xff, 0xc2, 0, 11, 8, 0, 16, 1, 0], { width: 256, height: 16 }],
  "webp with parts": [["RIFF....WEBPVP8X", ..."\0".repeat(8), 0x3f, 0x1f, 0, 0x87, 0x13, 0], { width: 8000, height: 5000 }],
  "webp without loss": [["RIFF....WEBPVP8L....", 0x2f, 0x09, 0x40, 0x02, 0], { width: 10, height: 10 }],
  webp: [["RIFF....WEBPVP8 ", ..."\0".repeat(10), 0x10, 0, 0x20, 0], { width: 16, height: 32 }],
};

for (const [kind, [parts, size]] of Object.entries(FILES)) {
  test(`the size of a picture is read before its pixels are: ${kind}`, () => {
    assert.deepEqual(pictureSize(bytesFrom(...parts)), size);
  });
}

for (const text of ["", "B", "hello, I am text", "\x89PNG\r\n", "\xff\xd8\xff\xe0", "RIFF....WEBPVP8L"]) {
  test(`what has no size is no picture: ${JSON.stringify(text)}`, () => assert.equal(pictureSize(bytesFrom(text)), null));
}

test("a picture of 40 million pixels is refused, and one of a camera is not", () => {
  assert.equal(
    pictureProblem("large.png", { width: 8000, height: 5000 }),
    "large.png has 8000 × 5000 pixels; at most 24 million can be opened",
  );
  assert.equal(pictureProblem("photo.jpg", { width: 4000, height: 3000 }), "");
  assert.equal(pictureProblem("notes.png", null), "notes.png is no picture that the browser can read");
  assert.equal(pictureProblem("empty.gif", { width: 0, height: 9 }), "empty.gif is no picture that the browser can read");
});

test("a drawing is known to the other fields for the same thing, and to those that come later", () => {
  const taken = [];
  const [one, other, picture] = [{}, {}, {}];
  const first = knownDrawing("a digit", one, (drawing) => taken.push(["one", drawing]));
  knownDrawing("a digit", other, (drawing) => taken.push(["other", drawing]));
  knownDrawing("a picture", picture, (drawing) => taken.push(["picture", drawing]));

  assert.equal(first.drawing, null);
  first.tell(one, "a three");

  assert.deepEqual(taken, [["other", "a three"]]);
  assert.equal(knownDrawing("a digit", {}, () => {}).drawing, "a three");
  assert.equal(knownDrawing("a picture", {}, () => {}).drawing, null);
});
