// A diagram to look at: counts and marks on its elements, clicks lead on, fingers move and pinch it.
// <div class="diagram" data-diagram="URL of the BPMN" data-at="id of an element" data-marks='[{"id", "classes": [], "badges": [{"kind", "text", "title"}], "href"}]'>
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "./viewer.css";
import { followFingers } from "./fingers.js";

const LEAST_ZOOM = 0.45;
const BADGE_PLACES = { time: { bottom: 12, left: -10 }, running: { bottom: 12, left: -10 }, late: { bottom: 12, right: 14 }, incident: { top: -12, right: 14 }, ended: { bottom: 12, right: 14 } };

showDiagrams();

// Shows every diagram of the page that is not shown yet; parts that come later ask for it.
export function showDiagrams() {
  for (const place of document.querySelectorAll("[data-diagram]:not([data-begun])")) {
    place.dataset.begun = "yes";
    show(place);
  }
}

async function show(place) {
  place.textContent = ""; // what stands there for readers without scripts
  const viewer = new NavigatedViewer({ container: place });
  try {
    const answer = await fetch(place.dataset.diagram, { headers: { Accept: "application/xml" } });
    if (!answer.ok) throw new Error(`${answer.status}`);
    await viewer.importXML(await answer.text());
  } catch (failure) {
    place.textContent = place.dataset.failed;
    throw failure;
  }
  const canvas = viewer.get("canvas"), known = viewer.get("elementRegistry");
  const marks = JSON.parse(place.dataset.marks || "[]");
  const wanted = known.get(place.dataset.at);
  if (wanted) canvas.setRootElement(canvas.findRoot(wanted)); // what is drawn on a plane of its own is not seen from above
  const here = [wanted, ...marks.filter(({ classes }) => classes.includes("active")).map(({ id }) => known.get(id))].filter(Boolean);
  mark(viewer, marks);
  fit(canvas, here);
  viewer.on("root.set", () => fit(canvas, here));
  followFingers(place, canvas);
  place.classList.add("shown");
}

function fit(canvas, here) {
  canvas.zoom("fit-viewport");
  if (canvas.zoom() >= LEAST_ZOOM) return;
  // A wide diagram on a small screen is shown in a size that can be read: where somebody is, else at its beginning.
  const { inner, outer } = canvas.viewbox();
  const width = outer.width / LEAST_ZOOM, height = outer.height / LEAST_ZOOM;
  const middle = here.find((one) => canvas.findRoot(one) === canvas.getRootElement());
  const x = middle ? Math.max(inner.x - 20, middle.x + (middle.width - width) / 2) : inner.x - 20;
  const y = middle ? Math.max(inner.y - 20, middle.y + (middle.height - height) / 2) : inner.y - 20;
  canvas.viewbox({ x, y, width, height });
}

function mark(viewer, marks) {
  const canvas = viewer.get("canvas"), overlays = viewer.get("overlays"), known = viewer.get("elementRegistry");
  const ways = new Map();
  for (const { id, classes = [], badges = [], href } of marks) {
    if (!known.get(id)) continue;
    for (const name of classes) canvas.addMarker(id, name);
    if (href) ways.set(id, href);
    for (const { kind, text, title } of badges) {
      const badge = document.createElement(href ? "a" : "span");
      badge.className = `count ${kind}`;
      badge.textContent = text;
      badge.title = title;
      if (href) badge.href = href;
      overlays.add(id, { position: BADGE_PLACES[kind] || BADGE_PLACES.running, html: badge, scale: { min: 0.75, max: 1.25 } });
    }
  }
  viewer.on("element.click", ({ element }) => {
    const way = ways.get(element.id);
    if (way) window.location.assign(way);
  });
}
