// A diagram to look at: counts and marks on its elements, clicks lead on, fingers move and pinch it.
// <div class="diagram" data-diagram="URL of the BPMN" data-marks='[{"id", "classes": [], "badges": [{"kind", "text", "title"}], "href"}]'>
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "./viewer.css";
import { followFingers } from "./fingers.js";

const LEAST_ZOOM = 0.45;
const BADGE_PLACES = { running: { bottom: 12, left: -10 }, late: { bottom: 12, right: 14 }, incident: { top: -12, right: 14 }, ended: { bottom: 12, right: 14 } };

for (const place of document.querySelectorAll("[data-diagram]")) show(place);

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
  const canvas = viewer.get("canvas");
  mark(viewer, JSON.parse(place.dataset.marks || "[]"));
  fit(canvas);
  viewer.on("root.set", () => fit(canvas));
  followFingers(place, canvas);
  place.classList.add("shown");
}

function fit(canvas) {
  canvas.zoom("fit-viewport");
  // A wide diagram on a small screen begins at its left, in a size that can be read.
  if (canvas.zoom() < LEAST_ZOOM) {
    const { inner, outer } = canvas.viewbox();
    canvas.viewbox({ x: inner.x - 20, y: inner.y - 20, width: outer.width / LEAST_ZOOM, height: outer.height / LEAST_ZOOM });
  }
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
