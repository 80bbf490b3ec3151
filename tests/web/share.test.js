import assert from "node:assert/strict";
import test from "node:test";

import { PageSettings } from "../../convrnn_lab/explorer/web/page.js";
import { follow, linkOf, readLink } from "../../convrnn_lab/explorer/web/share.js";

test("what a link says is what it was made of, whatever the names and values are", () => {
  const values = [["image", "a & b=c?#%"], ["kernel_size", 3], ["padding", "same"], ["<b>", "\n\u{1F600}"]];

  const read = readLink(new URL(linkOf(2, values), "file:///page.html").hash);

  assert.deepEqual(read, { figure: 2, values: values.map(([name, value]) => [name, String(value)]) });
});

for (const hash of ["", "#", "#part-2", "#figure-0?a=1", "#figure-1", "#figure-99999?a=1", `#figure-1?a=${"x".repeat(9000)}`]) {
  test(`a link that is none of ours is none: ${hash.slice(0, 20)}`, () => assert.equal(readLink(hash), null));
}

const DECLARED = [
  { name: "size", label: "size", slider: true },
  { name: "padding", label: "padding", slider: true, order: ["0", "1", "same"] },
];
const KEYS = [[1, "0"], [1, "same"], [3, "0"], [3, "1"], [3, "same"]];

/** Settings of a page that is told to follow a link. */
function controls() {
  const settings = new PageSettings(DECLARED, KEYS, [1, "0"]);
  return {
    get: (name) => settings.values[settings.index(name)],
    offered: (name) => settings.tokens[settings.index(name)],
    set: (moves) => settings.set(moves),
    key: () => settings.key(),
  };
}

test("a link is followed to what only another of its settings makes possible", () => {
  const it = controls();

  assert.equal(follow(it, ["size", "padding"], new Map([["padding", "1"], ["size", "3"]])), "");
  assert.equal(it.key(), '[3,"1"]');
});

test("a value that is not there is named, shortly", () => {
  assert.equal(
    follow(controls(), ["size", "padding"], new Map([["padding", "1"]])),
    "The link asks for padding “1”, which this figure does not have; it stays as it is.",
  );
  assert.equal(
    follow(controls(), ["size"], new Map([["size", "<img src=x>".repeat(20)]])),
    "The link asks for size “<img src=x><img src=x><img src=x><img sr…”, which this figure does not have; it stays as it is.",
  );
});
