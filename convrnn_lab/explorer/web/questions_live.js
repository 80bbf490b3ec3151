// @ts-check
/* The questions of a live notebook, as a widget. */

import { putQuestions } from "./questions.js";

/** @param {{model: any, el: any}} widget */
function renderQuestions({ model, el }) {
  el.classList.add("convrnn-lab");
  putQuestions(el, model.get("packed"));
  // Only once they are on the page is there a line to hide beside them.
  const seen = new IntersectionObserver(() => {
    if (!el.isConnected) return;
    seen.disconnect();
    hideLine(el);
  });
  seen.observe(el);
}

/** Hide the line for a notebook that is opened without its kernel. @param {Element} el */
function hideLine(el) {
  for (const note of el.closest(".jp-OutputArea")?.querySelectorAll(".convrnn-lab-asleep") ?? []) {
    /** @type {HTMLElement} */ (note.closest(".jp-OutputArea-child") ?? note).style.display = "none";
  }
}

export default { render: renderQuestions };
