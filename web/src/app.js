// What every page gains where scripts run: parts are exchanged in place, counts kept fresh, keys pressed, drafts kept.
// Without it everything works, by plain links and forms.
import "htmx.org";
import { listenForKeys } from "./keys.js";
import { keepFilters, keepFresh } from "./lists.js";
import { prepareForms } from "./forms.js";
import { loadViewer } from "./pictures.js";

document.documentElement.classList.add("scripts");
for (const control of document.querySelectorAll("[data-without-scripts]")) control.hidden = true;
for (const control of document.querySelectorAll("[data-keys]")) control.hidden = false;

listenForKeys();
keepFilters();
keepFresh();
prepareForms();
loadViewer();

// What is chosen may show other fields: whatever holds a form hears of it. Words that are being typed change nothing.
document.addEventListener("change", ({ target }) => {
  if (target.matches("select, input[type=radio], input[type=checkbox]"))
    target.closest("[data-reshapes]")?.dispatchEvent(new Event("reshape"));
});
