// Draws the figures that the page carries as JSON, in the colours of the style sheet's tokens.
const dark = matchMedia("(prefers-color-scheme: dark)");

// A token may be a colour of the system or a mixture, of which plotly knows nothing: the browser says what it is.
const forced = matchMedia("(forced-colors: active)");
const probe = Object.assign(document.createElement("span"), { hidden: true });
probe.style.setProperty("forced-color-adjust", "none");
document.body.append(probe);

function colourOf(value) {
  probe.style.color = value;
  const { color } = getComputedStyle(probe);
  const mixture = /^color\(srgb (\S+) (\S+) (\S+?)(?: \/ (\S+))?\)$/.exec(color);
  return mixture ? `rgba(${mixture.slice(1, 4).map((part) => Math.round(part * 255))}, ${mixture[4] ?? 1})` : color;
}

function coloured(value) {
  if (typeof value === "string") return value.startsWith("var(--") ? colourOf(value) : value;
  if (Array.isArray(value)) return value.map(coloured);
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, coloured(one)]));
  }
  return value;
}

// On a narrow page the names of rows stand above their marks: beside them they would leave the values no room.
const narrow = matchMedia("(max-width: 40rem)");
const NAME_HEIGHT = 20;

function fitted({ data, layout }) {
  const { ticktext: names, tickvals: rows, ...yaxis } = layout.yaxis;
  if (!narrow.matches || !names) return { data, layout };
  const above = names.map((text, place) => ({
    text, xref: "paper", x: 0, xanchor: "left", y: rows[place], yanchor: "bottom", yshift: 6, showarrow: false,
    borderpad: 0, bgcolor: "var(--paper)",
  }));
  return { data, layout: {
    ...layout, height: layout.height + NAME_HEIGHT * rows.length, margin: { ...layout.margin, l: 4, r: 4 },
    yaxis: { ...yaxis, tickvals: rows, showticklabels: false }, annotations: [...(layout.annotations ?? []), ...above],
  } };
}

function figureOf(plot) {
  return fitted(JSON.parse(document.getElementById(plot.dataset.figure).textContent));
}

// plotly takes the height of the place when the page changes its width, and that may be while nothing is drawn.
function keepPlace(plot) {
  plot.style.minHeight = `${figureOf(plot).layout.height}px`;
}

// On paper a drawing has the width of a sheet of A4 inside its margins, in the colours of print.
const paper = matchMedia("print");
const PAPER = 670;
let onPaper = false;

function turnToPaper(on) {
  onPaper = on;
  document.documentElement.classList.toggle("on-paper", on);
  drawAll();
}

function draw(plot) {
  const { data, layout } = coloured(figureOf(plot));
  delete layout.title; // it stands above the drawing as a heading
  layout.font.family = getComputedStyle(document.body).fontFamily;
  keepPlace(plot);
  if (onPaper) layout.width = PAPER;
  if (plot.hidden) plot.replaceChildren(); // what held its place
  plot.hidden = false;
  Plotly.react(plot, data, layout, { displayModeBar: false, responsive: !onPaper });
}

// Value by value with the arrow keys: the drawing is a slider over its marks, so each is said as it is reached.
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, PageDown: 10, PageUp: -10 };

function marksOf({ data, layout }) {
  const marks = data.flatMap((trace, curveNumber) =>
    (trace.text ?? []).map((text, pointNumber) => ({
      curveNumber, pointNumber, x: trace.x[pointNumber], y: trace.y[pointNumber],
      said: text.replaceAll("<br>", ", "),
    })),
  );
  // Where each row is a thing of its own the marks go row by row from the top, else line by line.
  return layout.yaxis.ticktext ? marks.sort((one, other) => other.y - one.y || one.x - other.x) : marks;
}

function makeReachable(plot) {
  const marks = marksOf(JSON.parse(document.getElementById(plot.dataset.figure).textContent));
  if (!marks.length) return;
  let at = -1;
  const say = (place) => {
    at = Math.max(0, Math.min(marks.length - 1, place));
    plot.setAttribute("aria-valuenow", at + 1);
    plot.setAttribute("aria-valuetext", marks[at].said);
  };
  for (const [name, value] of Object.entries({
    tabindex: 0, role: "slider", "aria-valuemin": 1, "aria-valuemax": marks.length, "aria-valuenow": 1,
    "aria-valuetext": marks[0].said,
  })) plot.setAttribute(name, value);
  plot.closest("figure").querySelector("[data-keys]").hidden = false;
  plot.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") return void Plotly.Fx.unhover(plot);
    const place = event.key === "Home" ? 0 : event.key === "End" ? marks.length - 1 : at + STEPS[event.key];
    if (Number.isNaN(place)) return;
    event.preventDefault();
    say(place);
    Plotly.Fx.hover(plot, [{ curveNumber: marks[at].curveNumber, pointNumber: marks[at].pointNumber }]);
  });
  plot.addEventListener("blur", () => Plotly.Fx.unhover(plot));
}

function drawAll() {
  document.querySelectorAll(".plot").forEach(draw);
}

// A picture of the drawing, on the paper of the page. It goes where the page does not, so it says above the drawing
// what it shows, of how many, when the data was read and what was chosen.
const SCALE = 2;
const EDGE = 12;
const HEAD = [["600 18px", 26, "var(--ink)"], ["13px", 19, "var(--muted)"]];

function headOf(figure, brush, width) {
  const chosen = [...document.querySelectorAll("main [data-limit]")].map((one) => one.dataset.limit);
  const dated = document.querySelector("main .data-line")?.textContent;
  const texts = [
    figure.querySelector("h2")?.textContent ?? figure.dataset.finding,
    [figure.dataset.counted, dated, ...new Set(chosen)].filter(Boolean).join(" · "),
    figure.querySelector("figcaption p")?.textContent ?? "",
  ];
  const { fontFamily } = getComputedStyle(document.body);
  return texts.flatMap((text, place) => {
    const [size, height, token] = HEAD[Math.min(place, 1)];
    brush.font = `${size} ${fontFamily}`;
    return wrapped(brush, text, width - 2 * EDGE).map((line) => ({ line, font: brush.font, height, token }));
  });
}

function wrapped(brush, text, width) {
  const lines = [""];
  for (const word of text.trim().split(/[ \n]+/)) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (brush.measureText(longer).width <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.filter(Boolean);
}

async function imageOf(address) {
  const image = Object.assign(new Image(), { src: address });
  await image.decode();
  return image;
}

// A drawing of the page as one that stands alone: the style sheet does not go along, so what it says is written down.
const STYLED = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "font-size",
  "font-family", "text-anchor"];

function standingAlone(svg) {
  const copy = svg.cloneNode(true);
  copy.prepend(document.getElementById("hatch").cloneNode(true));
  const [copies, all] = [copy, svg].map((one) => [one, ...one.querySelectorAll("*")]);
  const hatch = document.getElementById("hatch");
  const own = [svg, hatch, ...hatch.querySelectorAll("*"), ...all.slice(1)];
  copies.forEach((one, place) => {
    const style = getComputedStyle(own[place]);
    for (const name of STYLED) one.setAttribute(name, style.getPropertyValue(name));
  });
  const { width, height } = svg.getBoundingClientRect();
  Object.entries({ width, height, overflow: "visible" }).forEach(([name, value]) => copy.setAttribute(name, value));
  return `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
}

// What the page draws by itself: its drawings and its words, each where it stands.
async function paint(brush, shown, top) {
  const box = shown.getBoundingClientRect();
  const place = ({ left, top: y }) => [left - box.left + EDGE, y - box.top + top];
  for (const svg of shown.querySelectorAll("svg:not(.hidden)")) {
    const its = svg.getBoundingClientRect();
    if (its.width) brush.drawImage(await imageOf(standingAlone(svg)), ...place(its));
  }
  brush.textBaseline = "middle";
  const texts = document.createTreeWalker(shown, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { parentElement, data } = texts.currentNode;
    if (parentElement.closest("svg, .hidden, [hidden]")) continue;
    const { fontWeight, fontSize, fontFamily, color } = getComputedStyle(parentElement);
    Object.assign(brush, { font: `${fontWeight} ${fontSize} ${fontFamily}`, fillStyle: color });
    for (const { 0: word, index } of data.matchAll(/\S+/g)) {
      const range = document.createRange();
      range.setStart(texts.currentNode, index);
      range.setEnd(texts.currentNode, index + word.length);
      const its = range.getBoundingClientRect();
      const [x, y] = place(its);
      brush.fillText(word, x, y + its.height / 2);
    }
  }
}

async function picture(figure) {
  const plot = figure.querySelector(".plot");
  const shown = plot ?? figure.querySelector("[data-drawn]");
  const around = plot ? 0 : EDGE;
  const { clientWidth, clientHeight } = shown;
  const [width, height] = [clientWidth + 2 * around, clientHeight + around];
  const head = headOf(figure, document.createElement("canvas").getContext("2d"), width);
  const top = head.reduce((sum, one) => sum + one.height, 2 * EDGE);
  const canvas = Object.assign(document.createElement("canvas"), { width: width * SCALE, height: (top + height) * SCALE });
  const brush = canvas.getContext("2d");
  brush.fillStyle = getComputedStyle(document.body).backgroundColor;
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.scale(SCALE, SCALE);
  let y = EDGE;
  for (const one of head) {
    brush.font = one.font;
    brush.fillStyle = colourOf(one.token);
    brush.fillText(one.line, EDGE, (y += one.height) - 5);
  }
  if (plot) brush.drawImage(await imageOf(await Plotly.toImage(plot, { format: "svg", width, height })), 0, top, width, height);
  else await paint(brush, shown, top);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

function offerPicture(button) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const address = URL.createObjectURL(await picture(button.closest("figure")));
    Object.assign(document.createElement("a"), { href: address, download: button.dataset.picture }).click();
    URL.revokeObjectURL(address);
    document.getElementById("said").textContent = button.dataset.said;
  });
}

document.querySelectorAll("figure:not(:has(.plot)) button[data-picture]").forEach(offerPicture);

// What is written is shown first: the drawing library is larger than all the rest, and reading it takes a while.
const library = document.createElement("script");
library.src = document.currentScript.dataset.library;
library.addEventListener("load", () => {
  drawAll();
  document.querySelectorAll(".plot").forEach(makeReachable);
  document.querySelectorAll("figure:has(.plot) button[data-picture]").forEach(offerPicture);
  for (const one of [dark, narrow, forced]) one.addEventListener("change", drawAll);
  paper.addEventListener("change", () => turnToPaper(paper.matches));
  addEventListener("beforeprint", () => turnToPaper(true));
  addEventListener("afterprint", () => turnToPaper(false));
});
document.querySelectorAll(".plot").forEach(keepPlace);
if (document.querySelector(".plot")) requestAnimationFrame(() => setTimeout(() => document.head.append(library)));
