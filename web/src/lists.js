// Lists: the address follows the filters, counts stay fresh while somebody is there, and a page is chosen at once.

const AWAY = 10 * 60 * 1000; // whoever has not touched the page for so long is not asking: sessions end when idle

export function keepFilters() {
  document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
    if (ctx.sourceElement.matches("[data-filter]")) history.replaceState(history.state, "", tidy(ctx.request.action));
  });
  document.addEventListener("change", ({ target }) => {
    if (!target.matches("[data-all]")) return;
    for (const box of document.querySelectorAll("[form=bulk][name=key]")) box.checked = target.checked;
  });
  const offer = () => document.querySelectorAll("[data-choose-all]").forEach((label) => (label.hidden = false));
  document.addEventListener("htmx:after:swap", offer);
  offer();
}

export function keepFresh() {
  let touched = Date.now();
  for (const kind of ["pointerdown", "keydown", "scroll"]) {
    document.addEventListener(kind, () => (touched = Date.now()), { passive: true });
  }
  document.addEventListener("htmx:before:request", (event) => {
    if (!event.detail.ctx.sourceElement.matches("[data-poll]")) return;
    if (document.hidden || Date.now() - touched > AWAY) event.preventDefault();
  });
}

function tidy(address) {
  const url = new URL(address, location.href);
  for (const [name, value] of [...url.searchParams]) if (!value) url.searchParams.delete(name);
  return url.pathname + url.search;
}
