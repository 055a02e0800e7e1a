"use strict";
// The meaning of the status, in the few states that the page shows, and the traffic that its counters tell of.

// From the worst to the best.
const STATES = {
  down: "down", alarm: "up, with a warning", unsure: "not verifiable", up: "up", off: "off",
};
const SHORT = { ...STATES, alarm: "warning" };
const OFF_BY = { "site-file": "off by the site file", command: "off by a command" };
const RANK = Object.keys(STATES);
const worse = (one, other) => RANK.indexOf(one) - RANK.indexOf(other);
const worseTunnel = (one, other) => worse(one.worst, other.worst) || worse(one.state, other.state);
const isWrong = state => state === "down" || state === "alarm";

function pseudowireState(pseudowire, tunnel) {
  if (pseudowire.disabled || tunnel.disabled) return "off";
  if (!pseudowire.forwarding) return "down";
  if (!pseudowire.verified) return "unsure";
  return pseudowire.warnings.length > 0 ? "alarm" : "up";
}

// Nothing shows that the peer of a static tunnel is there, unless a pseudowire's liveness does.
function tunnelState(tunnel) {
  if (tunnel.disabled) return "off";
  if (tunnel.state !== "established") return "down";
  return tunnel.signalling === "none" && !tunnel.pseudowires.some(each => each.verified) ? "unsure" : "up";
}

// The tunnels with their states and those of their pseudowires, in the order of the file.
function model(status) {
  return status.tunnels.map((tunnel, index) => {
    const pseudowires = tunnel.pseudowires.map(each => (
      { it: each, key: JSON.stringify([tunnel.name, each.name]), state: pseudowireState(each, tunnel) }));
    const state = tunnelState(tunnel);
    const worst = pseudowires.map(each => each.state).filter(isWrong).sort(worse)[0];
    const counts = RANK.map(each => [each, pseudowires.filter(one => one.state === each).length])
      .filter(each => each[1] > 0);
    return {
      it: tunnel, id: `tunnel-${index}`, state, worst: isWrong(state) ? state : worst ?? state, pseudowires, counts,
    };
  });
}

const HISTORY_MILLISECONDS = 300_000;
const HISTORY_POINTS = 160;
// With more pseudowires than this the page remembers less of each.
const MANY_PSEUDOWIRES = 1000;
const HISTORY_POINTS_OF_MANY = 30;

// The rates of one pseudowire, from counters that follow one another. A point without a rate is a gap.
class Traffic {
  points = [];
  last = null;

  // A moment is on the exporter's clock; without one, the page's own time has to do.
  take(pseudowire, time, limit, moment) {
    const counters = pseudowire.counters;
    const now = counters && {
      time: moment ?? time, isOnItsClock: moment !== undefined, session: pseudowire.local_session_id,
      receive: counters.received_octets, receivePackets: counters.received_packets,
      transmit: counters.transmitted_octets, transmitPackets: counters.transmitted_packets,
    };
    const last = this.last;
    this.last = now;
    const point = { time };
    // Counters that go back, or another Session ID, are those of a new session.
    const isSame = now && last && now.session === last.session && now.time > last.time
      && now.isOnItsClock === last.isOnItsClock
      && now.receivePackets >= last.receivePackets && now.transmitPackets >= last.transmitPackets
      && now.receive >= last.receive && now.transmit >= last.transmit;
    if (isSame) {
      const seconds = (now.time - last.time) / 1000;
      point.receive = (now.receive - last.receive) * 8 / seconds;
      point.transmit = (now.transmit - last.transmit) * 8 / seconds;
      point.receivePackets = (now.receivePackets - last.receivePackets) / seconds;
      point.transmitPackets = (now.transmitPackets - last.transmitPackets) / seconds;
    }
    this.points.push(point);
    while (this.points.length > limit || time - this.points[0].time > HISTORY_MILLISECONDS) this.points.shift();
  }

  get now() { return this.points[this.points.length - 1] ?? {}; }
}

const traffic = new Map();

function takeTraffic(tunnels, time, moment) {
  const all = tunnels.flatMap(tunnel => tunnel.pseudowires);
  const limit = all.length > MANY_PSEUDOWIRES ? HISTORY_POINTS_OF_MANY : HISTORY_POINTS;
  for (const each of all) {
    if (!traffic.has(each.key)) traffic.set(each.key, new Traffic());
    traffic.get(each.key).take(each.it, time, limit, moment);
  }
  const keys = new Set(all.map(each => each.key));
  for (const key of traffic.keys()) if (!keys.has(key)) traffic.delete(key);
}

// The rates of all pseudowires of a tunnel together; undefined where none is known.
function total(tunnel, direction) {
  const known = tunnel.pseudowires.map(each => traffic.get(each.key)?.now[direction])
    .filter(each => each !== undefined);
  return known.length > 0 ? known.reduce((sum, each) => sum + each, 0) : undefined;
}

// `1.2 Mbit/s`, and `1.2M packets/s` for a unit that begins with a space.
function scaled(value, unit) {
  if (value === undefined) return "–";
  const prefixes = ["", "k", "M", "G", "T"];
  let step = 0;
  while (value >= 999.5 && step < prefixes.length - 1) [value, step] = [value / 1000, step + 1];
  const digits = value >= 99.5 || (step === 0 && (value >= 10 || value === 0)) ? 0 : 1;
  return `${value.toFixed(digits)}${unit[0] === " " ? "" : " "}${prefixes[step]}${unit}`;
}

const count = (number, one, many = one + "s") => `${number} ${number === 1 ? one : many}`;

function age(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} days`;
}

// A date of the status as a clock of today, or with its day.
function clock(date, now) {
  const time = date.toTimeString().slice(0, 8);
  if (date.toDateString() === now.toDateString()) return time;
  const two = number => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
}
