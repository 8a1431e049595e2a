// Forms: sent once however often one presses.

export function prepareForms() {
  for (const form of document.querySelectorAll("form[data-submit-now]")) form.submit();
  document.addEventListener("submit", ({ target }) => {
    if (target.dataset.sent) return;
    if (target.method === "post" && !target.matches("[hx-post]")) {
      target.dataset.sent = "yes";
      // after the browser has taken the button's own name and value
      setTimeout(() => target.querySelectorAll("button").forEach((button) => (button.disabled = true)));
    }
  });
  // coming back to a page, everything can be pressed again
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      form.querySelectorAll("button").forEach((button) => (button.disabled = false));
    }
  });
}
