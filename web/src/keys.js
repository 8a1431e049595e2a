// Keys for lists of things to do: j k Enter c / ?. Never while something is typed, and never with a modifier.

const TYPED_IN = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

export function listenForKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest(TYPED_IN)) return;
    const act = ACTIONS[event.key];
    if (act && act()) event.preventDefault();
  });
}

const ACTIONS = {
  j: () => move(1),
  k: () => move(-1),
  c: () => press("[data-claim]"),
  "/": () => focus("input[type=search]"),
  "?": toggleHelp,
};

function move(by) {
  const rows = [...document.querySelectorAll("[data-row]")];
  if (!rows.length) return false;
  const at = rows.indexOf(document.activeElement?.closest("[data-row]"));
  const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + by, 0), rows.length - 1);
  rows[next].querySelector("a").focus();
  return true;
}

function press(selector) {
  const button = document.activeElement?.closest("[data-row]")?.querySelector(selector);
  button?.click();
  return Boolean(button);
}

function focus(selector) {
  const field = document.querySelector(selector);
  field?.focus();
  return Boolean(field);
}

function toggleHelp() {
  const help = document.getElementById("keys");
  if (!help) return false;
  help.hidden = !help.hidden;
  if (!help.hidden) help.scrollIntoView({ block: "nearest" });
  return true;
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-keys]")) return;
  event.preventDefault();
  toggleHelp();
});
