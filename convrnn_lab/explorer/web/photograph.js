// @ts-check
/* A small picture of a figure, which a saved notebook shows while it has no kernel. */

import { SVG, XHTML } from "./addresses.js";
import { make } from "./marks.js";

const WIDTH = 640; // pixels of the picture
const QUALITY = 0.7;
const REST_BEFORE_MS = 1500; // how long a figure rests before it is taken

/** Return the style rules of explorers, wherever the front end has put them. */
function rules() {
  const texts = [...document.styleSheets].flatMap((sheet) => {
    try {
      return [...sheet.cssRules].map(({ cssText }) => cssText);
    } catch { // of another site
      return [];
    }
  });
  return texts.filter((text) => text.includes(".convrnn-lab")).join("\n");
}

/** Return a copy of an element, with pictures in place of its canvases. @param {any} element */
function copied(element) {
  const copy = element.cloneNode(true);
  const canvases = element.querySelectorAll("canvas");
  copy.querySelectorAll("canvas").forEach((/** @type {any} */ place, /** @type {number} */ index) => {
    const picture = make("img", { src: canvases[index].toDataURL(), class: place.className, style: place.getAttribute("style") ?? "" });
    place.replaceWith(picture);
  });
  return copy;
}

/** Return the colour that an element stands on. @param {any} element @returns {string} */
function groundOf(element) {
  for (let each = element; each; each = each.parentElement) {
    const { backgroundColor } = getComputedStyle(each);
    if (!/^(transparent|rgba\(.*, 0\))$/.test(backgroundColor)) return backgroundColor;
  }
  return "white";
}

/** Return a figure as a drawing that holds all that it needs. @param {any} figure @param {{width: number, height: number}} box */
function drawingOf(figure, { width, height }) {
  const style = `width:${width}px;background:${groundOf(figure)}`;
  const page = make("div", { class: "convrnn-lab", xmlns: XHTML, style }, copied(figure));
  page.prepend(make("style", {}, rules()));
  const body = new XMLSerializer().serializeToString(page);
  return `<svg xmlns="${SVG}" width="${width}" height="${height}"><foreignObject width="100%" height="100%">${body}</foreignObject></svg>`;
}

/**
 * Return a picture of a figure; null where it is not on the screen, or the browser cannot.
 *
 * @param {any} figure
 * @returns {Promise<ArrayBuffer | null>} in the format WebP
 */
export async function photograph(figure) {
  const box = figure.getBoundingClientRect();
  if (!box.width || !box.height) return null;
  try {
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(drawingOf(figure, box))}`;
    await image.decode();
    const scale = Math.min(1, WIDTH / box.width);
    const canvas = make("canvas", { width: Math.round(box.width * scale), height: Math.round(box.height * scale) });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((resolve) => { canvas.toBlob(resolve, "image/webp", QUALITY); });
    return blob && await /** @type {Blob} */ (blob).arrayBuffer();
  } catch { // a browser that keeps drawings with pages in them to itself
    return null;
  }
}

/**
 * Give a picture of a figure on whenever the figure has changed and rests; return what ends that.
 *
 * @param {{grid: any, panelBox: any}} drawing
 * @param {(picture: ArrayBuffer) => void} give
 */
export function keepPicture({ grid, panelBox }, give) {
  /** @type {any} */
  let timer = null;
  const take = async () => {
    const picture = panelBox.getAttribute("aria-busy") !== "true" && await photograph(grid);
    if (picture) give(picture);
  };
  const changes = new MutationObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(take, REST_BEFORE_MS);
  });
  changes.observe(panelBox, { attributeFilter: ["aria-label", "aria-busy"] });
  return () => {
    clearTimeout(timer);
    changes.disconnect();
  };
}
