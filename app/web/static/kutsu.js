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

// A field left empty does not belong in an address that people share.
for (const form of document.querySelectorAll("form.filters")) {
  form.addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) {
      if (value === "") event.formData.delete(name);
    }
  });
}

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
  // A button that somebody is about to press stays where it is.
  const held = live.contains(document.activeElement);
  if (!fresh || held || fresh.matches("[data-live]")) setTimeout(look, 2000);
  if (!fresh || held) return;
  live.replaceWith(document.adoptNode(fresh));
  // What has come to its end is said; what is on its way would only interrupt.
  if (!fresh.matches("[data-live]")) said.textContent = fresh.querySelector(".finding, p")?.textContent ?? "";
};
setTimeout(look, 2000);
