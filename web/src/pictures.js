// Diagrams in parts of a page that are opened: the viewer, which is heavy, is loaded with the first of them.

export function loadViewer() {
  document.addEventListener("htmx:after:swap", async () => {
    const place = document.querySelector("[data-viewer]:not([data-begun])");
    if (!place) return;
    const sheet = Object.assign(document.createElement("link"), { rel: "stylesheet", href: place.dataset.sheet });
    document.head.append(sheet);
    const { showDiagrams } = await import(place.dataset.viewer);
    showDiagrams();
  });
}
