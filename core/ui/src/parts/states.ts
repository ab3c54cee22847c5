/** One set of states for all pages: every word that the store or a tool uses has a label, a tone and a sign. */
export type Tone = "ok" | "bad" | "warn" | "idle" | "accent" | "reuse" | "risk";
export type Sign =
  | "disc" | "octagon" | "triangle" | "clock" | "arc" | "dashed" | "loop" | "slash" | "question" | "broken" | "square" | "pause" | "hourglass";

export interface Shown {
  label: string;
  tone: Tone;
  sign: Sign;
}

const say = (label: string, tone: Tone, sign: Sign): Shown => ({ label, tone, sign });

const SHOWN: Record<string, Shown> = {
  succeeded: say("Succeeded", "ok", "disc"),
  success: say("Built", "ok", "disc"),
  pass: say("Passed", "ok", "disc"),
  no_op: say("No change", "ok", "disc"),
  failed: say("Failed", "bad", "octagon"),
  fail: say("Failed", "bad", "octagon"),
  error: say("Failed", "bad", "octagon"),
  partial: say("Partly failed", "bad", "octagon"),
  warn: say("Warned", "warn", "triangle"),
  late: say("Late", "warn", "clock"),
  missed: say("Missed", "warn", "clock"),
  fresh: say("Fresh", "ok", "disc"),
  at_risk: say("At risk", "risk", "hourglass"),
  broken: say("Broken", "bad", "clock"),
  unknown: say("Unknown", "idle", "question"),
  muted: say("Muted", "idle", "pause"),
  over: say("Over", "ok", "disc"),
  running: say("Running", "accent", "arc"),
  retrying: say("Retrying", "accent", "arc"),
  stopping: say("Stopping", "accent", "arc"),
  queued: say("Queued", "idle", "dashed"),
  waiting: say("Waiting", "idle", "dashed"),
  pending: say("Waiting", "idle", "dashed"),
  reused: say("Reused", "reuse", "loop"),
  reuse: say("Up to date", "reuse", "loop"),
  skipped: say("Skipped", "idle", "slash"),
  skip: say("Skipped", "idle", "slash"),
  left: say("Left", "idle", "slash"),
  coalesced: say("Coalesced", "idle", "slash"),
  nothing: say("Nothing to do", "idle", "slash"),
  ended: say("Ended", "ok", "disc"),
  interrupted: say("Interrupted", "warn", "broken"),
  detached: say("Detached", "warn", "broken"),
  cancelled: say("Cancelled", "idle", "square"),
  paused: say("Paused", "warn", "pause"),
  build: say("Build", "accent", "arc"),
  maybe: say("Maybe", "risk", "question"),
  never: say("Not built yet", "idle", "dashed"),
  stream: say("Stream", "idle", "dashed"),
  exposure: say("Exposure", "idle", "dashed"),
};

/** How a state is shown. A word that this page does not know is shown as it is. */
export function shown(state: string | null | undefined): Shown {
  const word = (state ?? "never").toLowerCase();
  return SHOWN[word] ?? say(word.charAt(0).toUpperCase() + word.slice(1).replaceAll("_", " "), "idle", "dashed");
}

/** A check is not built: what is good for an asset is "passed" for a check. */
export const checked = (outcome: string | null | undefined): string => (outcome === "success" ? "pass" : (outcome ?? "pending"));
export const isBad = (state: string | null | undefined): boolean => shown(state).tone === "bad";
const ENDED = new Set(["succeeded", "failed", "cancelled", "interrupted", "detached"]);
export const isLive = (state: string): boolean => !ENDED.has(state);

/** What was decided of an item; what is decided once something else is made is planned as a build. */
export const decided = (item: { decision: string; code: string }): string => (item.code === "undecided" ? "maybe" : item.decision);
