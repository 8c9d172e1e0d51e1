// Draws the figures that the page carries as JSON, in the colours of the style sheet's tokens.
const dark = matchMedia("(prefers-color-scheme: dark)");

function coloured(value, tokens) {
  if (typeof value === "string") {
    const token = /^var\((--[a-z-]+)\)$/.exec(value);
    return token ? tokens.getPropertyValue(token[1]).trim() : value;
  }
  if (Array.isArray(value)) return value.map((one) => coloured(one, tokens));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, coloured(one, tokens)]));
  }
  return value;
}

function draw(plot) {
  const figure = JSON.parse(document.getElementById(plot.dataset.figure).textContent);
  const { data, layout } = coloured(figure, getComputedStyle(document.documentElement));
  delete layout.title; // it stands above the drawing as a heading
  layout.font.family = getComputedStyle(document.body).fontFamily;
  plot.hidden = false;
  Plotly.react(plot, data, layout, { displayModeBar: false, responsive: true });
}

function drawAll() {
  document.querySelectorAll(".plot").forEach(draw);
}

drawAll();
dark.addEventListener("change", drawAll);
