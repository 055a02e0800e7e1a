// The verdict on all of it in a sentence, and the stream that keeps the page up to date.

const PROBLEM_LINES = 12;
// After this long without a word of the exporter, the status that is shown counts as old.
const STALE_MILLISECONDS = 7000;
const RETRY_MILLISECONDS = 4000;
const SILENCE_MILLISECONDS = 30_000;

const page = Object.fromEntries(["site", "facts", "verdict", "since", "problems", "picture", "legend", "filter",
  "wrong", "count", "list"].map(id => [id, document.getElementById(id)]));

let status = null;
let tunnels = [];
let fault = null;
let received = 0;
let receivedAt = null;

// The dates of the status in the reader's words. The clock of the daemon counts, not that of the reader.
function look() {
  const now = new Date(Date.parse(status.now));
  const clockOf = text => clock(new Date(text), now);
  const since = text => Date.parse(text) > 0 ? `since ${clockOf(text)} (${age(now - Date.parse(text))})` : "";
  return { clock: clockOf, since, ago: text => `${age(now - Date.parse(text))} ago`, time: received };
}

// The faults, the worst first: a subject, a text, since when.
function problemsOf(status, tunnels) {
  const lines = [];
  const add = (state, subject, text, since) => lines.push({ state, subject, text, since });
  for (const text of status.problems) add("down", "site", text);
  if (status.site_file_refused && status.problems.length === 0) add("down", "site", "the site file was refused");
  for (const bridge of status.bridges) for (const text of bridge.problems) add("down", `bridge ${bridge.name}`, text);
  for (const plugin of status.plugins) {
    const texts = plugin.state === "running" ? plugin.problems : [plugin.state, ...plugin.problems];
    if (texts.length > 0) add("down", `plugin ${plugin.name}`, texts.join("; "), plugin.since);
  }
  for (const { it, state, pseudowires } of tunnels) {
    if (state !== "down") continue;
    const error = it.last_error ? `: ${it.last_error.message}` : "";
    const hit = pseudowires.filter(each => each.state === "down").length;
    add("down", `tunnel ${it.name}`, `is not established (${it.state})${error}`
      + (hit > 0 ? `; ${hit} of its pseudowires ${hit === 1 ? "does" : "do"} not forward` : ""), it.since);
  }
  // Those of a tunnel that is down follow from it.
  const others = tunnels.filter(each => each.state !== "down")
    .flatMap(tunnel => tunnel.pseudowires.map(each => ({ ...each, name: `${tunnel.it.name}/${each.it.name}` })));
  for (const { it, state, name } of others) {
    if (state !== "down") continue;
    add("down", name, it.not_forwarding_because.join("; ") || "does not forward", it.forwarding_since);
  }
  for (const { it, state, name } of others) if (state === "alarm") add("alarm", name, it.warnings.join("; "));
  return lines;
}

const ofAll = (some, all, one, [singular, plural]) =>
  `${some} of ${count(all, one)} ${some === 1 ? singular : plural}`;

// One sentence: whether all is well, and since when that is so.
function verdictOf(status, tunnels, problems) {
  const pseudowires = tunnels.flatMap(each => each.pseudowires);
  const number = (list, state) => list.filter(each => each.state === state).length;
  const [down, silent] = [number(tunnels, "down"), number(pseudowires, "down")];
  const faults = faultsOf(status, down, tunnels.length, silent, pseudowires.length);
  const [alarm, unsure, off] = ["alarm", "unsure", "off"].map(state => number(pseudowires, state));
  const offTunnels = number(tunnels, "off");
  const isPutDown = [...tunnels, ...pseudowires].some(each => each.it.disabled === "command");
  const remarks = [
    alarm > 0 && count(alarm, "pseudowire has a warning", "pseudowires have warnings"),
    unsure > 0 && `${count(unsure, "pseudowire is", "pseudowires are")} not verifiable`,
    offTunnels > 0 && `${count(offTunnels, "tunnel is", "tunnels are")} off`,
    off > 0 && `${count(off, "pseudowire is", "pseudowires are")} off`,
  ].filter(Boolean);
  const rest = remarks.length > 0 ? `; ${remarks.join(", ")}.` : ".";
  if (faults.length > 0) {
    const since = problems.filter(each => each.state === "down").map(each => each.since).filter(Boolean).sort()[0];
    const sentence = faults.join("; ").replace(/^./, first => first.toUpperCase());
    return { level: "bad", sentence: sentence + rest, since, words: "Something has been wrong" };
  }
  const dates = [...tunnels.map(each => each.it.since), ...pseudowires.map(each => each.it.forwarding_since)];
  const since = dates.sort().at(-1);
  const up = count(tunnels.length - offTunnels, "tunnel is established", "tunnels are established");
  const forwarding = count(pseudowires.length - off - unsure, "pseudowire forwards", "pseudowires forward");
  const well = tunnels.length === 0 ? "All is well, but the site has no tunnels"
    : `${alarm + unsure > 0 || isPutDown ? "No fault is known" : "All is well"}: ${up}, ${forwarding}`;
  const level = alarm > 0 || isPutDown ? "warn" : "good";
  return { level, sentence: well + rest, since, words: "Nothing has changed" };
}

function faultsOf(status, down, tunnels, silent, pseudowires) {
  const faults = [];
  if (down > 0) faults.push(ofAll(down, tunnels, "tunnel", ["is not established", "are not established"]));
  if (silent > 0) faults.push(ofAll(silent, pseudowires, "pseudowire", ["does not forward", "do not forward"]));
  if (status.site_file_refused) faults.push("the site file was refused");
  else if (status.problems.length > 0) faults.push(`the site has ${count(status.problems.length, "problem")}`);
  const bridges = status.bridges.filter(each => each.problems.length > 0);
  if (bridges.length === 1) faults.push(`the bridge ${bridges[0].name} is not as declared`);
  if (bridges.length > 1) faults.push(`${bridges.length} bridges are not as declared`);
  const plugins = status.plugins.filter(each => each.state !== "running" || each.problems.length > 0);
  if (plugins.length === 1) faults.push(`the plugin ${plugins[0].name} has a problem`);
  if (plugins.length > 1) faults.push(`${plugins.length} plugins have problems`);
  return faults;
}

function showProblems(problems, seen) {
  const now = JSON.stringify(problems.map(each => [each.state, each.subject, each.text, seen.since(each.since)]));
  if (page.problems.dataset.now === now) return;
  page.problems.dataset.now = now;
  page.problems.replaceChildren(...problems.slice(0, PROBLEM_LINES).map(each => {
    const item = make(null, "li", { class: each.state });
    icon(item, each.state);
    const text = make(item, "span", {}, make(null, "strong", {}, each.subject), ` ${each.text}`);
    if (each.since) make(text, "span", { class: "faint" }, ` — ${seen.since(each.since)}`);
    return item;
  }));
  const more = problems.length - PROBLEM_LINES;
  if (more > 0) make(page.problems, "li", { class: "faint" }, `and ${more} more, in the list below`);
}

let drawn = "";
let pictureRates = new Map();

function showPicture() {
  const width = Math.max(300, Math.floor(page.picture.clientWidth));
  const now = JSON.stringify([width, status.site, tunnels.map(({ it, id, state, pseudowires }) =>
    [id, it.name, it.peer, it.remote, state, pseudowires.map(each => [each.it.name, each.state])])]);
  if (now !== drawn) {
    // The focus stays on the tunnel that has it.
    const focused = page.picture.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    drawn = now;
    pictureRates = drawPicture(page.picture, status.site, tunnels, width);
    if (focused) [...page.picture.querySelectorAll("a")].find(each => each.getAttribute("href") === focused)?.focus();
  }
  for (const tunnel of tunnels) {
    const node = pictureRates.get(tunnel.id);
    if (!node) continue;
    const [receive, transmit] = [total(tunnel, "receive"), total(tunnel, "transmit")];
    if (receive !== undefined) say(node, `↓ ${scaled(receive, "bit/s")}  ↑ ${scaled(transmit, "bit/s")}`);
    else say(node, tunnel.pseudowires.length === 0 ? "no pseudowires" : "no traffic known");
  }
}

function showStatus() {
  if (!status) return;
  const seen = look();
  const problems = problemsOf(status, tunnels);
  const verdict = verdictOf(status, tunnels, problems);
  say(page.site, status.site);
  const { kind, reason } = status.data_plane;
  say(page.facts, `${kind} data plane (${reason}) · pwmgr ${status.version} · up ${seen.since(status.started)}`);
  showFreshness(verdict, seen);
  // The title of the window is seen all the same.
  if (document.hidden) return;
  showProblems(problems, seen);
  showPicture();
  showList(page.list, page.count, tunnels, page.filter.value, page.wrong.checked, seen);
}

// Whether it is still so: the sentence, the colour of it, and the title of the window.
function showFreshness(verdict, seen) {
  const isOld = performance.now() - lastWord > STALE_MILLISECONDS;
  const isStale = fault !== null || isOld;
  const last = receivedAt
    && `All below is old: the last good answer came at ${receivedAt.toTimeString().slice(0, 8)}.`;
  if (isStale) {
    document.body.className = `stale${status ? "" : " waiting"}`;
    const why = fault === null || isOld && !fault.isOfDaemon ? "The exporter does not answer" : fault.words;
    say(page.verdict, `${why.replace(/^./, first => first.toUpperCase())}. ${last ?? "There was no good answer yet."}`);
    say(page.since, "");
    document.title = `? ${status?.site ?? "pwmgr"}: no answer`;
    return;
  }
  if (!verdict) return;
  document.body.className = verdict.level;
  say(page.verdict, verdict.sentence);
  say(page.since, verdict.since ? `${verdict.words} ${seen.since(verdict.since)}.` : "");
  document.title = `${{ bad: "✕", warn: "!", good: "✓" }[verdict.level]} ${status.site}: ${
    { bad: "something is wrong", warn: "warnings", good: "well" }[verdict.level]}`;
}

// A status that cannot be shown must not leave an earlier one behind that looks well.
function take(text, moment) {
  try {
    takeStatus(JSON.parse(text), moment);
  } catch (error) {
    takeFault(`this page cannot show the status (${error.message}): load it again`, true);
  }
}

// The moment is that of the exporter's look, in its milliseconds: events may wait on their way and come together.
function takeStatus(answer, moment) {
  const now = performance.now();
  status = answer;
  [received, receivedAt, fault] = [now, new Date(), null];
  heard = lastWord = now;
  tunnels = model(status);
  takeTraffic(tunnels, now, moment);
  showStatus();
}

function takeFault(words, isOfDaemon) {
  fault = { words, isOfDaemon };
  showFreshness();
}

let source = null;
let heard = performance.now();
let lastWord = heard;
let lastLook = "";

function connect() {
  source?.close();
  heard = performance.now();
  source = new EventSource("events");
  source.onmessage = event => {
    // After a connection was made anew the same look may come again.
    if (event.lastEventId === lastLook) {
      heard = lastWord = performance.now();
      return;
    }
    lastLook = event.lastEventId;
    take(event.data, Number(event.lastEventId));
  };
  source.addEventListener("quiet", () => { heard = lastWord = performance.now(); });
  source.addEventListener("fault", event => {
    heard = lastWord = performance.now();
    takeFault(JSON.parse(event.data), true);
  });
  source.onerror = () => {
    // Too many listen already, or a proxy does not pass streams on: it is asked once, and the stream tried again.
    if (source.readyState !== EventSource.CLOSED) return;
    poll();
    setTimeout(connect, RETRY_MILLISECONDS);
  };
}

async function poll() {
  try {
    const answer = await fetch("status.json", { cache: "no-store" });
    const text = await answer.text();
    if (answer.ok) take(text);
    else takeFault(text.trim(), true);
  } catch {
    takeFault("the exporter does not answer", false);
  }
}

drawLegend(page.legend);
page.filter.addEventListener("input", showStatus);
page.wrong.addEventListener("change", showStatus);
document.addEventListener("visibilitychange", showStatus);
new ResizeObserver(() => { if (status) showPicture(); }).observe(page.picture);
setInterval(() => {
  if (received > 0) showFreshness();
  else if (performance.now() - heard > STALE_MILLISECONDS) takeFault("the exporter does not answer", false);
  // A connection may be dead without a word, as after a sleep.
  if (performance.now() - heard > SILENCE_MILLISECONDS) connect();
}, 1000);
connect();
