// Elements, signs, and the picture of the site with its tunnels.

const SVG = "http://www.w3.org/2000/svg";

// An element; texts become text, whatever is in them.
function make(parent, name, attributes = {}, ...children) {
  const isSVG = parent?.namespaceURI === SVG || name === "svg";
  const node = isSVG ? document.createElementNS(SVG, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  if (parent instanceof Node) parent.append(node);
  return node;
}

// Changes a text only if it is another one: a reader's selection and the screen reader are left alone.
function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Each state has a shape of its own, so that nobody needs to tell colours apart.
const SHAPES = {
  up: "M2 8.5 L6 12.5 L14 3.5", down: "M3 3 L13 13 M13 3 L3 13", alarm: "M8 2 L15 14 H1 Z M8 6 V10 M8 11.5 V12.5",
  unsure: "M8 1 L15 8 L8 15 L1 8 Z M6 6.4 Q6 4.6 8 4.6 Q10 4.6 10 6.2 Q10 7.4 8 8.2 V9 M8 10.6 V11.6",
  off: "M8 2 A6 6 0 1 0 8 14 A6 6 0 1 0 8 2 Z",
};

function icon(parent, state, x = 0, y = 0, size = 15) {
  const svg = make(parent, "svg", {
    class: `icon ${state}`, x, y, width: size, height: size, viewBox: "0 0 16 16", "aria-hidden": "true",
  });
  make(svg, "path", { d: SHAPES[state] });
  return svg;
}

const PICTURE_TUNNELS = 12;
const PICTURE_PSEUDOWIRES = 40;
const PICTURE_ROWS = 60;
const NARROW = 620;
const SITE_WIDTH = 130;
const CHARACTER = 7.4;

const shortened = (text, width) => {
  const room = Math.max(3, Math.floor(width / CHARACTER));
  return text.length > room ? text.slice(0, room - 1) + "…" : text;
};

// Draws the whole picture, and gives the texts of the traffic, which change more often.
function drawPicture(place, site, tunnels, width) {
  const isNarrow = width < NARROW;
  const pseudowires = tunnels.reduce((sum, each) => sum + each.pseudowires.length, 0);
  const areCounted = tunnels.length > PICTURE_TUNNELS || pseudowires > PICTURE_PSEUDOWIRES;
  // Few tunnels stay where they are; of many, those that are wrong come first, a line for each.
  const areMany = tunnels.length > PICTURE_TUNNELS;
  const shown = areMany ? [...tunnels].sort(worseTunnel).slice(0, PICTURE_ROWS) : tunnels;
  const rates = new Map();
  const svg = make(null, "svg", { role: "group" });
  const peerX = isNarrow ? 52 : Math.round(SITE_WIDTH + width * 0.16);
  const wiresX = isNarrow ? peerX + 22 : Math.round(peerX + Math.max(270, width * 0.26));
  const across = areCounted || isNarrow ? 1 : Math.max(1, Math.floor((width - wiresX) / 190));
  const top = isNarrow ? 56 : 8;
  let y = top;
  const rows = shown.map(tunnel => {
    const lines = areCounted ? (tunnel.pseudowires.length > 0 ? 1 : 0) : Math.ceil(tunnel.pseudowires.length / across);
    const least = areMany ? 26 : 58;
    const hanging = lines * (areCounted ? 34 : 24);
    const height = isNarrow ? 46 + hanging : Math.max(least, areCounted ? 0 : hanging + 14);
    const row = { tunnel, y, height, middle: isNarrow ? y + 14 : y + height / 2 };
    y += height;
    return row;
  });
  const height = Math.max(y + (shown.length < tunnels.length ? 26 : 6), 76);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("height", height);
  svg.setAttribute("aria-label", `Site ${site} with ${count(tunnels.length, "tunnel")} and ${
    count(pseudowires, "pseudowire")}; the list below says the same in words.`);
  const centre = isNarrow ? 24 : areMany ? 40 : height / 2;
  for (const row of rows) drawWire(svg, row, centre, peerX, isNarrow);
  const box = isNarrow ? { x: 2, y: 4, width: width - 4, height: 40 }
    : { x: 2, y: centre - 30, width: SITE_WIDTH, height: 60 };
  make(svg, "rect", { class: "site", rx: 8, ...box });
  make(svg, "text", {
    class: "name", "text-anchor": "middle", x: box.x + box.width / 2, y: box.y + box.height / 2 + (isNarrow ? 5 : -1),
  }, shortened(isNarrow ? `site ${site}` : site, box.width - 12));
  if (!isNarrow) {
    make(svg, "text", { class: "faint", "text-anchor": "middle", x: 2 + SITE_WIDTH / 2, y: centre + 17 }, "site");
  }
  for (const row of rows) {
    const room = (isNarrow ? width : wiresX - 40) - peerX - 26;
    const isOneLine = areMany && !isNarrow;
    const rate = drawPeer(svg, row, peerX, room, isOneLine);
    if (rate) rates.set(row.tunnel.id, rate);
    const at = { x: wiresX, y: isNarrow ? row.y + 36 : row.middle, width: width - wiresX, across };
    if (areCounted) drawCounts(svg, row.tunnel, at, isNarrow, isOneLine);
    else drawPseudowires(svg, row.tunnel, at, isNarrow);
  }
  if (shown.length < tunnels.length) {
    make(svg, "text", { class: "faint", x: peerX, y: height - 8 },
      `and ${count(tunnels.length - shown.length, "more tunnel")}, none worse than these`);
  }
  place.replaceChildren(svg);
  return rates;
}

function drawWire(svg, row, centre, peerX, isNarrow) {
  const { tunnel: { state }, middle } = row;
  const from = SITE_WIDTH + 2;
  const bend = (from + peerX) / 2;
  if (isNarrow) make(svg, "path", { class: "lead", d: `M18 44 V${middle}` });
  const d = isNarrow ? `M18 ${middle} H${peerX - 6}`
    : `M${from} ${centre} C${bend} ${centre} ${bend} ${middle} ${peerX - 6} ${middle}`;
  make(svg, "path", { class: `wire ${state}`, d });
}

// Gives the text below the name, for the traffic, if there is room for it.
function drawPeer(svg, row, x, room, isOneLine) {
  const { tunnel } = row;
  const link = make(svg, "a", { href: `#${tunnel.id}`, class: tunnel.state });
  icon(link, tunnel.state, x, row.middle - 8, 16);
  const first = make(link, "text", { x: x + 23, y: row.middle + (isOneLine ? 5 : -3) });
  const word = STATES[tunnel.state];
  make(first, "tspan", { class: "name" }, shortened(tunnel.it.name, room - (word.length + 2) * CHARACTER));
  make(first, "tspan", { class: "word", dx: 8 }, word);
  const peer = tunnel.it.remote ?? tunnel.it.peer;
  make(link, "title", {}, `tunnel ${tunnel.it.name}, peer ${peer}: ${word}`);
  return isOneLine ? null : make(svg, "text", { class: "faint", x: x + 23, y: row.middle + 14 });
}

function drawPseudowires(svg, tunnel, at, isNarrow) {
  const rows = Math.ceil(tunnel.pseudowires.length / at.across);
  const begin = isNarrow ? at.y : at.y - rows * 12;
  // They hang on a line that comes from the tunnel.
  if (rows > 0) {
    const [x, last] = [at.x - 14, begin + rows * 24 - 12];
    const d = isNarrow ? `M${x} ${begin - 6} V${last}` : `M${x - 22} ${at.y} H${x} M${x} ${begin + 12} V${last}`;
    make(svg, "path", { class: "lead", d });
  }
  tunnel.pseudowires.forEach((each, index) => {
    const x = at.x + (index % at.across) * 190;
    const y = begin + Math.floor(index / at.across) * 24;
    make(svg, "path", { class: `wire ${each.state}`, d: `M${x - 14} ${y + 12} H${x + 6}` });
    const group = make(svg, "g", { class: each.state });
    icon(group, each.state, x + 8, y + 5, 14);
    const text = make(group, "text", { x: x + 27, y: y + 17 });
    const word = each.state === "up" ? "" : SHORT[each.state];
    const room = (isNarrow ? at.width : 180) - 30 - word.length * CHARACTER;
    make(text, "tspan", {}, shortened(each.it.name, room));
    if (word) make(text, "tspan", { class: "word", dx: 6 }, word);
    make(group, "title", {}, `pseudowire ${each.it.name}: ${STATES[each.state]}`);
  });
}

// A bar with a part for each state, and the same in words.
function drawCounts(svg, tunnel, at, isNarrow, isOneLine) {
  if (tunnel.pseudowires.length === 0) return;
  const y = isNarrow ? at.y + 1 : at.y - (isOneLine ? 4 : 16);
  const width = isOneLine ? Math.min(at.width / 3, 200) : Math.min(at.width - 12, 420);
  let x = at.x;
  for (const [state, number] of tunnel.counts) {
    const part = width * number / tunnel.pseudowires.length;
    make(svg, "rect", { class: `part ${state}`, x, y, width: Math.max(part - 2, 2), height: 9, rx: 2 });
    x += part;
  }
  const text = make(svg, "text", isOneLine ? { x: at.x + width + 12, y: y + 9 } : { x: at.x, y: y + 25 });
  if (tunnel.counts.length > 1) make(text, "tspan", {}, `${count(tunnel.pseudowires.length, "pseudowire")}: `);
  tunnel.counts.forEach(([state, number], index) => {
    const words = `${number} ${SHORT[state]}`;
    const whole = tunnel.counts.length > 1 ? words : `${count(number, "pseudowire")} ${SHORT[state]}`;
    make(text, "tspan", { class: `word ${state}` }, whole + (index < tunnel.counts.length - 1 ? ", " : ""));
  });
}

function drawLegend(place) {
  for (const [state, word] of Object.entries(STATES)) {
    const item = make(place, "li", { class: `state ${state}` });
    icon(item, state);
    const sample = make(item, "svg", { class: "sample", viewBox: "0 0 44 10", "aria-hidden": "true" });
    make(sample, "path", { class: `wire ${state}`, d: "M0 5 H44" });
    make(item, "span", {}, word);
  }
}
