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

// A picture of the drawing, on the paper of the page; everything in it stands in the table as well.
const SCALE = 2;

async function picture(plot) {
  const { clientWidth: width, clientHeight: height } = plot;
  const drawn = new Image();
  drawn.src = await Plotly.toImage(plot, { format: "svg", width, height });
  await drawn.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: width * SCALE, height: height * SCALE });
  const brush = canvas.getContext("2d");
  brush.fillStyle = getComputedStyle(document.body).backgroundColor;
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.drawImage(drawn, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

for (const button of document.querySelectorAll("button[data-picture]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const address = URL.createObjectURL(await picture(button.closest("figure").querySelector(".plot")));
    Object.assign(document.createElement("a"), { href: address, download: button.dataset.picture }).click();
    URL.revokeObjectURL(address);
    document.getElementById("said").textContent = button.dataset.said;
  });
}

drawAll();
dark.addEventListener("change", drawAll);
