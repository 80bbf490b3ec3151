// @ts-check
/* What a reader drew or opened, made as large as what it stands for. */

/** @typedef {{shape: number[], data: Float32Array}} Picture brightness or ink of (height, width) */

const SIDE = 28; // pixels of MNIST's digits
const BOX = 20; // pixels of the ink in them
const CENTRE = 14.5; // where their mass lies: the middle of pixel 14
const FAINT = 0.1; // ink below this part of the darkest is the paper's

/**
 * Return weighted means along one axis: for each place its first source and the weights from there on.
 *
 * @typedef {{first: number, weights: number[]}[]} Means
 */

/** Every source counts by how much of it a place covers. @type {(start: number, span: number, count: number) => Means} */
function covering(start, span, count) {
  return Array.from({ length: count }, (_, place) => {
    const [from, to] = [start + (place * span) / count, start + ((place + 1) * span) / count];
    const first = Math.floor(from + 1e-9);
    const length = Math.max(1, Math.ceil(to - 1e-9) - first);
    const weights = Array.from({ length }, (__, each) => Math.min(to, first + each + 1) - Math.max(from, first + each));
    return { first, weights: weights.map((weight) => weight / (to - from)) };
  });
}

/** As Pillow's bilinear filter does, which digits are made with in Python. @param {number} size @param {number} count @returns {Means} */
function bilinear(size, count) {
  const scale = size / count;
  const support = Math.max(scale, 1);
  return Array.from({ length: count }, (_, place) => {
    const centre = (place + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - support + 0.5));
    const end = Math.min(size, Math.floor(centre + support + 0.5));
    const weights = Array.from({ length: end - first }, (__, each) =>
      Math.max(0, 1 - Math.abs((each + first - centre + 0.5) / support)));
    const total = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map((weight) => weight / total) };
  });
}

/** @param {Picture} picture @param {Means} down @param {Means} across @returns {Picture} */
function averaged({ shape: [rows, columns], data }, down, across) {
  const rowsOf = new Float32Array(rows * across.length);
  const result = new Float32Array(down.length * across.length);
  across.forEach(({ first, weights }, column) => {
    for (let row = 0; row < rows; row += 1) {
      rowsOf[row * across.length + column] = weights.reduce((sum, weight, each) => sum + weight * data[row * columns + first + each], 0);
    }
  });
  down.forEach(({ first, weights }, row) => {
    for (let column = 0; column < across.length; column += 1) {
      result[row * across.length + column] = weights.reduce(
        (sum, weight, each) => sum + weight * rowsOf[(first + each) * across.length + column], 0);
    }
  });
  return { shape: [down.length, across.length], data: result };
}

/**
 * Return the middle of a picture, as large as it can be in this form, reduced or enlarged to a size.
 *
 * @param {Picture} picture
 * @param {number[]} shape height and width
 */
export function reduced(picture, [height, width]) {
  const [rows, columns] = picture.shape;
  const scale = Math.min(rows / height, columns / width);
  const [tall, wide] = [height * scale, width * scale];
  return averaged(picture, covering((rows - tall) / 2, tall, height), covering((columns - wide) / 2, wide, width));
}

/** Return where the ink lies: the first row and column that has some, and the ends. @param {Picture} picture */
function inked({ shape: [rows, columns], data }) {
  const found = { top: rows, bottom: 0, left: columns, right: 0 };
  for (let row = 0, at = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1, at += 1) {
      if (!(data[at] > FAINT)) continue;
      found.top = Math.min(found.top, row);
      found.bottom = row + 1;
      found.left = Math.min(found.left, column);
      found.right = Math.max(found.right, column + 1);
    }
  }
  return found;
}

/** Where on the canvas an axis begins whose centre of mass comes to the middle. @param {number[]} mass */
function centred(mass) {
  const total = mass.reduce((a, b) => a + b, 0);
  const centre = mass.reduce((sum, each, place) => sum + each * (place + 0.5), 0) / total;
  return Math.min(Math.max(Math.floor(CENTRE - centre + 0.5), 0), SIDE - mass.length);
}

/** Return the ink of a picture, as parts of the darkest; the ground is what most of the border shows. @param {Picture} picture */
function inkIn({ shape: [rows, columns], data }) {
  const border = [];
  for (let column = 0; column < columns; column += 1) border.push(data[column], data[(rows - 1) * columns + column]);
  for (let row = 0; row < rows; row += 1) border.push(data[row * columns], data[(row + 1) * columns - 1]);
  const ground = border.sort((a, b) => a - b)[Math.floor((border.length - 1) / 2)]; // the lower of two, as torch has it
  let [low, high] = [data[0], data[0]];
  for (const value of data) [low, high] = [Math.min(low, value), Math.max(high, value)];
  const [sign, most] = ground > (low + high) / 2 ? [-1, Math.fround(ground - low)] : [1, Math.fround(high - ground)];
  return data.map((value) => (most > 0 ? Math.fround(Math.max(0, sign * (value - ground))) / most : 0));
}

/** Return the sums over rows and over columns. @param {Picture} picture */
function massOf({ shape: [rows, columns], data }) {
  const [down, across] = [Array(rows).fill(0), Array(columns).fill(0)];
  data.forEach((value, at) => {
    down[Math.floor(at / columns)] += value;
    across[at % columns] += value;
  });
  return [down, across];
}

/**
 * Return a drawn digit as one of MNIST, as `data.as_digit` does: 28 × 28, its mass in the middle, 0 to 1.
 *
 * @param {Picture} picture dark ink on a light ground, or the reverse
 * @returns {Picture}
 */
export function asDigit(picture) {
  const { shape: [rows, columns] } = picture;
  const result = { shape: [SIDE, SIDE], data: new Float32Array(SIDE * SIDE) };
  const ink = inkIn(picture);
  const { top, bottom, left, right } = inked({ shape: [rows, columns], data: ink });
  if (bottom === 0) return result;
  const [tall, wide] = [bottom - top, right - left];
  const cut = new Float32Array(tall * wide);
  for (let row = 0; row < tall; row += 1) {
    const start = (top + row) * columns + left;
    cut.set(ink.subarray(start, start + wide), row * wide);
  }
  const [height, width] = [tall, wide].map((side) => Math.max(1, roundHalfEven((side * BOX) / Math.max(tall, wide))));
  const box = averaged({ shape: [tall, wide], data: cut }, bilinear(tall, height), bilinear(wide, width));
  const [down, across] = massOf(box).map(centred);
  for (let row = 0; row < height; row += 1) {
    result.data.set(box.data.subarray(row * width, (row + 1) * width), (down + row) * SIDE + across);
  }
  return result;
}

/** @param {number} value */
function roundHalfEven(value) {
  const low = Math.floor(value);
  if (value - low !== 0.5) return Math.round(value);
  return low % 2 ? low + 1 : low;
}
