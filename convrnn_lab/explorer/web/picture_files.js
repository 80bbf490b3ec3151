// @ts-check
/* Pictures that a reader opens: measured before the browser takes memory for their pixels. */

const MOST_PIXELS = 24e6; // of a picture that is opened: 96 MB while it is made small
const HEAD_BYTES = 1 << 20; // where the size of a picture stands, behind what a camera writes

/** @typedef {{width: number, height: number}} Size */

/** @param {DataView} head @param {number} at @param {string} letters */
const says = (head, at, letters) => [...letters].every((letter, place) =>
  at + place < head.byteLength && head.getUint8(at + place) === letter.charCodeAt(0));

/** Walk through the parts of a JPEG to the one with its size. @param {DataView} head @returns {Size} */
function jpegSize(head) {
  let at = 2;
  for (;;) {
    const kind = head.getUint8(at + 1);
    const frame = kind >= 0xc0 && kind <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(kind);
    if (frame) return { width: head.getUint16(at + 7), height: head.getUint16(at + 5) };
    at += kind === 0xff ? 1 : 2 + head.getUint16(at + 2);
  }
}

/** @param {DataView} head @returns {Size} */
function webpSize(head) {
  if (says(head, 12, "VP8X")) {
    const side = (/** @type {number} */ at) => 1 + head.getUint16(at, true) + 65536 * head.getUint8(at + 2);
    return { width: side(24), height: side(27) };
  }
  if (says(head, 12, "VP8L")) {
    const bits = head.getUint32(21, true);
    return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >> 14) & 0x3fff) };
  }
  return { width: head.getUint16(26, true) & 0x3fff, height: head.getUint16(28, true) & 0x3fff };
}

/** How a file of a kind begins, and where its size stands. @type {[(head: DataView) => boolean, (head: DataView) => Size][]} */
const PICTURE_KINDS = [
  [(head) => says(head, 1, "PNG\r\n"), (head) => ({ width: head.getUint32(16), height: head.getUint32(20) })],
  [(head) => says(head, 0, "GIF8"), (head) => ({ width: head.getUint16(6, true), height: head.getUint16(8, true) })],
  [(head) => says(head, 0, "BM"), (head) => ({ width: head.getInt32(18, true), height: Math.abs(head.getInt32(22, true)) })],
  [(head) => says(head, 0, "RIFF") && says(head, 8, "WEBP"), webpSize],
  [(head) => says(head, 0, "\xff\xd8\xff"), jpegSize],
];

/** Return the size of a picture from the beginning of its file; null where that is no picture. @param {ArrayBuffer} bytes */
export function pictureSize(bytes) {
  const head = new DataView(bytes);
  try {
    return PICTURE_KINDS.find(([begins]) => begins(head))?.[1](head) ?? null;
  } catch { // it ends before its size
    return null;
  }
}

/**
 * Return why a file cannot be opened as a picture, in a sentence; nothing where it can.
 *
 * @param {string} name
 * @param {Size | null} size
 */
export function pictureProblem(name, size) {
  if (!size || !(size.width > 0) || !(size.height > 0)) return `${name} is no picture that the browser can read`;
  if (size.width * size.height <= MOST_PIXELS) return "";
  return `${name} has ${size.width} × ${size.height} pixels; at most ${MOST_PIXELS / 1e6} million can be opened`;
}

/**
 * Open a picture; of a moving one the first frame.
 *
 * @param {File} file
 * @returns {Promise<ImageBitmap>}
 * @throws an Error with a sentence for the reader
 */
export async function openPicture(file) {
  const problem = pictureProblem(file.name, pictureSize(await file.slice(0, HEAD_BYTES).arrayBuffer()));
  if (problem) throw new Error(problem);
  try {
    return await createImageBitmap(file);
  } catch { // its beginning is that of a picture, and the rest is not
    throw new Error(pictureProblem(file.name, null));
  }
}
