// Moving and pinching a diagram by touch, which diagram-js leaves to others: one finger pans, two zoom around their middle.
const LEAST = 0.2, MOST = 4;

export function followFingers(place, canvas) {
  const fingers = new Map();
  let before = null;

  const measure = () => {
    const [one, two = one] = [...fingers.values()];
    return { x: (one.x + two.x) / 2, y: (one.y + two.y) / 2, apart: Math.hypot(one.x - two.x, one.y - two.y) };
  };
  place.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch") return;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    before = measure();
  });
  place.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const now = measure();
    canvas.scroll({ dx: now.x - before.x, dy: now.y - before.y });
    if (fingers.size > 1 && before.apart > 0) {
      const frame = place.getBoundingClientRect();
      const scale = Math.min(MOST, Math.max(LEAST, (canvas.zoom() * now.apart) / before.apart));
      canvas.zoom(scale, { x: now.x - frame.left, y: now.y - frame.top });
    }
    before = now;
  });
  const lift = (event) => {
    fingers.delete(event.pointerId);
    before = fingers.size ? measure() : null;
  };
  for (const name of ["pointerup", "pointercancel", "pointerleave"]) place.addEventListener(name, lift);
}
