// @ts-check
/* The questions of a live notebook, as a widget. */

import { putQuestions } from "./questions.js";

/** @param {{model: any, el: any}} widget */
function renderQuestions({ model, el }) {
  el.classList.add("convrnn-lab");
  putQuestions(el, model.get("packed"));
  // The line for a notebook that is opened without its kernel.
  for (const note of el.closest(".jp-OutputArea")?.querySelectorAll(".convrnn-lab-asleep") ?? []) {
    (note.closest(".jp-OutputArea-child") ?? note).style.display = "none";
  }
}

export default { render: renderQuestions };
