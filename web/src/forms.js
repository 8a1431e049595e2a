// Forms: sent once however often one presses, and drafts kept while one types. Chosen files stay in the page till then.

const PAUSE = 2500; // of typing, before a draft is kept

export function prepareForms() {
  for (const form of document.querySelectorAll("form[data-submit-now]")) form.submit();
  document.addEventListener("submit", sendOnce);
  addEventListener("pageshow", pressAgain);
  for (const form of document.querySelectorAll("form[data-draft]")) keepDraft(form);
  document.getElementById("problems")?.focus();
}

function sendOnce(event) {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 10000); // a slow network is no reason to be locked out
}

function pressAgain() {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
}

function keepDraft(form) {
  let waiting;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => save(form), PAUSE);
  });
  form.addEventListener("submit", () => clearTimeout(waiting));
}

async function save(form) {
  if (form.dataset.sent) return;
  const typed = [...new FormData(form)].filter(([, value]) => typeof value === "string");
  try {
    const answer = await fetch(form.dataset.draft, { method: "POST", body: new URLSearchParams(typed), headers: { "HX-Request": "true" } });
    if (answer.ok) document.getElementById("draft-state").textContent = (await answer.text()).trim();
  } catch {
    // the next pause tries again
  }
}
