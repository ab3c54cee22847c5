/** What each box says under a lens: state, freshness, owner, tool, duration, cost, what would run now. Pure. */
import type { AssetState, GraphDocument, Node, PromiseDocument, Spent } from "../api/types";
import { age, count, duration, money } from "../parts/format";
import { shown, type Shown } from "../parts/states";
import { promised, stateOf } from "../project";
import { toolColour, type Colours } from "./colours";
import type { Mark } from "./draw";

export const LENSES = [["state", "State"], ["freshness", "Freshness"], ["owner", "Owner"], ["tool", "Tool"], ["duration", "Duration"], ["cost", "Cost"], ["next", "Would run now"]] as const;
export type Lens = (typeof LENSES)[number][0];

/** What the lenses look at. `cost` and `next` are asked for when their lens is chosen. */
export interface Looked {
  status: ReadonlyMap<string, AssetState>;
  promises: ReadonlyMap<string, PromiseDocument>;
  cost: ReadonlyMap<string, Spent> | null;
  next: ReadonlyMap<string, string> | null; // decisions
  now: number;
}

const plain = (label: string): Shown => ({ label, tone: "idle", sign: "dashed" });
const DECIDED: Record<string, string> = { build: "Would run", reuse: "Up to date", maybe: "Maybe", skip: "Not built" };

function said(node: Node, lens: Lens, { status, promises, cost, next, now }: Looked): { state: Shown; note: string } {
  const state = status.get(node.id);
  const last = shown(stateOf(state));
  const old = age(state?.made_at, now);
  const promise = promises.get(node.id);
  if (lens === "freshness") return promise ? { state: shown(promised(promise)), note: age(promise.as_of_at, now) } : { state: state?.made_at ? { ...last, label: `${old} old` } : plain("Not built yet"), note: "" };
  if (lens === "duration") return { state: state?.seconds != null ? { ...last, label: duration(state.seconds) } : plain("Not timed"), note: old };
  if (lens === "owner") return { state: node.owner ? { ...last, label: node.owner } : plain("No owner"), note: "" };
  if (lens === "tool") return { state: node.tool ? { ...last, label: node.tool } : plain("No tool"), note: "" };
  if (lens === "cost") {
    const spent = cost?.get(node.id);
    return { state: spent ? { ...last, label: money(spent.money) || duration(spent.seconds) } : plain(cost ? "Nothing spent" : "…"), note: spent ? `${spent.runs}×` : "" };
  }
  if (lens === "next") {
    const decision = next?.get(node.id);
    return { state: decision ? { ...shown(decision), label: DECIDED[decision] ?? decision } : plain(next ? "Not built" : "…"), note: old };
  }
  // A promise that is not kept says more than that the last build went well.
  if (promise && promise.state !== "ok" && promise.state !== "unknown" && last.tone !== "bad") return { state: shown(promised(promise)), note: old };
  return { state: last, note: old };
}

const FIRST = ["bad", "warn", "risk", "accent"] as const;

/** A closed group: how many of its members are in the worst state there is, or what all have in common. */
function together(node: Node, lens: Lens, looked: Looked): { state: Shown; note: string } {
  const members = (node.members ?? []).map((id) => said({ ...node, id, kind: "table" }, lens, looked).state);
  if (lens === "cost" || lens === "duration") {
    const sum = (node.members ?? []).reduce((total, id) => total + ((lens === "cost" ? looked.cost?.get(id)?.seconds : looked.status.get(id)?.seconds) ?? 0), 0);
    return { state: plain(duration(sum) || "0:00"), note: "" };
  }
  for (const tone of FIRST) {
    const of = members.filter((state) => state.tone === tone);
    if (of.length > 0) return { state: { ...of[0]!, label: `${count(of.length)} ${of[0]!.label.toLowerCase()}` }, note: "" };
  }
  const labels = new Set(members.map((state) => state.label));
  if (labels.size === 1 && members[0]?.tone === "idle") return { state: members[0], note: "" };
  if (lens !== "freshness" && labels.size === 1 && members[0]) return { state: { ...members[0], label: lens === "owner" || lens === "tool" ? members[0].label : `all ${members[0].label.toLowerCase()}` }, note: "" };
  const good = members.filter((state) => state.tone === "ok" || state.tone === "reuse");
  return good.length === members.length && good[0] ? { state: { ...good[0], label: "all good" }, note: "" } : { state: plain(`${good.length} of ${members.length} made`), note: "" };
}

export function lensed(graph: GraphDocument, lens: Lens, looked: Looked, of: Colours): Mark[] {
  return graph.nodes.map((node) => {
    const group = node.kind === "group";
    const { state, note } = group ? together(node, lens, looked) : said(node, lens, looked);
    return { label: group ? node.label.split("/").slice(-2).join("/") : node.label, group, size: node.size ?? 1, tool: toolColour(of, node.tool ?? "", node.kind), state, note };
  });
}
