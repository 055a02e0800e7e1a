// The list of tunnels and pseudowires: what is wrong comes first. Its rows stay where they are as long as their order
// does, so that a selection, the focus and the place on the screen last.

const LIST_PSEUDOWIRES = 400;
const LIST_TUNNELS = 200;
const PLOT_WIDTH = 150;
const PLOT_HEIGHT = 34;
const SIGNALLING = { full: "signalled", keepalive: "sessions as declared", none: "without signalling" };

const blocks = new Map();
const rows = new Map();

function setState(node, state, word = STATES[state]) {
  const now = `${state} ${word}`;
  if (node.dataset.now === now) return;
  node.dataset.now = now;
  node.setAttribute("class", `state ${state}`);
  node.replaceChildren();
  icon(node, state);
  make(node, "span", { class: "word" }, word);
}

// Puts children into an order, and touches them only if they are not in it yet.
function arrange(parent, children) {
  const isThere = parent.children.length === children.length
    && children.every((each, index) => parent.children[index] === each);
  if (!isThere) parent.replaceChildren(...children);
}

// Lines with the state that colours their edge.
function setNotes(node, notes) {
  const now = JSON.stringify(notes);
  if (node.dataset.now === now) return;
  node.dataset.now = now;
  node.replaceChildren(...notes.map(([state, text]) => make(null, "li", { class: state }, text)));
  node.hidden = notes.length === 0;
}

// The lines of receive and transmit, with the time from left to right and one scale for both.
function drawPlot(svg, points, time) {
  const most = Math.max(1, ...points.map(each => Math.max(each.receive ?? 0, each.transmit ?? 0)));
  for (const [direction, path] of Object.entries(svg.lines)) {
    let d = "";
    let isOpen = false;
    for (const each of points) {
      const value = each[direction];
      if (value === undefined) { isOpen = false; continue; }
      const x = PLOT_WIDTH * (1 - (time - each.time) / HISTORY_MILLISECONDS);
      const y = PLOT_HEIGHT - 2 - (PLOT_HEIGHT - 5) * value / most;
      d += `${isOpen ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
      isOpen = true;
    }
    path.setAttribute("d", d);
  }
  svg.setAttribute("class", points.some(each => each.receive !== undefined) ? "plot" : "plot empty");
  svg.setAttribute("aria-label", `the last ${age(HISTORY_MILLISECONDS)}, at most ${scaled(most, "bit/s")}`);
}

function newRow() {
  const body = make(null, "tbody");
  const row = make(body, "tr");
  const name = make(row, "th", { scope: "row" });
  const state = make(row, "td");
  const place = make(row, "td");
  const cell = (parent, kind) => {
    const td = make(parent, "td", { class: kind });
    return { main: make(td, "b"), more: make(td, "small") };
  };
  const made = {
    body, name: make(name, "span"), more: make(name, "small"), state: make(state, "span"), since: make(state, "small"),
    interface: make(place, "span"), attachment: make(place, "small"), mtu: make(row, "td", { class: "mtu" }),
    receive: cell(row, "receive"), transmit: cell(row, "transmit"),
  };
  const plot = make(make(row, "td"), "svg", {
    class: "plot", viewBox: `0 0 ${PLOT_WIDTH} ${PLOT_HEIGHT}`, preserveAspectRatio: "none", role: "img",
  });
  plot.lines = {};
  for (const each of ["receive", "transmit"]) plot.lines[each] = make(plot, "path", { class: each });
  made.plot = plot;
  made.noteRow = make(body, "tr");
  made.notes = make(make(made.noteRow, "td", { colspan: 7 }), "ul", { class: "notes" });
  return made;
}

function fillRow(row, each, look) {
  const { it, state, key } = each;
  say(row.name, it.name);
  say(row.more, [it.type, it.description].filter(Boolean).join(" · "));
  setState(row.state, state, state === "off" ? OFF_BY[it.disabled] ?? "off with its tunnel" : STATES[state]);
  say(row.since, look.since(it.forwarding_since));
  say(row.interface, it.interface);
  say(row.attachment, it.attachment === "none" ? "no attachment circuit" : it.attachment);
  say(row.mtu, it.mtu === null ? "–" : String(it.mtu));
  const history = traffic.get(key);
  const now = history?.now ?? {};
  for (const direction of ["receive", "transmit"]) {
    say(row[direction].main, scaled(now[direction], "bit/s"));
    const packets = now[`${direction}Packets`];
    say(row[direction].more, packets === undefined ? "" : scaled(packets, " packets/s"));
  }
  drawPlot(row.plot, history?.points ?? [], look.time);
  const notes = notesOf(each, look);
  setNotes(row.notes, notes);
  row.noteRow.hidden = notes.length === 0;
}

function notesOf({ it, state }, look) {
  const notes = state === "off" ? [] : it.not_forwarding_because.map(text => ["down", text]);
  notes.push(...it.warnings.map(text => ["alarm", text]));
  if (state === "down" && it.state !== "established") {
    notes.push(["off", `session ${it.state}, ${look.since(it.since)}`]);
  }
  if (it.last_error) notes.push(["off", `last error, ${look.clock(it.last_error.at)}: ${it.last_error.message}`]);
  if (it.client) notes.push(["off", `PPPoE client ${it.client.address}, ${look.since(it.client.since)}`]);
  return notes;
}

function newBlock(tunnel) {
  const section = make(null, "section", { class: "tunnel", id: tunnel.id, tabindex: "-1" });
  const head = make(section, "div", { class: "head" });
  const block = {
    section, name: make(head, "h3"), state: make(head, "span"), since: make(head, "span", { class: "faint" }),
    rates: make(head, "span", { class: "faint" }), more: make(section, "p", { class: "faint" }),
    notes: make(section, "ul", { class: "notes" }), table: make(section, "table"),
  };
  make(block.table, "caption", { class: "unseen" }, `Pseudowires of the tunnel ${tunnel.it.name}`);
  const header = make(make(block.table, "thead"), "tr");
  for (const [word, kind] of [["Pseudowire", "name"], ["State", "state"], ["Interface, attachment circuit", "place"],
    ["MTU", "mtu"], ["Receive —", "rate"], ["Transmit - -", "rate"], ["", "plot"]]) {
    make(header, "th", { scope: "col", class: `c-${kind}` }, word);
  }
  header.lastChild.append(`Last ${age(HISTORY_MILLISECONDS)}: `, make(null, "span", { class: "key receive" }, "—"),
    " ", make(null, "span", { class: "key transmit" }, "- -"));
  block.head = block.table.firstChild.nextSibling;
  return block;
}

function fillBlock(block, tunnel, pseudowires, look) {
  const { it, state } = tunnel;
  block.section.id = tunnel.id;
  say(block.name, it.name);
  setState(block.state, state, state === "down" ? `down, ${it.state}` : OFF_BY[it.disabled] ?? STATES[state]);
  say(block.since, look.since(it.since));
  say(block.rates, total(tunnel, "receive") !== undefined
    ? `receive ${scaled(total(tunnel, "receive"), "bit/s")}, transmit ${scaled(total(tunnel, "transmit"), "bit/s")}`
    : "");
  const heard = it.last_heard && `peer heard ${look.ago(it.last_heard)}`;
  const remote = it.remote && it.remote !== it.peer ? `${it.peer} (${it.remote})` : it.peer;
  say(block.more, [
    it.description, `peer ${remote}`, it.peer_host_name && `host name ${it.peer_host_name}`,
    `${it.encapsulation === "udp" ? "UDP" : "IP"}, ${SIGNALLING[it.signalling]}`,
    it.path_mtu !== null && `path MTU ${it.path_mtu}${it.path_mtu_probed ? " (probed)" : ""}`, heard,
    ...it.templates.map(each => `${each.name}: ${each.sessions - each.idle} of ${each.sessions} asked for`),
  ].filter(Boolean).join(" · "));
  setNotes(block.notes, tunnelNotes(tunnel, look));
  block.table.hidden = pseudowires.length === 0;
  const bodies = pseudowires.map(each => {
    if (!rows.has(each.key)) rows.set(each.key, newRow());
    const row = rows.get(each.key);
    fillRow(row, each, look);
    return row.body;
  });
  arrange(block.table, [block.table.firstChild, block.head, ...bodies]);
}

function tunnelNotes({ it, state }, look) {
  const notes = [];
  if (state === "down") {
    if (it.unanswered_requests > 0) notes.push(["down", `no answer to ${count(it.unanswered_requests, "SCCRQ")} yet`]);
    if (it.next_attempt) notes.push(["off", `next attempt at ${look.clock(it.next_attempt)}`]);
  }
  if (it.last_error) {
    const text = `last error, ${look.clock(it.last_error.at)}: ${it.last_error.message}`;
    notes.push([state === "down" ? "down" : "off", text]);
  }
  return notes;
}

const textOf = (...parts) => parts.flat().filter(Boolean).join("\n").toLowerCase();

// Shows the list as far as the filter lets it through, and says how much of it that is.
function showList(place, counter, tunnels, filter, onlyWrong, look) {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  let left = LIST_PSEUDOWIRES;
  let [matching, all] = [0, 0];
  const sections = [];
  for (const tunnel of [...tunnels].sort(worseTunnel)) {
    const { it } = tunnel;
    const own = textOf(it.name, it.description, it.peer, it.remote, it.peer_host_name, STATES[tunnel.state], it.state);
    const found = tunnel.pseudowires.filter(each => {
      if (onlyWrong && !isWrong(each.state)) return false;
      const pw = each.it;
      const text = textOf(`${it.name}/${pw.name}`, pw.description, pw.interface, pw.attachment, pw.type,
        pw.client?.address, STATES[each.state], pw.not_forwarding_because, pw.warnings, own);
      return words.every(word => text.includes(word));
    }).sort((one, other) => worse(one.state, other.state));
    all += tunnel.pseudowires.length;
    matching += found.length;
    const isFound = words.every(word => own.includes(word)) && (!onlyWrong || isWrong(tunnel.state));
    if (found.length === 0 && !isFound) continue;
    const part = found.slice(0, left);
    if (part.length === 0 && found.length > 0 || sections.length >= LIST_TUNNELS) continue;
    left -= part.length;
    if (!blocks.has(it.name)) blocks.set(it.name, newBlock(tunnel));
    const block = blocks.get(it.name);
    fillBlock(block, tunnel, part, look);
    sections.push(block.section);
  }
  arrange(place, sections);
  const shown = LIST_PSEUDOWIRES - left;
  say(counter, matching > shown ? `The first ${shown} of ${count(matching, "pseudowire")}: the filter finds the others.`
    : matching < all ? `${matching} of ${count(all, "pseudowire")}` : "");
  const keys = new Set(tunnels.flatMap(tunnel => tunnel.pseudowires.map(each => each.key)));
  for (const key of rows.keys()) if (!keys.has(key)) rows.delete(key);
  const names = new Set(tunnels.map(tunnel => tunnel.it.name));
  for (const name of blocks.keys()) if (!names.has(name)) blocks.delete(name);
}
