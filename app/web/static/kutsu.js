// Small comforts for who has JavaScript; everything works without them.
const said = document.getElementById("said");

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    said.textContent = button.dataset.said;
    button.textContent = button.dataset.said;
  });
}

for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// A calendar that is wider than its window opens at today, where nobody has moved it.
for (const day of document.querySelectorAll(".timeline .behind .today")) {
  day.closest(".scroll").scrollLeft = day.offsetLeft - 24;
}

// A field left empty does not belong in an address that people share.
for (const form of document.querySelectorAll("form.filters")) {
  form.addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) {
      if (value === "") event.formData.delete(name);
    }
  });
}

// A file on its way says how far it is. What is wrong with it is said beside what was chosen, which stays chosen.
const problem = (text) => {
  const said = Object.assign(document.createElement("p"), { className: "problems", role: "alert" });
  said.append(text);
  return said;
};
const refusal = (call) => {
  const type = call.getResponseHeader("Content-Type") ?? "";
  if (type.includes("json")) return problem(JSON.parse(call.responseText).detail);
  return new DOMParser().parseFromString(call.responseText, "text/html").querySelector(".problems");
};
for (const form of document.querySelectorAll("form[data-sends]")) {
  const bar = form.querySelector("progress");
  const button = form.querySelector("button");
  const end = (said) => {
    bar.hidden = true;
    button.disabled = false;
    document.querySelectorAll(".problems").forEach((one) => one.remove());
    if (said) form.before(document.adoptNode(said));
    else form.submit(); // the browser says by itself that nobody answers
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = form.querySelector("input[type=file]").files[0];
    if (chosen?.size > Number(form.dataset.most)) return end(problem(form.dataset.tooLarge));
    const call = new XMLHttpRequest();
    call.upload.addEventListener("progress", (step) => (bar.value = step.loaded / step.total));
    call.addEventListener("error", () => end(null));
    call.addEventListener("load", () => (call.status < 400 ? location.assign(call.responseURL) : end(refusal(call))));
    call.open("POST", form.action);
    call.setRequestHeader("Accept", "text/html");
    bar.hidden = false;
    bar.value = 0;
    button.disabled = true;
    call.send(new FormData(form));
  });
}

// In a table of fields Enter goes to the same field of the next row, and from the last one to the button that keeps it;
// where several personas are named it begins a line.
for (const form of document.querySelectorAll("form[data-rows]")) {
  form.addEventListener("keydown", (event) => {
    const field = event.target;
    if (event.key !== "Enter" || event.isComposing || event.shiftKey || !field.matches("tbody :is(input, select, textarea:not([name=persona]))")) return;
    event.preventDefault();
    const next = field.closest("tr").nextElementSibling?.querySelector(`:is(input, select, textarea)[name="${field.name}"]`);
    (next ?? form.querySelector(".verbs button")).focus();
  });
}

// Whoever leaves a page with something typed and not sent is asked first.
const typed = new Set(document.querySelectorAll("form[data-typed=kept]"));
for (const form of document.querySelectorAll("form[data-typed]")) {
  form.addEventListener("input", () => typed.add(form));
  form.addEventListener("submit", () => typed.clear());
}
addEventListener("beforeunload", (event) => {
  if (typed.size) event.preventDefault();
});

// Keys, as the help page lists them; whoever writes into a field means the letter.
const box = document.getElementById("search");
document.addEventListener("keydown", (event) => {
  if (!box || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, select, textarea, [contenteditable]")) return;
  if (event.key === "/") {
    event.preventDefault();
    const here = document.getElementById("asked");
    if (here) here.select();
    else box.showModal();
  }
  if (event.key === "?") document.getElementById("help").click();
});
box?.addEventListener("click", (event) => event.target === box && box.close());

// A link that a person opens goes on by itself. What fetches links ahead runs no script, and stops at the button.
const onward = document.querySelector("form[data-onward]");
const goOn = () => onward?.requestSubmit();
if (document.prerendering) document.addEventListener("prerenderingchange", goOn, { once: true });
else goOn();

// What is on its way is looked at again until it has come; without this, a new look at the page shows it.
const look = async () => {
  const live = document.querySelector("[data-live]");
  if (!live) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  const page = answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  const fresh = page?.getElementById(live.id);
  const over = fresh && !fresh.matches("[data-live]");
  const focused = live.contains(document.activeElement) ? document.activeElement : null;
  const heir = focused && fresh && find(focused, fresh);
  // A button that somebody is about to press stays where it is, unless it is in what came, too, or all is over.
  const waits = !fresh || live.querySelector(":active") || (focused && !heir && !over);
  if (waits || !over) setTimeout(look, 2000);
  if (waits) return;
  live.replaceWith(document.adoptNode(fresh));
  if (focused) move(heir ?? fresh);
  // What has come to its end is said; what is on its way would only interrupt.
  if (over) said.textContent = fresh.querySelector(".finding, p")?.textContent ?? "";
};
const named = (one) => [one.getAttribute("aria-label") ?? one.textContent.trim(), one.form?.action ?? one.href].join(" ");
const find = (one, among) => [...among.querySelectorAll(one.tagName)].find((other) => named(other) === named(one));
const move = (one) => {
  if (one.tabIndex < 0) one.tabIndex = -1;
  one.focus({ preventScroll: true });
};
setTimeout(look, 2000);
